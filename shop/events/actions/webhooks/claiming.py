"""Taking deliveries that are due: each by one sender, and of each webhook no more than its places.

So one that does not answer has its own places full, and nobody else's. A sender counts what it has
taken itself: another one, beside another relay, has as many places again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from standardwebhooks import Webhook as Signer

from shop.events.models import Delivery, Webhook
from shop.events.queries import due_deliveries, webhooks_with_due_deliveries
from shop.events.rules import AT_ONCE_FOR_ONE, AT_ONCE_WHILE_FAILING, DELIVERY_LEASE
from shop.lib.outbound import Letter
from shop.lib.transactions import retry_conflicts


@dataclass(frozen=True, slots=True)
class Sending:
    """A claimed delivery: what is sent, where to, and until when it is ours."""

    delivery_id: int
    webhook_id: int
    begun_at: datetime
    until: datetime
    letter: Letter


def claim(on_their_way: Mapping[int, int]) -> list[Sending]:
    """Take what is due and has a place; `on_their_way` are the places that are taken, by webhook.

    What is taken is due again when its lease has passed: should we die, it is sent once more.
    """
    claimed: list[Sending] = []
    for hook in webhooks_with_due_deliveries():
        places = AT_ONCE_WHILE_FAILING if hook.failing_since else AT_ONCE_FOR_ONE
        room = places - on_their_way.get(hook.pk, 0)
        if room > 0:
            claimed += _claim(hook, room)
    return claimed


def _claim(hook: Webhook, room: int) -> Sequence[Sending]:
    return retry_conflicts(lambda: _claim_once(hook, room))


@transaction.atomic(durable=True)
def _claim_once(hook: Webhook, room: int) -> Sequence[Sending]:
    now = timezone.now()
    rows = _lock_due(hook, now, room)
    until = now + DELIVERY_LEASE
    Delivery.objects.filter(id__in=[row.pk for row in rows]).update(due_at=until)
    return [Sending(row.pk, hook.pk, now, until, _letter(hook, row, now)) for row in rows]


def _lock_due(hook: Webhook, now: datetime, room: int) -> Sequence[Delivery]:
    """Return the first that are due and that nobody else is taking at this moment."""
    skip_locked = connection.features.has_select_for_update_skip_locked
    due = due_deliveries(now).filter(webhook=hook).order_by("due_at", "id")
    return list(due.select_for_update(skip_locked=skip_locked)[:room])


def _letter(hook: Webhook, row: Delivery, now: datetime) -> Letter:
    """Return a delivery as it is sent now, signed with each secret that counts."""
    secrets = [hook.secret]
    if hook.former_secret and hook.former_secret_until and hook.former_secret_until > now:
        secrets.append(hook.former_secret)
    signatures = [Signer(secret).sign(row.message_id, now, row.body) for secret in secrets]
    return Letter(
        url=hook.url,
        headers={
            "Content-Type": "application/json",
            "User-Agent": f"NovaShop/{settings.VERSION}",
            "webhook-id": row.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        },
        body=row.body.encode(),
    )

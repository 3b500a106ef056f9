"""What staff do to webhooks: add, change, enable, disable and remove them, and change secrets."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from shop.events.actions.registering import kinds
from shop.events.errors import InvalidWebhookUrl, TooManyWebhooks, UnknownEvents, UnknownWebhook
from shop.events.models import Delivery, Webhook
from shop.events.rules import (
    EVERY_EVENT,
    FORMER_SECRET_FOR,
    LONGEST_DESCRIPTION,
    MOST_WEBHOOKS,
    DeliveryState,
    WebhookState,
)
from shop.lib.outbound import InvalidUrlError, destination_of, may_be_called
from shop.lib.texts import check_lines
from shop.lib.transactions import durable, require_transaction

# Of the form that receivers of Standard Webhooks take.
_SECRET_PREFIX = "whsec_"  # noqa: S105  (what secrets begin with)
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook that was added, and its secret, which nobody is shown again."""

    id: int
    secret: str


@durable
def add_webhook(*, url: str, event_names: Sequence[str], description: str = "") -> NewWebhook:
    """Let a program outside be told of these events, or of every event: EVERY_EVENT.

    Raises InvalidWebhookUrl, UnknownEvents, UnprintableText or TooManyWebhooks.
    """
    facts = _checked({"url": url, "event_names": event_names, "description": description})
    if Webhook.objects.count() >= MOST_WEBHOOKS:
        raise TooManyWebhooks(limit=MOST_WEBHOOKS)
    now = timezone.now()
    row = Webhook.objects.create(**facts, secret=_new_secret(), state_since=now, created_at=now)
    return NewWebhook(row.pk, row.secret)


@durable
def change_webhook(*, webhook_id: int, changes: Mapping[str, Any]) -> None:
    """Change `url`, `event_names` or `description`.

    Raises UnknownWebhook, InvalidWebhookUrl, UnknownEvents or UnprintableText.
    """
    row = _locked(webhook_id)
    facts = _checked(changes)
    for name, value in facts.items():
        setattr(row, name, value)
    if facts:
        row.save(update_fields=list(facts))


@durable
def rotate_webhook_secret(*, webhook_id: int) -> str:
    """Return a new secret; for a day what is sent is signed with the one before as well.

    Raises UnknownWebhook.
    """
    row = _locked(webhook_id)
    row.former_secret, row.secret = row.secret, _new_secret()
    row.former_secret_until = timezone.now() + FORMER_SECRET_FOR
    row.save(update_fields=["secret", "former_secret", "former_secret_until"])
    return row.secret


@durable
def enable_webhook(*, webhook_id: int) -> None:
    """Let it be told again, what waits for it first; nothing, where it is told now.

    Raises UnknownWebhook.
    """
    row = _locked(webhook_id)
    if row.state == WebhookState.ENABLED.value:
        return
    now = timezone.now()
    row.state, row.state_since, row.failing_since = WebhookState.ENABLED.value, now, None
    row.save(update_fields=["state", "state_since", "failing_since"])
    # Their day begins anew.
    waiting = Delivery.objects.filter(webhook=row, state=DeliveryState.WAITING.value)
    waiting.update(due_at=now, tries=0, tried_since=None)


@durable
def disable_webhook(*, webhook_id: int) -> None:
    """Tell it nothing any more; what waits for it stays. Raises UnknownWebhook."""
    row = _locked(webhook_id)
    if row.state == WebhookState.ENABLED.value:
        row.state, row.state_since = WebhookState.OFF.value, timezone.now()
        row.save(update_fields=["state", "state_since"])


@durable
def remove_webhook(*, webhook_id: int) -> None:
    """Remove it, with what is known of its deliveries. Raises UnknownWebhook."""
    row = _locked(webhook_id)
    # An answer that is being written down is there before, and nobody writes another one down.
    list(row.deliveries.select_for_update().order_by("id").values_list("id"))
    row.delete()


def _locked(webhook_id: int) -> Webhook:
    """Return a webhook that nobody else can change meanwhile. Raises UnknownWebhook."""
    require_transaction()
    row = Webhook.objects.select_for_update().filter(id=webhook_id).first()
    if row is None:
        raise UnknownWebhook(webhook_id=webhook_id)
    return row


def _checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts of a webhook as they are kept. Raises what is wrong with them."""
    kept = dict(facts)
    if "url" in kept:
        kept["url"] = kept["url"].strip()
        _check_url(kept["url"])
    if "event_names" in kept:
        kept["event_names"] = _checked_names(kept["event_names"])
    if "description" in kept:
        kept["description"] = kept["description"].strip()[:LONGEST_DESCRIPTION]
        check_lines(description=kept["description"])
    return kept


def _check_url(url: str) -> None:
    """Refuse what can be seen to lead nowhere we go; names are looked up when something is sent."""
    try:
        destination = destination_of(url)
    except InvalidUrlError as error:
        raise InvalidWebhookUrl(problem=error.problem.value) from error
    if not (destination.is_encrypted or settings.WEBHOOK_NETWORKS):
        raise InvalidWebhookUrl(problem="not https")
    is_address = destination.is_address
    if is_address and not may_be_called(destination.host, also=settings.WEBHOOK_NETWORKS):
        raise InvalidWebhookUrl(problem="private")


def _checked_names(names: Sequence[str]) -> list[str]:
    """Return chosen events, each once; every event is more than any others."""
    unknown = sorted(set(names) - kinds.keys() - {EVERY_EVENT})
    if unknown or not names:
        raise UnknownEvents(names=", ".join(unknown) or "none")
    return [EVERY_EVENT] if EVERY_EVENT in names else sorted(set(names))


def _new_secret() -> str:
    return _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")

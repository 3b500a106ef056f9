"""Webhooks of these tests, their receivers, and what became of what was sent."""

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta

from django.utils import timezone

from shop.events import actions
from shop.events.actions import WebhookSender
from shop.events.models import Delivery, DeliveryAttempt, Webhook
from shop.events.rules import EVERY_EVENT
from shop.events.tests.telling import tell
from shop.lib.outbound import Limits
from tests.peers import Peer

QUICK = Limits(connect_seconds=0.5, total_seconds=1.0)


def hook_to(other: Peer, *names: str, path: str = "/hook") -> Webhook:
    """Let a receiver be told of these events, or of all."""
    added = actions.add_webhook(url=other.url(path), event_names=names or [EVERY_EVENT])
    return Webhook.objects.get(id=added.id)


def told(name: str = "mug.broke", subject: str = "mug:1", **payload: object) -> int:
    """Emit an event and have it handled; return its number."""
    event_id = tell(name, subject, **payload)
    actions.deliver_due()
    return event_id


def sending(limits: Limits = QUICK) -> "closing[WebhookSender]":
    """Return a sender, which is closed in the end."""
    return closing(WebhookSender(limits=limits))


def send(limits: Limits = QUICK) -> None:
    """Send what is due, and wait for all answers."""
    with sending(limits) as sender:
        sender.work_until_quiet()


def states() -> list[tuple[str, int]]:
    """Return what has become of each delivery, and how often it was tried."""
    return list(Delivery.objects.order_by("id").values_list("state", "tries"))


def attempts() -> Sequence[DeliveryAttempt]:
    """Return all attempts, in their order."""
    return list(DeliveryAttempt.objects.order_by("id"))


def waits() -> list[timedelta]:
    """Return for how long each delivery that waits is not due yet."""
    due = Delivery.objects.filter(due_at__isnull=False).order_by("id")
    return [due_at - timezone.now() for due_at in due.values_list("due_at", flat=True) if due_at]

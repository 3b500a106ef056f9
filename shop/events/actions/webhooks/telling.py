"""Writing down what has to be sent: of an event to all who want it, as a test, or once more."""

from collections.abc import Collection
from uuid import uuid4

from django.utils import timezone

from shop.events.errors import UnknownDelivery, WebhookIsOff
from shop.events.models import Delivery, Event, Webhook
from shop.events.queries import enabled_webhooks, find_webhook
from shop.events.rules import (
    TEST_EVENT,
    DeliveryState,
    WebhookState,
    body_of,
    message_id_of,
    wants,
)
from shop.lib.transactions import durable, require_transaction


def tell_webhooks(*, event_id: int) -> None:
    """Write down a delivery of an event for each webhook that wants it, unless there is one."""
    require_transaction()
    event = Event.objects.get(id=event_id)
    hooks = [hook for hook in enabled_webhooks() if wants(hook.event_names, event.name)]
    if not hooks:
        return
    now = timezone.now()
    body = body_of(
        name=event.name,
        subject=event.subject,
        payload=event.payload,
        version=event.version,
        told_at=event.created_at,
    )
    # An event that is replayed is there already for whoever has got it before.
    Delivery.objects.bulk_create(
        [
            Delivery(
                webhook=hook,
                event_number=event.id,
                message_id=message_id_of(event.id, event.created_at),
                event_name=event.name,
                body=body,
                due_at=now,
                created_at=now,
            )
            for hook in hooks
        ],
        ignore_conflicts=True,
    )


@durable
def send_test_event(*, webhook_id: int) -> int:
    """Send a webhook something to try it out, whatever events it has chosen; return its number.

    Raises UnknownWebhook or WebhookIsOff.
    """
    hook = find_webhook(webhook_id)
    if hook.state != WebhookState.ENABLED.value:
        raise WebhookIsOff(url=hook.url)
    now = timezone.now()
    payload = {"webhook_id": hook.pk}
    delivery = Delivery.objects.create(
        webhook=hook,
        message_id=f"evt_{uuid4().hex}",
        event_name=TEST_EVENT,
        body=body_of(
            name=TEST_EVENT, subject=f"webhook:{hook.pk}", payload=payload, version=1, told_at=now
        ),
        due_at=now,
        created_at=now,
    )
    return delivery.pk


@durable
def resend(*, delivery_ids: Collection[int]) -> None:
    """Send these once more, under the same ids, and for a day if they fail.

    Raises UnknownDelivery or WebhookIsOff, and then none of them is sent.
    """
    rows = Delivery.objects.select_for_update().filter(id__in=delivery_ids).order_by("id")
    found = {row.pk: row for row in rows}
    if missing := sorted(set(delivery_ids) - found.keys()):
        raise UnknownDelivery(delivery_id=missing[0])
    hooks = Webhook.objects.filter(id__in={row.webhook_id for row in found.values()})
    for hook in hooks.order_by("id"):
        if hook.state != WebhookState.ENABLED.value:
            raise WebhookIsOff(url=hook.url)
    Delivery.objects.filter(id__in=found).update(
        state=DeliveryState.WAITING.value,
        due_at=timezone.now(),
        tries=0,
        tried_since=None,
        finished_at=None,
    )

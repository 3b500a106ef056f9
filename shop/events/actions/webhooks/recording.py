"""Writing down what came of an attempt, and what follows: done, once more later, or the end."""

import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from shop.events.actions.emitting import emit
from shop.events.actions.webhooks.claiming import Sending
from shop.events.models import Delivery, DeliveryAttempt, Webhook
from shop.events.rules import (
    LONGEST_ANSWER_KEPT,
    DeliveryState,
    Outcome,
    WebhookState,
    is_given_up_on,
    outcome_of,
    wait_before_next_try,
)
from shop.lib.transactions import durable

_FORGOTTEN_AT_ONCE = 500
# What no text of ours can hold: control characters but tabs and ends of lines.
_UNKEPT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of sending something: an answer, or why there is none."""

    sending: Sending
    seconds: float
    status: int | None = None
    failure: str = ""
    address: str = ""
    answer: bytes = b""
    asked_to_wait: timedelta = timedelta(0)

    @property
    def outcome(self) -> Outcome:
        """What it means."""
        return outcome_of(self.status)


@durable
def record(results: Sequence[Result]) -> None:
    """Write down what came back, all of it together."""
    deliveries = _locked({result.sending.delivery_id for result in results})
    # Of a webhook that was removed meanwhile there are none any more.
    known = [result for result in results if result.sending.delivery_id in deliveries]
    known.sort(key=lambda result: result.sending.delivery_id)
    DeliveryAttempt.objects.bulk_create(
        _attempt(deliveries[result.sending.delivery_id], result) for result in known
    )
    for result in known:
        delivery = deliveries[result.sending.delivery_id]
        if delivery.due_at == result.sending.until:
            _settle(delivery, result)


def _locked(delivery_ids: Collection[int]) -> dict[int, Delivery]:
    rows = Delivery.objects.select_for_update().filter(id__in=delivery_ids).order_by("id")
    return {row.pk: row for row in rows}


def _attempt(delivery: Delivery, result: Result) -> DeliveryAttempt:
    said = _UNKEPT.sub("\N{REPLACEMENT CHARACTER}", result.answer.decode("utf-8", "replace"))
    return DeliveryAttempt(
        delivery=delivery,
        at=result.sending.begun_at,
        milliseconds=round(result.seconds * 1000),
        address=result.address[:200],
        status=result.status,
        failure=result.failure[:300],
        answer=said[:LONGEST_ANSWER_KEPT],
    )


def _settle(delivery: Delivery, result: Result) -> None:
    """Decide what becomes of a delivery that is ours still; nobody else has sent it meanwhile."""
    hook = Webhook.objects.filter(id=delivery.webhook_id)
    delivery.tries += 1
    delivery.tried_since = delivery.tried_since or result.sending.begun_at
    if result.outcome == Outcome.ACCEPTED:
        hook.filter(failing_since__isnull=False).update(failing_since=None)
        _finish(delivery, DeliveryState.DELIVERED)
        return
    hook.filter(failing_since__isnull=True).update(failing_since=result.sending.begun_at)
    wait = wait_before_next_try(
        tries=delivery.tries,
        tried_for=timezone.now() - delivery.tried_since,
        asked_to_wait=result.asked_to_wait,
        chance=random.random(),  # noqa: S311  (no secret hangs on it)
    )
    if result.outcome == Outcome.GONE:
        _finish(delivery, DeliveryState.GIVEN_UP)
        _end(delivery.webhook_id, WebhookState.GONE)
    elif wait is None:
        _finish(delivery, DeliveryState.GIVEN_UP)
        failing_since = hook.values_list("failing_since", flat=True).get()
        if is_given_up_on(failing_since=failing_since, tried_since=delivery.tried_since):
            _end(delivery.webhook_id, WebhookState.FAILING)
    else:
        delivery.due_at = timezone.now() + wait
        delivery.save(update_fields=["due_at", "tries", "tried_since"])


def _finish(delivery: Delivery, state: DeliveryState) -> None:
    delivery.state, delivery.due_at = state.value, None
    delivery.finished_at = timezone.now()
    delivery.save(update_fields=["state", "due_at", "tries", "tried_since", "finished_at"])


def _end(webhook_id: int, state: WebhookState) -> None:
    """Tell a webhook nothing any more, and tell the staff; once, whoever finds out first."""
    enabled = Webhook.objects.filter(id=webhook_id, state=WebhookState.ENABLED.value)
    if enabled.update(state=state.value, state_since=timezone.now()):
        # Not its address: there may be a token in it, and others hear of this as well.
        emit(
            name="webhook.disabled",
            subject=f"webhook:{webhook_id}",
            payload={"webhook_id": webhook_id, "reason": state.value.lower()},
        )


def forget_deliveries(*, before: datetime) -> int:
    """Delete deliveries that were made before then, with their attempts; return how many."""
    old = Delivery.objects.filter(created_at__lt=before).order_by("created_at")
    forgotten = 0
    # A little at a time, so that nobody waits for a long transaction.
    while ids := list(old.values_list("id", flat=True)[:_FORGOTTEN_AT_ONCE]):
        Delivery.objects.filter(id__in=ids).delete()
        forgotten += len(ids)
    return forgotten

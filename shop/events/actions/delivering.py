"""The relay: claims news that is due, has it handled, and marks it delivered."""

import logging
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from shop.events.actions.registering import Handler, handlers
from shop.events.models import Event, Receipt
from shop.events.queries import in_line
from shop.events.rules import LEASE, Notice, retry_delay
from shop.lib import metrics, requests, spans

logger = logging.getLogger(__name__)

_LONGEST_ERROR = 2000
_FORGOTTEN_AT_ONCE = 1000

_RUNS = metrics.counter(
    "novashop_handler_runs", "Runs of the handlers of events.", ["handler", "outcome"]
)

_DELIVERED = metrics.counter(
    "novashop_events_delivered", "Events that every handler has done with."
)


def deliver_due(*, limit: int = 100) -> int:
    """Deliver up to `limit` events that are due, oldest first; return how many were claimed.

    Any number of processes may do this at once: each event is claimed by one of them.
    """
    events = _claim(limit)
    delivered = [event.id for event in events if _deliver(event)]
    Event.objects.filter(id__in=delivered).update(delivered_at=timezone.now())
    _DELIVERED.inc(len(delivered))
    return len(events)


def forget_delivered(*, before: datetime) -> int:
    """Delete events that were delivered before then, with their receipts; return how many."""
    old = Event.objects.filter(delivered_at__lt=before).order_by("delivered_at")
    forgotten = 0
    # A little at a time, so that nobody waits for a long transaction.
    while ids := list(old.values_list("id", flat=True)[:_FORGOTTEN_AT_ONCE]):
        Event.objects.filter(id__in=ids).delete()
        forgotten += len(ids)
    return forgotten


def _claim(limit: int) -> Sequence[Event]:
    """Take events by moving their due time past our lease; should we die, they come due again."""
    waiting = Event.objects.filter(delivered_at__isnull=True, due_at__lte=timezone.now())
    if not waiting.exists():
        # The usual case costs no transaction: on SQLite that would take the write lock.
        return []
    with transaction.atomic(durable=True):
        skip_locked = connection.features.has_select_for_update_skip_locked
        claimed = waiting.select_for_update(skip_locked=skip_locked).order_by(*in_line())
        events = list(claimed[:limit])
        Event.objects.filter(id__in=[event.id for event in events]).update(
            due_at=timezone.now() + LEASE
        )
    return events


def _deliver(event: Event) -> bool:
    """Run every handler that has no receipt yet; tell whether all of them have one now."""
    wanted = handlers.get(event.name, {})
    if not wanted:
        return True
    done = set(Receipt.objects.filter(event=event).values_list("handler", flat=True))
    notice = Notice(id=event.id, name=event.name, subject=event.subject, payload=event.payload)
    # Whatever is written down of this, or told because of it, belongs to the request it came from.
    with requests.working_for(event.request_id, event=f"{event.id} {event.name}"):
        errors = [
            error
            for name, handler in wanted.items()
            if name not in done and (error := _handle(notice, name=name, handler=handler))
        ]
    if errors:
        _postpone(event, errors)
    return not errors


def _handle(notice: Notice, *, name: str, handler: Handler) -> str | None:
    """Run one handler together with its receipt; return what went wrong."""
    started = time.perf_counter()
    # In the trace of the request that told the news: they have the request's id in common.
    with spans.whole(spans.Kind.HANDLER, name) as span:
        span.tell({"novashop.event": notice.name})
        error = _error_of(notice, name=name, handler=handler)
        if error:
            span.fail()
    _RUNS.labels(name, "failed" if error else "done").inc()
    took = round((time.perf_counter() - started) * 1000, 1)
    requests.WORK.info("handler", handler=name, ok=error is None, ms=took)
    return error


def _error_of(notice: Notice, *, name: str, handler: Handler) -> str | None:
    try:
        with transaction.atomic(durable=True):
            # The receipt comes first: a second relay waits here, and then finds it taken.
            receipt = Receipt(event_id=notice.id, handler=name, created_at=timezone.now())
            receipt.save(force_insert=True)
            handler(notice)
    except Exception as error:  # a handler may fail in any way and must not stop the others
        if Receipt.objects.filter(event_id=notice.id, handler=name).exists():
            return None
        logger.exception("%s failed for event %s", name, notice.id)
        return f"{name}: {error!r}"
    return None


def _postpone(event: Event, errors: Collection[str]) -> None:
    delay: timedelta = retry_delay(event.failures + 1)
    Event.objects.filter(id=event.id).update(
        failures=F("failures") + 1,
        due_at=timezone.now() + delay,
        last_error="\n".join(errors)[:_LONGEST_ERROR],
    )

"""Running handlers, each with its receipt: as often as it takes, and with one effect."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from shop.events.actions import effects
from shop.events.actions.registering import Listener
from shop.events.models import Event, Receipt
from shop.events.rules import Notice
from shop.lib import metrics, requests, spans

logger = logging.getLogger(__name__)

_RUNS = metrics.counter(
    "novashop_handler_runs", "Runs of the handlers of events.", ["handler", "outcome"]
)

# An event, and a handler that has no receipt for it yet.
Task = tuple[Event, Listener]


def notice_of(event: Event) -> Notice:
    """Return an event as its handlers get it."""
    return Notice(
        id=event.id,
        name=event.name,
        subject=event.subject,
        payload=event.payload,
        version=event.version,
    )


def handle(event: Event, listener: Listener) -> str | None:
    """Run one handler together with its receipt; return what went wrong."""
    with _working(event), _span(event, listener) as span:
        started = time.perf_counter()
        error = _error_of(event, listener)
        if error:
            span.fail()
        _note(listener, started, outcome="failed" if error else "done")
    return error


def handle_together(tasks: Sequence[Task]) -> None:
    """Run quick handlers in one transaction, with the receipts of all. Raises what one raises."""
    started = time.perf_counter()
    now = timezone.now()
    with transaction.atomic(durable=True):
        # The receipts come first: a second relay waits here, and then finds them taken.
        Receipt.objects.bulk_create(
            Receipt(event=event, handler=listener.name, created_at=now) for event, listener in tasks
        )
        for event, listener in tasks:
            with _working(event), _span(event, listener):
                listener.handler(notice_of(event))
    for event, listener in tasks:
        with _working(event):
            _note(listener, started, outcome="done")


@contextmanager
def _working(event: Event) -> Iterator[None]:
    # Whatever is written down of this, or told because of it, belongs to the request it came from.
    with requests.working_for(event.request_id, event=f"{event.id} {event.name}"):
        yield


@contextmanager
def _span(event: Event, listener: Listener) -> Iterator[spans.Span]:
    # In the trace of the request that told the news: they have the request's id in common.
    with spans.whole(spans.Kind.HANDLER, listener.name) as span:
        span.tell({"novashop.event": event.name})
        yield span


def _note(listener: Listener, started: float, *, outcome: str) -> None:
    _RUNS.labels(listener.name, outcome).inc()
    took = round((time.perf_counter() - started) * 1000, 1)
    requests.WORK.info("handler", handler=listener.name, ok=outcome == "done", ms=took)


def _error_of(event: Event, listener: Listener) -> str | None:
    name = listener.name
    try:
        if listener.is_outside:
            effects.perform(event, name, lambda: listener.handler(notice_of(event)))
        else:
            _run_with_receipt(event, listener)
    except Exception as error:  # a handler may fail in any way and must not stop the others
        if Receipt.objects.filter(event_id=event.id, handler=name).exists():
            return None
        if isinstance(error, effects.UnderWayError):
            logger.info("%s is under way for event %s", name, event.id)
        else:
            logger.exception("%s failed for event %s", name, event.id)
        return f"{name}: {error!r}"
    return None


@transaction.atomic(durable=True)
def _run_with_receipt(event: Event, listener: Listener) -> None:
    # The receipt comes first: a second relay waits here, and then finds it taken.
    receipt = Receipt(event_id=event.id, handler=listener.name, created_at=timezone.now())
    receipt.save(force_insert=True)
    listener.handler(notice_of(event))

"""The relay: claims news that is due, has it handled, and marks it delivered."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from django.db.models import F
from django.utils import timezone

from shop.events.actions.claiming import claim
from shop.events.actions.handling import handle, handle_together
from shop.events.actions.registering import Listener, handlers
from shop.events.models import Event, Receipt
from shop.events.queries import waiting
from shop.events.rules import retry_delay
from shop.lib import metrics
from shop.lib.batches import isolate_failures

_LONGEST_ERROR = 2000
_FORGOTTEN_AT_ONCE = 1000

_DELIVERED = metrics.counter(
    "novashop_events_delivered", "Events that every handler has done with."
)


def deliver_due(*, limit: int = 100) -> int:
    """Deliver up to `limit` events that are due, oldest first; return how many were claimed.

    Any number of processes may do this at once: each event is claimed by one of them.
    """
    events = claim(limit)
    if events:
        _Round(events).run()
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


class _Round:
    """Claimed events on their way through their handlers, one after the other."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._left = _without_receipts(events)
        self._held_up: set[str] = set()

    def run(self) -> None:
        """Have the events handled, those of one subject in their order; mark them delivered."""
        delivered: list[int] = []
        for is_quick, group in groupby(self._events, key=self._is_quick):
            events = list(group)
            if is_quick:
                done = isolate_failures(
                    events,
                    work=self._handle_together,
                    fallback=lambda event, _: self._handle(event),
                    failures=(Exception,),
                )
            else:
                done = [self._handle(event) for event in events]
            delivered += [event.id for event, ok in zip(events, done, strict=True) if ok]
        Event.objects.filter(id__in=delivered).update(delivered_at=timezone.now())
        _DELIVERED.inc(len(delivered))

    def _is_quick(self, event: Event) -> bool:
        return all(listener.is_quick for listener in self._left[event.id])

    def _handle_together(self, events: Sequence[Event]) -> list[bool]:
        """Handle many events in one transaction, but those that wait behind one that has failed."""
        may = [event.subject not in self._held_up for event in events]
        tasks = [
            (event, listener)
            for event, is_next in zip(events, may, strict=True)
            if is_next
            for listener in self._left[event.id]
        ]
        if tasks:
            handle_together(tasks)
        return may

    def _handle(self, event: Event) -> bool:
        """Run every handler that has no receipt yet; tell whether all of them have one now."""
        if event.subject in self._held_up:
            return False
        errors = [error for listener in self._left[event.id] if (error := handle(event, listener))]
        if errors and postpone(event, errors):
            self._held_up.add(event.subject)
        return not errors


def _without_receipts(events: Sequence[Event]) -> Mapping[int, Sequence[Listener]]:
    """Return the handlers that have yet to do their work, by event."""
    heard = [event.id for event in events if handlers.get(event.name)]
    done: defaultdict[int, set[str]] = defaultdict(set)
    if heard:
        receipts = Receipt.objects.filter(event_id__in=heard)
        for event_id, name in receipts.values_list("event_id", "handler"):
            done[event_id].add(name)
    return {
        event.id: [
            listener
            for name, listener in handlers.get(event.name, {}).items()
            if name not in done[event.id]
        ]
        for event in events
    }


def postpone(event: Event, errors: Collection[str]) -> bool:
    """Let an event that has failed wait, and those behind it; or set it aside, and they go on.

    Tell whether they wait.
    """
    delay = retry_delay(event.failures + 1)
    due_at = timezone.now() + delay if delay else None
    Event.objects.filter(id=event.id).update(
        failures=F("failures") + 1,
        due_at=due_at,
        last_error="\n".join(errors)[:_LONGEST_ERROR],
    )
    # Those behind it as well, so that a relay that looks for what is due need not look at them.
    followers = waiting().filter(subject=event.subject, id__gt=event.id)
    followers.update(due_at=due_at or timezone.now())
    return due_at is not None

"""What becomes of an event once its handlers have run, wherever they did."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from shop.events.actions.emitting import emit
from shop.events.actions.registering import Listener, handlers
from shop.events.models import Event, Receipt
from shop.events.queries import waiting
from shop.events.rules import SET_ASIDE, retry_delay
from shop.lib import metrics

_LONGEST_ERROR = 2000

_DELIVERED = metrics.counter(
    "novashop_events_delivered", "Events that every handler has done with."
)


def mark_delivered(event_ids: Collection[int]) -> None:
    """Write down that every handler has done with these events."""
    marked = waiting().filter(id__in=event_ids).update(delivered_at=timezone.now())
    _DELIVERED.inc(marked)


def left_to_do(events: Sequence[Event]) -> Mapping[int, Sequence[Listener]]:
    """Return the handlers that have yet to do their work, by event."""
    listeners = _listeners({event.name for event in events})
    heard = [event.id for event in events if listeners[event.name]]
    done: defaultdict[int, set[str]] = defaultdict(set)
    if heard:
        receipts = Receipt.objects.filter(event_id__in=heard)
        for event_id, name in receipts.values_list("event_id", "handler"):
            done[event_id].add(name)
    return {
        event.id: [
            listener for listener in listeners[event.name] if listener.name not in done[event.id]
        ]
        for event in events
    }


def _listeners(names: Collection[str]) -> Mapping[str, Sequence[Listener]]:
    """Return who hears events of these names at present; each that is choosy is asked once."""
    choosy = {
        listener.name: listener.wanted
        for name in names
        for listener in handlers.get(name, {}).values()
        if listener.wanted is not None
    }
    wanted = {handler: ask(names) for handler, ask in choosy.items()}
    return {
        name: [
            listener
            for listener in handlers.get(name, {}).values()
            if name in wanted.get(listener.name, names)
        ]
        for name in names
    }


@transaction.atomic
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
    if due_at is None and event.name != SET_ASIDE:
        payload = {"event_id": event.id, "name": event.name}
        emit(name=SET_ASIDE, subject=f"event:{event.id}", payload=payload)
    return due_at is not None

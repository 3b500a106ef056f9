"""A worker's part: a handler hears some events, and whoever is an event's last marks it."""

from collections.abc import Mapping, Sequence

from shop.events.actions.finishing import left_to_do, mark_delivered, postpone
from shop.events.actions.handling import handle, handle_together
from shop.events.actions.registering import Listener, handlers
from shop.events.actions.waking import wake
from shop.events.models import Event
from shop.events.queries import waiting
from shop.lib.batches import isolate_failures


class UnknownHandlerError(LookupError):
    """A message names a handler that this shop does not have."""


def hear(*, event_ids: Sequence[int], handler: str, together: bool = True) -> None:
    """Let a handler hear events, unless it has; what fails is tried again by the outbox.

    A quick one hears all in one transaction, or each in its own if they are not to be `together`.
    Raises UnknownHandlerError.
    """
    # What is not there was delivered, set aside or forgotten: the message came twice, or late.
    events = list(waiting().filter(id__in=event_ids).order_by("id"))
    if not events:
        return
    listener = _listener(events, handler)
    left = left_to_do(events)
    to_do = [event for event in events if listener in left[event.id]]
    if listener.is_quick and together and len(to_do) > 1:
        done = isolate_failures(
            to_do,
            work=lambda some: _hear_together(some, listener),
            fallback=lambda event, _: _hear(event, listener),
            failures=(Exception,),
        )
    else:
        done = [_hear(event, listener) for event in to_do]
    failed = {event.id for event, ok in zip(to_do, done, strict=True) if not ok}
    _finish([event for event in events if event.id not in failed], listener, left)


def _listener(events: Sequence[Event], handler: str) -> Listener:
    for event in events:
        if handler not in handlers.get(event.name, {}):
            raise UnknownHandlerError(f"{handler} does not hear {event.name}")
    return handlers[events[0].name][handler]


def _hear_together(events: Sequence[Event], listener: Listener) -> list[bool]:
    handle_together([(event, listener) for event in events])
    return [True] * len(events)


def _hear(event: Event, listener: Listener) -> bool:
    error = handle(event, listener)
    if error:
        postpone(event, [error])
    return not error


def _finish(
    events: Sequence[Event], listener: Listener, left: Mapping[int, Sequence[Listener]]
) -> None:
    """Mark the events that nobody else has yet to hear, and let those behind them be sent."""
    shared = [event for event in events if {*left[event.id]} - {listener}]
    # Others may have done with them meanwhile, each thinking that it was not the last.
    missing = {event_id for event_id, others in left_to_do(shared).items() if others}
    heard = [event for event in events if event.id not in missing]
    if heard:
        mark_delivered([event.id for event in heard])
        if waiting().filter(subject__in=[event.subject for event in heard]).exists():
            wake()

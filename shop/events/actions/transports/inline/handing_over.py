"""The relay claims events, runs their handlers, and marks them."""

from collections.abc import Sequence
from itertools import groupby

from shop.events.actions.claiming import claim, of_queue
from shop.events.actions.finishing import left_to_do, mark_delivered, postpone
from shop.events.actions.handling import handle, handle_together
from shop.events.models import Event
from shop.events.rules import QUEUES
from shop.lib.batches import isolate_failures

# A mail server that does not answer holds up what waits for it, and nothing else.
APART = QUEUES


def hand_over(*, limit: int, queue: str | None) -> int:
    """Handle up to `limit` events that are due, oldest first; return how many were claimed."""
    events = claim(limit, line=of_queue(queue))
    if events:
        _Round(events).run()
    return len(events)


def hang_up() -> None:
    """Let go of what is kept between two rounds, which is nothing."""


class _Round:
    """Claimed events on their way through their handlers, one after the other."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._left = left_to_do(events)
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
        mark_delivered(delivered)

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

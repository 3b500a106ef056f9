"""A worker's part: one handler hears one event, and whoever is last marks the event."""

from shop.events.actions.finishing import left_to_do, mark_delivered, postpone
from shop.events.actions.handling import handle
from shop.events.actions.registering import handlers
from shop.events.actions.waking import wake
from shop.events.queries import waiting


class UnknownHandlerError(LookupError):
    """A message names a handler that this shop does not have."""


def hear(*, event_id: int, handler: str) -> None:
    """Let a handler hear an event, unless it has; what fails is tried again by the outbox.

    Raises UnknownHandlerError.
    """
    event = waiting().filter(id=event_id).first()
    if event is None:
        # Delivered, set aside or forgotten: the message came twice, or late.
        return
    listener = handlers.get(event.name, {}).get(handler)
    if listener is None:
        raise UnknownHandlerError(f"{handler} does not hear {event.name}")
    if listener in left_to_do([event])[event.id]:
        error = handle(event, listener)
        if error:
            postpone(event, [error])
            return
    if not left_to_do([event])[event.id]:
        mark_delivered([event.id])
        if waiting().filter(subject=event.subject).exists():
            wake()

"""Telling news, listening to it, and looking at what became of it."""

from collections.abc import Callable

from django.contrib.auth.models import Group
from django.db import transaction

from shop.events import actions
from shop.events.actions import on
from shop.events.models import Event
from shop.events.rules import NUMBER, Kind, Notice

TOLD_IN_TESTS = (
    Kind("mug.broke", "A mug broke.", version=3),
    Kind("mug.mended", "It is whole again."),
    Kind("mug.ordered", "Another one will come."),
    Kind("mug.counted", "So many pieces.", {"pieces": NUMBER}),
)


def tell(name: str = "mug.broke", subject: str = "mug:1", **payload: object) -> int:
    """Emit one piece of news; return its number."""
    with transaction.atomic():
        actions.emit(name=name, subject=subject, payload=payload)
    return Event.objects.latest("id").id


def listener(heard: list[str], *, name: str = "mug.broke") -> Callable[[Notice], None]:
    """Register a handler that writes down what it hears, and in the database as well."""

    @on(name)
    def listen(notice: Notice) -> None:
        heard.append(notice.subject)
        Group.objects.create(name=f"{notice.id} heard")

    return listen


def state_of(event_id: int) -> tuple[bool, int, int]:
    """Return whether an event was delivered, its failures, and its receipts."""
    event = Event.objects.get(id=event_id)
    return event.delivered_at is not None, event.failures, event.receipts.count()


def claiming_names() -> list[str]:
    """Return what claiming asks: is there any, which, what else is there of their subjects."""
    return [*["SELECT events_event"] * 3, "UPDATE events_event"]


def name_of(handler: Callable[[Notice], None]) -> str:
    """Return the name under which a handler's receipts are written."""
    return f"{handler.__module__}.{handler.__qualname__}"

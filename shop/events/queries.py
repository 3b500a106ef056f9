"""Reads about news."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, F, Min

from shop.events.actions.registering import entries
from shop.events.models import Event, Receipt, Schedule
from shop.lib.breaches import Breach, repeated_values

# Whoever asks how many wait is not to wait for an answer: beyond this it is "so many, at least".
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events wait, MOST_COUNTED at most, and since when the oldest of them does."""

    waiting: int
    since: datetime | None


def in_line() -> Sequence[str]:
    """Return the order in which waiting events are due, as the index `events_waiting` has it.

    PostgreSQL reads the index as it lies only if all of it is named. MariaDB does only if the first
    column, which is empty of them all, is not. Otherwise they sort a million rows for a hundred.
    """
    return ["delivered_at"] * (connection.vendor == "postgresql") + ["due_at", "id"]


def backlog() -> Backlog:
    """Return what has been written down and not delivered."""
    waiting = Event.objects.filter(delivered_at__isnull=True).order_by(*in_line())
    found = waiting[:MOST_COUNTED].aggregate(count=Count("id"), since=Min("created_at"))
    return Backlog(waiting=found["count"], since=found["since"])


def due_times() -> dict[str, datetime]:
    """Return when each entry of the schedule is due, of those that the shop still has."""
    rows = Schedule.objects.filter(name__in=entries).values_list("name", "due_at")
    return dict(rows)


def breaches() -> Iterator[Breach]:
    """Yield every row that breaks an invariant of events: each has each effect once."""
    yield from repeated_values(
        Receipt.objects.all(), "event_id", "handler", invariant="one-receipt", row="event"
    )
    early = Receipt.objects.filter(created_at__lt=F("event__created_at")).order_by("id")
    for event_id, handler in early.values_list("event_id", "handler").iterator():
        yield Breach("receipt-after-event", f"event {event_id}", f"{handler} was there before it")

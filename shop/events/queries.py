"""Reads about news."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import Count, F, Min, QuerySet

from shop.events.actions.registering import entries, handlers, kinds
from shop.events.models import Event, Receipt, Schedule
from shop.events.rules import Kind
from shop.lib.breaches import Breach, repeated_values

# Whoever asks how many wait is not to wait for an answer: beyond this it is "so many, at least".
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events wait, MOST_COUNTED at most, and since when the oldest of them does.

    `set_aside` are those that nobody tries any more.
    """

    waiting: int
    since: datetime | None
    set_aside: int = 0


def waiting() -> "QuerySet[Event]":
    """Return the events that are yet to be delivered, but those that were set aside."""
    return Event.objects.filter(delivered_at__isnull=True, due_at__isnull=False)


def set_aside() -> "QuerySet[Event]":
    """Return the events that have failed so often that nobody tries them any more."""
    return Event.objects.filter(delivered_at__isnull=True, due_at__isnull=True)


def delivered() -> "QuerySet[Event]":
    """Return the events that every handler has done with."""
    return Event.objects.filter(delivered_at__isnull=False)


class State(StrEnum):
    """What has become of an event."""

    WAITING = "waiting"
    SET_ASIDE = "set-aside"
    DELIVERED = "delivered"


_IN_STATE = {
    State.WAITING: waiting,
    State.SET_ASIDE: set_aside,
    State.DELIVERED: delivered,
}


def state_of(event: Event) -> State:
    """Return what has become of an event."""
    if event.delivered_at is not None:
        return State.DELIVERED
    return State.SET_ASIDE if event.due_at is None else State.WAITING


def in_line() -> Sequence[str]:
    """Return the order in which waiting events are due, as the index `events_waiting` has it.

    PostgreSQL reads the index as it lies only if all of it is named. MariaDB does only if the first
    column, which is empty of them all, is not. Otherwise they sort a million rows for a hundred.
    """
    return ["delivered_at"] * (connection.vendor == "postgresql") + ["due_at", "id"]


def backlog() -> Backlog:
    """Return what has been written down and not delivered."""
    first = waiting().order_by(*in_line())[:MOST_COUNTED]
    found = first.aggregate(count=Count("id"), since=Min("created_at"))
    return Backlog(
        waiting=found["count"],
        since=found["since"],
        set_aside=set_aside()[:MOST_COUNTED].count(),
    )


@dataclass(frozen=True, slots=True)
class PeriodicWork:
    """A piece of periodic work: what it says of itself, and how often it is due."""

    says: str
    interval: timedelta


def periodic_work() -> dict[str, PeriodicWork]:
    """Return the entries of the schedule that the shop has today, by name."""
    return {
        name: PeriodicWork((entry.work.__doc__ or "").partition("\n")[0], entry.interval)
        for name, entry in entries.items()
    }


def due_times() -> dict[str, datetime]:
    """Return when each entry of the schedule is due, of those that the shop still has."""
    rows = Schedule.objects.filter(name__in=entries).values_list("name", "due_at")
    return dict(rows)


def error_of(event_id: int) -> str:
    """Return why an event has failed last; empty where it has not, or is forgotten."""
    errors = Event.objects.filter(id=event_id).values_list("last_error", flat=True)
    return errors.first() or ""


def error_of_entry(name: str) -> str:
    """Return why a piece of periodic work has failed; empty where its last run went well."""
    return Schedule.objects.filter(name=name).values_list("last_error", flat=True).first() or ""


def breaches() -> Iterator[Breach]:
    """Yield every row that breaks an invariant of events: each has each effect once."""
    yield from repeated_values(
        Receipt.objects.all(), "event_id", "handler", invariant="one-receipt", row="event"
    )
    early = Receipt.objects.filter(created_at__lt=F("event__created_at")).order_by("id")
    for event_id, handler in early.values_list("event_id", "handler").iterator():
        yield Breach("receipt-after-event", f"event {event_id}", f"{handler} was there before it")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which events somebody means: all that is said of them holds."""

    ids: Sequence[int] = ()
    name: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    state: State | None = None

    def events(self) -> "QuerySet[Event]":
        """Return them, the oldest first."""
        chosen = _IN_STATE[self.state]() if self.state else Event.objects.all()
        if self.ids:
            chosen = chosen.filter(id__in=self.ids)
        for field in ("name", "subject"):
            if value := getattr(self, field):
                chosen = chosen.filter(**{field: value})
        if self.since:
            chosen = chosen.filter(created_at__gte=self.since)
        if self.until:
            chosen = chosen.filter(created_at__lt=self.until)
        return chosen.order_by("id")


@dataclass(frozen=True, slots=True)
class Told:
    """Something the shop tells, and the handlers that hear it."""

    kind: Kind
    handlers: tuple[str, ...]


def told() -> list[Told]:
    """Return everything that the shop tells, by its name."""
    return [
        Told(kind, tuple(sorted(handlers.get(name, {})))) for name, kind in sorted(kinds.items())
    ]

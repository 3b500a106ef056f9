"""Taking news that is due: each event by one relay, and those of one subject in their order."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from shop.events.actions import registering
from shop.events.models import Event
from shop.events.queries import for_others, in_line, waiting
from shop.events.rules import LEASE, QUEUES
from shop.lib.transactions import retry_conflicts


@dataclass(frozen=True, slots=True)
class Line:
    """Events that wait for the same: which they are, when each is due, in which order.

    Where a `queue` is named, those alone that wait for its handlers.
    """

    waiting: Callable[[], "QuerySet[Event]"]
    due: str
    in_line: Callable[[], Sequence[str]]
    queue: str | None = None

    def due_now(self) -> dict[str, object]:
        """Return the condition that is true of those that are due."""
        return {f"{self.due}__lte": timezone.now()}

    def has(self, name: str) -> bool:
        """Tell whether news of this name waits here."""
        return self.queue is None or registering.queue_of(name) == self.queue

    def of_it(self, events: "QuerySet[Event]") -> "QuerySet[Event]":
        """Return those of some events that wait here."""
        if self.queue is None:
            return events
        first, *others = QUEUES
        if self.queue == first:
            # What nobody hears waits there as well.
            return events.exclude(name__in=registering.names_in(*others))
        return events.filter(name__in=registering.names_in(self.queue))


FOR_HANDLERS = Line(waiting, "due_at", in_line)
FOR_OTHERS = Line(for_others, "tell_others_at", lambda: ["tell_others_at", "id"])


def of_queue(queue: str | None) -> Line:
    """Return the events that wait for the handlers of a queue; None: of all."""
    return replace(FOR_HANDLERS, queue=queue)


def claim(
    limit: int,
    *,
    line: Line = FOR_HANDLERS,
    lease: timedelta = LEASE,
    with_followers: bool = True,
) -> Sequence[Event]:
    """Take events by moving their due time past our lease; should we die, they come due again.

    What waits of a subject is taken from its first event on, or not at all; that one alone where
    its followers are not wanted.
    """
    if not is_any_due(line):
        # The usual case costs no transaction: on SQLite that would take the write lock.
        return []
    # Two relays may take what lies side by side: on MariaDB one of them may have to begin again.
    return retry_conflicts(lambda: _claim(limit, line, lease=lease, with_followers=with_followers))


@transaction.atomic(durable=True)
def _claim(limit: int, line: Line, *, lease: timedelta, with_followers: bool) -> Sequence[Event]:
    _read_in_line()
    skip_locked = connection.features.has_select_for_update_skip_locked
    found = _heads(line).select_for_update(skip_locked=skip_locked).order_by(*line.in_line())
    events = _with_followers(list(found[:limit]), limit, line)
    if not with_followers:
        events = _first_of_each(events)
    until = timezone.now() + lease
    Event.objects.filter(id__in=[event.id for event in events]).update(**{line.due: until})
    for event in events:
        setattr(event, line.due, until)
    return events


def _read_in_line() -> None:
    """Let PostgreSQL read the index as it lies until it has enough.

    After a burst it does not know yet how many wait, and would look at all of them for a hundred.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_bitmapscan = off")


def is_any_due(line: Line = FOR_HANDLERS) -> bool:
    """Tell whether there is something to deliver."""
    return _heads(line).exists()


def _heads(line: Line) -> "QuerySet[Event]":
    """Return the events that are due and have none before them that waits."""
    earlier = line.waiting().filter(subject=OuterRef("subject"), id__lt=OuterRef("id"))
    return line.of_it(line.waiting().filter(~Exists(earlier), **line.due_now()))


def _with_followers(heads: Sequence[Event], limit: int, line: Line) -> Sequence[Event]:
    """Return the first events of the subjects of these, which are locked; nobody takes the others.

    Asked in a statement of its own, which sees whatever was committed before what the first saw.
    """
    place = {head.subject: number for number, head in enumerate(heads)}
    first = {head.id for head in heads}
    rows = line.waiting().filter(subject__in=place).order_by("id")[:limit]
    events: list[Event] = []
    skipped: set[str] = set()
    taken: set[str] = set()
    for event in rows:
        if not line.has(event.name) or not _is_next(event, line, first=first, taken=taken):
            skipped.add(event.subject)
        if event.subject not in skipped:
            taken.add(event.subject)
            events.append(event)
    return sorted(events, key=lambda event: (place[event.subject], event.id))


def _first_of_each(events: Sequence[Event]) -> Sequence[Event]:
    first: dict[str, Event] = {}
    for event in events:
        first.setdefault(event.subject, event)
    return list(first.values())


def _is_next(event: Event, line: Line, *, first: Collection[int], taken: Collection[str]) -> bool:
    """Tell whether it is the locked head of its subject, or is due right behind one."""
    if event.subject not in taken:
        return event.id in first
    due_at: datetime | None = getattr(event, line.due)
    return due_at is not None and due_at <= timezone.now()

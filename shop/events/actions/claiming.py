"""Taking news that is due: each event by one relay, and those of one subject in their order."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from shop.events.actions import registering
from shop.events.models import Event
from shop.events.queries import in_line, waiting
from shop.events.rules import LEASE
from shop.lib.transactions import retry_conflicts


def claim(
    limit: int,
    *,
    lease: timedelta = LEASE,
    with_followers: bool = True,
    line: str | None = None,
) -> Sequence[Event]:
    """Take events by moving their due time past our lease; should we die, they come due again.

    What waits of a subject is taken from its first event on, or not at all; that one alone where
    its followers are not wanted. Of one `line` of QUEUES, or (None) of all.
    """
    if not is_any_due(line=line):
        # The usual case costs no transaction: on SQLite that would take the write lock.
        return []
    # Two relays may take what lies side by side: on MariaDB one of them may have to begin again.
    return retry_conflicts(
        lambda: _claim(limit, lease=lease, with_followers=with_followers, line=line)
    )


@transaction.atomic(durable=True)
def _claim(
    limit: int, *, lease: timedelta, with_followers: bool, line: str | None
) -> Sequence[Event]:
    _read_in_line()
    skip_locked = connection.features.has_select_for_update_skip_locked
    found = _heads(line).select_for_update(skip_locked=skip_locked).order_by(*in_line())
    events = _with_followers(list(found[:limit]), limit, line)
    if not with_followers:
        events = _first_of_each(events)
    Event.objects.filter(id__in=[event.id for event in events]).update(
        due_at=timezone.now() + lease
    )
    return events


def _read_in_line() -> None:
    """Let PostgreSQL read the index as it lies until it has enough.

    After a burst it does not know yet how many wait, and would look at all of them for a hundred.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_bitmapscan = off")


def is_any_due(*, line: str | None = None) -> bool:
    """Tell whether there is something to deliver, in this line or in any."""
    return _heads(line).exists()


def _heads(line: str | None) -> "QuerySet[Event]":
    """Return the events that are due and have none before them that waits."""
    earlier = waiting().filter(subject=OuterRef("subject"), id__lt=OuterRef("id"))
    heads = waiting().filter(~Exists(earlier), due_at__lte=timezone.now())
    slow = registering.slow_names() if line else []
    if line == registering.QUEUES[0]:
        return heads.exclude(name__in=slow) if slow else heads
    return heads.filter(name__in=slow) if line else heads


def _with_followers(heads: Sequence[Event], limit: int, line: str | None) -> Sequence[Event]:
    """Return the first events of the subjects of these, which are locked; nobody takes the others.

    Asked in a statement of its own, which sees whatever was committed before what the first saw.
    """
    place = {head.subject: number for number, head in enumerate(heads)}
    first = {head.id for head in heads}
    rows = waiting().filter(subject__in=place).order_by("id")[:limit]
    events: list[Event] = []
    skipped: set[str] = set()
    taken: set[str] = set()
    for event in rows:
        is_of_another = line is not None and registering.line_of(event.name) != line
        if is_of_another or not _is_next(event, first=first, taken=taken):
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


def _is_next(event: Event, *, first: Collection[int], taken: Collection[str]) -> bool:
    """Tell whether it is the locked head of its subject, or is due right behind one."""
    if event.subject not in taken:
        return event.id in first
    return event.due_at is not None and event.due_at <= timezone.now()

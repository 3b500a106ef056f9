"""What handlers do outside the database: begun, done and ended, each in a record of its own."""

import threading
from collections.abc import Callable
from datetime import datetime

from django.db import Error as AnyDatabaseError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from shop.events.models import Effect, Event, Receipt
from shop.events.rules import EFFECT_LEASE

_kept = threading.local()


class UnderWayError(RuntimeError):
    """Somebody else has begun this, and has neither ended nor been at it for too long."""


def perform(event: Event, handler: str, work: Callable[[], None]) -> None:
    """Do this once, in no transaction, and write its receipt; nothing where there is one.

    Raises UnderWayError, or what the work raises, which may then be tried again.
    """
    left, now = _left(), timezone.now()
    former = left.pop((event.id, handler), None)
    try:
        _perform(event, handler, work, now=now, former=former)
    except AnyDatabaseError:
        # What the database knows of it nobody can say; but this thread is not at it any more, and
        # need not wait for itself until the lease has passed.
        left[event.id, handler] = now
        raise


def _left() -> dict[tuple[int, str], datetime]:
    """Return what this thread has begun and left, without the database, and when it began."""
    found: dict[tuple[int, str], datetime] = _kept.__dict__.setdefault("left", {})
    return found


def _perform(
    event: Event,
    handler: str,
    work: Callable[[], None],
    *,
    now: datetime,
    former: datetime | None,
) -> None:
    mine = _begin(event, handler, now=now, former=former)
    if mine is None:
        return
    try:
        work()
    except Exception:
        # Where the process dies nobody gets here: then the lease has to pass.
        _end(mine)
        raise
    with transaction.atomic(durable=True):
        _end(mine)
        Receipt.objects.create(event_id=event.id, handler=handler, created_at=timezone.now())


def _begin(event: Event, handler: str, *, now: datetime, former: datetime | None) -> Effect | None:
    """Write down that it begins, unless it was done; `former` is when we have begun and left it.

    Raises UnderWayError.
    """
    mine = Effect(event_id=event.id, handler=handler, begun_at=now)
    try:
        with transaction.atomic(durable=True):
            mine.save(force_insert=True)
    except IntegrityError:
        mine = Effect.objects.get(event_id=event.id, handler=handler)
    else:
        return mine
    free = Q(ended_at__isnull=False) | Q(begun_at__lte=now - EFFECT_LEASE)
    if former is not None:
        free |= Q(begun_at=former)
    # Whoever moves the beginning on is the one who does it: claimed before the receipt is looked
    # for, since who has just ended has written one.
    claimed = Effect.objects.filter(free, id=mine.id, begun_at=mine.begun_at).update(
        begun_at=now, ended_at=None, tries=F("tries") + 1
    )
    if Receipt.objects.filter(event_id=event.id, handler=handler).exists():
        _end(mine)
        return None
    if not claimed:
        raise UnderWayError(f"begun at {mine.begun_at:%H:%M:%S}")
    return mine


def _end(mine: Effect) -> None:
    Effect.objects.filter(id=mine.id).update(ended_at=timezone.now())

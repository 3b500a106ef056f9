"""What handlers do outside the database: begun, done and ended, each in a record of its own."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from shop.events.models import Effect, Event, Receipt
from shop.events.rules import EFFECT_LEASE


class UnderWayError(RuntimeError):
    """Somebody else has begun this, and has neither ended nor been at it for too long."""


def perform(event: Event, handler: str, work: Callable[[], None]) -> None:
    """Do this once, in no transaction, and write its receipt; nothing where there is one.

    Raises UnderWayError, or what the work raises, which may then be tried again.
    """
    mine = _begin(event, handler)
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


def _begin(event: Event, handler: str) -> Effect | None:
    """Write down that it begins, unless it was done. Raises UnderWayError."""
    now = timezone.now()
    mine = Effect(event_id=event.id, handler=handler, begun_at=now)
    try:
        with transaction.atomic(durable=True):
            mine.save(force_insert=True)
    except IntegrityError:
        mine = Effect.objects.get(event_id=event.id, handler=handler)
    else:
        return mine
    free = Q(ended_at__isnull=False) | Q(begun_at__lte=now - EFFECT_LEASE)
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

"""The relay: hands over what is due by the shop's transport, and forgets what is long delivered."""

from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.conf import settings

from shop.events.models import Event

_FORGOTTEN_AT_ONCE = 1000


def deliver_due(*, limit: int = 100, line: str | None = None) -> int:
    """See to it that up to `limit` events are delivered, oldest first; return how many there were.

    Any number of processes may do this at once: each event is claimed by one of them. `line` is one
    of `lines()`; None means whatever is due.
    """
    count: int = _part("handing_over").hand_over(limit=limit, line=line)
    return count


def lines() -> Sequence[str | None]:
    """Return the lines that are to be delivered side by side, so that none waits for another."""
    found: Sequence[str | None] = _part("handing_over").LINES
    return found


def carrier_answers() -> bool | None:
    """Tell whether what carries events to their handlers is there; None: nothing has to be."""
    answers: bool | None = _part("checking").answers()
    return answers


def dead_letters() -> ModuleType | None:
    """Return the verbs for messages that nobody could handle; None where there are no messages."""
    path = f"{settings.EVENT_TRANSPORT}.dead_letters"
    return import_module(path) if find_spec(path) else None


def _part(name: str) -> ModuleType:
    return import_module(f"{settings.EVENT_TRANSPORT}.{name}")


def forget_delivered(*, before: datetime) -> int:
    """Delete events that were delivered before then, with their receipts; return how many."""
    old = Event.objects.filter(delivered_at__lt=before).order_by("delivered_at")
    forgotten = 0
    # A little at a time, so that nobody waits for a long transaction.
    while ids := list(old.values_list("id", flat=True)[:_FORGOTTEN_AT_ONCE]):
        Event.objects.filter(id__in=ids).delete()
        forgotten += len(ids)
    return forgotten

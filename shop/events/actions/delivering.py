"""The relay: hands over what is due by the shop's transport, and forgets what is long delivered."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.conf import settings

from shop.events.models import Event

_FORGOTTEN_AT_ONCE = 1000


def deliver_due(*, limit: int = 100, queue: str | None = None) -> int:
    """See to it that up to `limit` events are delivered, oldest first; return how many there were.

    Any number of processes may do this at once: each event is claimed by one of them. `queue` is
    one of QUEUES; None means whatever is due.
    """
    count: int = _part("handing_over").hand_over(limit=limit, queue=queue)
    return count


def queues_apart() -> Sequence[str | None]:
    """Return the queues to be delivered side by side, so that none waits for another; None: all."""
    found: Sequence[str | None] = _part("handing_over").APART
    return found


def hang_up() -> None:
    """Let go of what this thread keeps open to hand events over: it will not, any more."""
    _part("handing_over").hang_up()


def has_others() -> bool:
    """Tell whether other systems are told of events."""
    return bool(settings.EVENTS_BESIDE)


def tell_others(*, limit: int = 500) -> int:
    """Tell other systems of up to `limit` events; return of how many they know now.

    Any number of processes may do this at once. Handlers do not wait for it, nor it for them.
    """
    count: int = import_module(f"{settings.EVENTS_BESIDE}.handing_over").hand_over(limit=limit)
    return count


def hang_up_on_others() -> None:
    """Let go of what is kept open to tell other systems: nobody does, any more."""
    import_module(f"{settings.EVENTS_BESIDE}.handing_over").hang_up()


def others_answer() -> bool | None:
    """Tell whether what carries events to other systems is there; None: nothing has to be."""
    if not has_others():
        return None
    answers: bool | None = import_module(f"{settings.EVENTS_BESIDE}.checking").answers()
    return answers


def carrier_answers() -> bool | None:
    """Tell whether what carries events to their handlers is there; None: nothing has to be."""
    answers: bool | None = _part("checking").answers()
    return answers


def messages() -> Mapping[str, int] | None:
    """Return how many messages wait by queue, none where nothing carries; None: nobody answers."""
    found: Mapping[str, int] | None = _part("checking").messages()
    return found


def dead_letters() -> ModuleType | None:
    """Return the verbs for messages that nobody could handle; None where there are no messages."""
    path = f"{settings.EVENT_TRANSPORT}.dead_letters"
    return import_module(path) if find_spec(path) else None


def worker() -> Callable[..., int] | None:
    """Return what a worker does, until it is told to end; None where the relay does it all."""
    path = f"{settings.EVENT_TRANSPORT}.working"
    return import_module(path).work if find_spec(path) else None


def _part(name: str) -> ModuleType:
    return import_module(f"{settings.EVENT_TRANSPORT}.{name}")


def forget_delivered(*, before: datetime) -> int:
    """Delete events that were delivered before then, with their receipts; return how many.

    Those that other systems do not know of stay.
    """
    known = Event.objects.filter(tell_others_at__isnull=True)
    old = known.filter(delivered_at__lt=before).order_by("delivered_at")
    forgotten = 0
    # A little at a time, so that nobody waits for a long transaction.
    while ids := list(old.values_list("id", flat=True)[:_FORGOTTEN_AT_ONCE]):
        Event.objects.filter(id__in=ids).delete()
        forgotten += len(ids)
    return forgotten

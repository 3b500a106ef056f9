"""Who wants to hear what, and what has to be done how often: filled by every `tasks.py`."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from shop.events.rules import Notice

Handler = Callable[[Notice], None]
Work = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A periodic piece of work; `lease` is how long one run may take before another may start."""

    name: str
    work: Work
    interval: timedelta
    lease: timedelta


handlers: defaultdict[str, dict[str, Handler]] = defaultdict(dict)
entries: dict[str, Entry] = {}


def on(name: str) -> Callable[[Handler], Handler]:
    """Register a handler for the events of this name.

    It runs in a transaction of its own together with its receipt: as often as needed until it
    succeeds, and never again after that.
    """

    def register(handler: Handler) -> Handler:
        handlers[name][_name_of(handler)] = handler
        return handler

    return register


def every(
    interval: timedelta, *, lease: timedelta = timedelta(minutes=5)
) -> Callable[[Work], Work]:
    """Register periodic work, done by one process at a time however many there are."""

    def register(work: Work) -> Work:
        name = _name_of(work)
        entries[name] = Entry(name=name, work=work, interval=interval, lease=lease)
        return work

    return register


def _name_of(function: Handler | Work) -> str:
    return f"{function.__module__}.{function.__qualname__}"

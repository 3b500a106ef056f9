"""Who wants to hear what, and what has to be done how often: filled by every `tasks.py`."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from shop.events.rules import QUEUES, Kind, Notice

Handler = Callable[[Notice], None]
Work = Callable[[], None]
# Which of these names of events somebody wants to hear of now.
Wanted = Callable[[Collection[str]], Collection[str]]


@dataclass(frozen=True, slots=True)
class Listener:
    """A handler by the name of its receipts.

    `is_quick`: many of its runs share a transaction. `is_outside`: what it does is outside the
    database, and so is its run. `queue`: in which of QUEUES it is waited for. `wanted`: asked for
    many events together, so that it need not hear those that nobody wants.
    """

    name: str
    handler: Handler
    is_quick: bool = False
    is_outside: bool = False
    queue: str = "events"
    wanted: Wanted | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A periodic piece of work; `lease` is how long one run may take before another may start."""

    name: str
    work: Work
    interval: timedelta
    lease: timedelta


kinds: dict[str, Kind] = {}
handlers: defaultdict[str, dict[str, Listener]] = defaultdict(dict)
entries: dict[str, Entry] = {}


def declare(news: Iterable[Kind]) -> None:
    """Let these be told. Raises ValueError for a name that is declared as something else."""
    for kind in news:
        if kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"{kind.name} is declared twice")


def on(
    *names: str,
    is_quick: bool = False,
    is_outside: bool = False,
    queue: str = QUEUES[0],
    wanted: Wanted | None = None,
) -> Callable[[Handler], Handler]:
    """Register a handler for the events of these names.

    It runs in a transaction of its own together with its receipt: as often as needed until it
    succeeds, and never again after that. One that `is_quick` (a few statements, and nothing
    outside the database) shares the transaction with others of its kind. `queue` is one of QUEUES:
    those of one do not wait for those of another, and news that somebody hears in a later one
    waits there whole. `wanted` says which of the names of many events it has to hear of at present;
    for the others it needs no run and leaves no receipt.

    One that `is_outside` sends something away. It runs in no transaction, by one process at a time,
    and is written down before and after. It is never run again once it is known to be done; if the
    process dies in between, nobody knows, and it is. So it gives what it sends the number of its
    notice, by which whoever gets it twice can tell. It has EFFECT_LEASE at most.
    """
    if queue not in QUEUES:
        raise ValueError(f"{queue} is none of {QUEUES}")
    if is_quick and is_outside:
        raise ValueError("what goes out of the database is not quick")

    def register(handler: Handler) -> Handler:
        listener = Listener(
            _name_of(handler),
            handler,
            is_quick=is_quick,
            is_outside=is_outside,
            queue=queue,
            wanted=wanted,
        )
        for name in names:
            handlers[name][listener.name] = listener
        return handler

    return register


def queue_of(name: str) -> str:
    """Return the queue in which news of this name waits: that of the slowest who hears it."""
    return max(
        (listener.queue for listener in handlers.get(name, {}).values()),
        key=QUEUES.index,
        default=QUEUES[0],
    )


def names_in(*queues: str) -> list[str]:
    """Return the names of news that somebody hears, and that waits in these queues."""
    return sorted(name for name in handlers if queue_of(name) in queues)


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

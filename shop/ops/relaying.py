"""The relay as loops: deliver what is due, do what is due, rest when there is nothing."""

import atexit
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from django.db import Error as AnyDatabaseError
from django.db import close_old_connections, connections

from shop.events import actions as events
from shop.lib.replicas.beating import beating
from shop.ops.webhooks import telling_webhooks

logger = logging.getLogger(__name__)

REST_SECONDS = 1.0
STOP_SECONDS = 5.0
# How long other systems wait at most for the first event after a quiet time.
_REST_OF_OTHERS_SECONDS = 0.2
# What waits for the answer of Kafka, or of a mail server, may wait for a moment longer.
_STOP_BESIDE_SECONDS = 8.0


def relay_until(stop: threading.Event, *, beat: Callable[[], None] = lambda: None) -> None:
    """Deliver events, to webhooks too, and run the schedule; outlive a database that is away.

    Ends when `stop` is set. `beat` is called after each round. What takes its time is done by
    threads beside this one.
    """
    first, *others = events.queues_apart()
    rest = events.Rest(longest=REST_SECONDS, queue=first)
    with beating(), _beside(others, stop), telling_webhooks() as ring:
        while not stop.is_set():
            delivered = _relay_once(first)
            beat()
            if delivered:
                rest.begin_anew()
                ring()
            else:
                _rest(rest, stop)
    events.hang_up()
    connections.close_all()


def _relay_once(queue: str | None) -> int:
    """Deliver what is due; return how many were claimed, none if the database is away."""
    try:
        # A connection that broke is replaced here, before it is needed.
        close_old_connections()
        return events.deliver_due(queue=queue)
    except AnyDatabaseError as error:
        logger.warning("The relay waits for the database: %s", error)
        return 0


def _rest(rest: events.Rest, stop: threading.Event) -> None:
    try:
        rest.until_news(stop)
    except AnyDatabaseError:
        # Where the database is away, nobody wakes us.
        stop.wait(REST_SECONDS)


@dataclass(frozen=True, slots=True)
class _Work:
    """What a thread beside the relay does in rounds: how many were done, or it rests."""

    name: str
    once: Callable[[], int]
    rest: float
    trouble: str
    hang_up: Callable[[], None] = lambda: None


@contextmanager
def _beside(queues: Sequence[str | None], stop: threading.Event) -> Iterator[None]:
    """Deliver other queues, run the schedule and tell other systems, until `stop` is set.

    Each by a thread of its own: none waits for another.
    """
    threads = [
        threading.Thread(target=_work_until, args=(stop, work), name=work.name, daemon=True)
        for work in _works(queues)
    ]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(_STOP_BESIDE_SECONDS)


def _works(queues: Sequence[str | None]) -> Iterator[_Work]:
    # Drawing the pictures of a new shop takes minutes, and no news is to wait for it.
    yield _Work(
        name="schedule",
        once=events.run_due,
        rest=REST_SECONDS,
        trouble="What is due by the schedule could not be done",
    )
    for queue in queues:
        yield _Work(
            name=f"relay-{queue}",
            once=partial(events.deliver_due, queue=queue),
            rest=REST_SECONDS,
            trouble=f"What waits in the queue {queue} could not be delivered",
            hang_up=events.hang_up,
        )
    if events.has_others():
        yield _Work(
            name="others",
            once=events.tell_others,
            rest=_REST_OF_OTHERS_SECONDS,
            trouble="Other systems could not be told of events",
            hang_up=events.hang_up_on_others,
        )


def _work_until(stop: threading.Event, work: _Work) -> None:
    while not stop.is_set():
        stop.wait(_rest_after(work))
    work.hang_up()
    connections.close_all()


def _rest_after(work: _Work) -> float:
    """Do what is due; return how long to rest."""
    try:
        close_old_connections()
        return 0 if work.once() else work.rest
    except AnyDatabaseError as error:
        logger.warning("The relay waits for the database: %s", error)
    except Exception:  # whatever it is, this thread goes on when it is mended
        logger.exception(work.trouble)
    return REST_SECONDS


def relay_in_background() -> None:
    """Run the relay in a thread of this process until it exits."""
    stop = threading.Event()
    thread = threading.Thread(target=relay_until, args=(stop,), name="relay", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(STOP_SECONDS)

    atexit.register(end)

"""The relay as a loop: deliver what is due, do what is due, rest when there is nothing."""

import atexit
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import Error as AnyDatabaseError
from django.db import close_old_connections, connections

from shop.events import actions as events
from shop.lib.replicas.beating import beating

logger = logging.getLogger(__name__)

REST_SECONDS = 1.0
STOP_SECONDS = 5.0


def relay_until(stop: threading.Event, *, beat: Callable[[], None] = lambda: None) -> None:
    """Deliver events and run the schedule until `stop` is set; outlive a database that is away.

    `beat` is called after each round. What takes its time is delivered by threads beside this one.
    """
    first, *others = events.lines()
    with beating(), _beside(others, stop):
        rest = events.Rest(longest=REST_SECONDS, line=first)
        while not stop.is_set():
            delivered = _relay_once(first, and_then=events.run_due)
            beat()
            if not delivered:
                _rest(rest, stop)
    connections.close_all()


@contextmanager
def _beside(lines: Sequence[str | None], stop: threading.Event) -> Iterator[None]:
    """Deliver other lines in threads of their own until `stop` is set."""
    threads = [
        threading.Thread(target=_relay_line, args=(line, stop), name=f"relay-{line}", daemon=True)
        for line in lines
    ]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(STOP_SECONDS)


def _relay_line(line: str | None, stop: threading.Event) -> None:
    while not stop.is_set():
        if not _relay_once(line):
            stop.wait(REST_SECONDS)
    connections.close_all()


def _rest(rest: events.Rest, stop: threading.Event) -> None:
    try:
        rest.until_news(stop)
    except AnyDatabaseError:
        # Where the database is away, nobody wakes us.
        stop.wait(REST_SECONDS)


def _relay_once(line: str | None, *, and_then: Callable[[], object] = lambda: None) -> int:
    """Do what is due; return how many events were claimed, none if the database is away."""
    try:
        # A connection that broke is replaced here, before it is needed.
        close_old_connections()
        delivered = events.deliver_due(line=line)
        and_then()
    except AnyDatabaseError as error:
        logger.warning("The relay waits for the database: %s", error)
        return 0
    return delivered


def relay_in_background() -> None:
    """Run the relay in a thread of this process until it exits."""
    stop = threading.Event()
    thread = threading.Thread(target=relay_until, args=(stop,), name="relay", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(STOP_SECONDS)

    atexit.register(end)

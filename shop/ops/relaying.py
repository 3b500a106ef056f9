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
from shop.ops.webhooks import telling_webhooks

logger = logging.getLogger(__name__)

REST_SECONDS = 1.0
STOP_SECONDS = 5.0
# How long other systems wait at most for the first event after a quiet time.
_REST_OF_OTHERS_SECONDS = 0.2
# What waits for their answer may wait for a moment longer.
_STOP_OF_OTHERS_SECONDS = 8.0


def relay_until(stop: threading.Event, *, beat: Callable[[], None] = lambda: None) -> None:
    """Deliver events, to webhooks too, and run the schedule; outlive a database that is away.

    Ends when `stop` is set. `beat` is called after each round. What takes its time is delivered by
    threads beside this one.
    """
    first, *others = events.lines()
    rest = events.Rest(longest=REST_SECONDS, line=first)
    with beating(), _beside(others, stop), _telling_others(stop), telling_webhooks() as ring:
        while not stop.is_set():
            delivered = _relay_once(first, and_then=events.run_due)
            beat()
            if delivered:
                rest.begin_anew()
                ring()
            else:
                _rest(rest, stop)
    events.hang_up()
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
    events.hang_up()
    connections.close_all()


@contextmanager
def _telling_others(stop: threading.Event) -> Iterator[None]:
    """Tell other systems meanwhile, by a thread of its own: no handler waits for them."""
    if not events.has_others():
        yield
        return
    thread = threading.Thread(target=_tell_others_until, args=(stop,), name="others", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(_STOP_OF_OTHERS_SECONDS)


def _tell_others_until(stop: threading.Event) -> None:
    while not stop.is_set():
        stop.wait(_tell_others_once())
    events.hang_up_on_others()
    connections.close_all()


def _tell_others_once() -> float:
    """Tell other systems what is due; return how long to rest."""
    try:
        close_old_connections()
        return 0 if events.tell_others() else _REST_OF_OTHERS_SECONDS
    except AnyDatabaseError as error:
        logger.warning("The relay waits for the database: %s", error)
    except Exception:  # whatever it is, others are to be told when it is mended
        logger.exception("Other systems could not be told of events")
    return REST_SECONDS


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

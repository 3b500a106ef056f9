"""Resting until there is news: PostgreSQL wakes who sleeps, the other databases are asked."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from shop.events.actions.claiming import is_any_due, of_queue

# As the trigger of migration 0005 has them.
_CHANNEL = "novashop_events"
_SLEEPING = 1853189729
# How long it takes a sleeper at most to see that it is to stop.
_BLINK_SECONDS = 0.2
_SHORTEST_NAP_SECONDS = 0.02


class Rest:
    """What a relay does when nothing is due."""

    def __init__(self, *, longest: float, queue: str | None = None) -> None:
        self._longest = longest
        self._queue = queue
        self._nap = _SHORTEST_NAP_SECONDS

    def begin_anew(self) -> None:
        """Rest shortly next time: something was due, and more may follow."""
        self._nap = _SHORTEST_NAP_SECONDS

    def until_news(self, stop: threading.Event) -> None:
        """Wait until something is told, `stop` is set, or the longest time is over."""
        if connection.vendor != "postgresql":
            stop.wait(self._longest)
            return
        with _asleep() as is_asleep:
            if is_asleep:
                self.begin_anew()
                self._listen(stop)
                return
        # Somebody tells something at this moment, and we look again at once; or another relay
        # sleeps already, and we sleep longer each time.
        stop.wait(self._nap)
        self._nap = min(2 * self._nap, self._longest)

    def _listen(self, stop: threading.Event) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {_CHANNEL}")
        if is_any_due(of_queue(self._queue)):
            # Told before we slept, so nobody has woken us for it.
            return
        deadline = time.monotonic() + self._longest
        server: Any = connection.connection
        while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
            if any(True for _ in server.notifies(timeout=min(left, _BLINK_SECONDS), stop_after=1)):
                return


@contextmanager
def _asleep() -> Iterator[bool]:
    """Let whoever tells something see that a relay sleeps, if none does and nobody tells now."""
    is_asleep = _ask("SELECT pg_try_advisory_lock(%s)", _SLEEPING)
    try:
        yield is_asleep
    finally:
        if is_asleep:
            _ask("SELECT pg_advisory_unlock(%s)", _SLEEPING)


def wake() -> None:
    """Wake a relay that sleeps: there is something to deliver that was told before."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [_CHANNEL])


def _ask(question: str, *values: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return bool(cursor.fetchone()[0])

"""One replica as this process knows it: whether it may be read, and who is reading it."""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connections

from shop.lib.replicas import counting, judging, limits
from shop.lib.replicas.judging import Verdict

logger = logging.getLogger(__name__)


class _Thread(threading.local):
    """How many outages a thread's own connection has seen."""

    outages = 0


class Replica:
    """Asked by many threads; its watch alone decides whether it is well."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._good_until = 0.0
        self._outages = 0
        # What the log has said last: what is in the way, nothing where it is read, None before.
        self._said: str | None = None
        self._whole_until: float | None = None
        self._mine = _Thread()
        self._readers: dict[int, tuple[Any, float]] = {}
        self._lag, self._unread = counting.LAG.labels(alias), counting.UNREAD.labels(alias)
        self._unread.set(1)

    @property
    def is_well(self) -> bool:
        """Whether it may be read: a verdict lasts for seconds, in case nobody comes to renew it."""
        return time.monotonic() < self._good_until

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let the block read from it; a connection from before an outage is not used again."""
        connection = connections[self.alias]
        if self._mine.outages != self._outages:
            connection.close()
            self._mine.outages = self._outages
        reader = threading.get_ident()
        self._readers[reader] = (connection, time.monotonic())
        try:
            yield
        finally:
            self._readers.pop(reader, None)

    def has_failed(self) -> bool:
        """Tell whether it was this replica that failed in this thread, and no other database."""
        return connections[self.alias].errors_occurred

    def suspect(self, error: Exception) -> None:
        """It was away when somebody read: nobody reads from it until its watch has looked."""
        if self.is_well:
            self.settle(Verdict(trouble=judging.AWAY, details=words_of(error)))

    def settle(self, verdict: Verdict) -> None:
        """Read from it from now on, or do not; the log says so whenever that changes."""
        self._good_until = verdict.good_until
        self._unread.set(0 if verdict.good_until else 1)
        self._whole_until = verdict.whole_until or self._whole_until
        if self._whole_until is not None:
            # Goes on rising while it cannot be asked.
            self._lag.set(max(time.monotonic() - self._whole_until, 0.0))
        if verdict.trouble != self._said and (verdict.trouble or verdict.good_until):
            self._say(verdict)

    def _say(self, verdict: Verdict) -> None:
        if verdict.trouble:
            self._outages += 1
            details = f" ({verdict.details})" if verdict.details else ""
            logger.warning("Nothing is read from %s: %s%s", self.alias, verdict.trouble, details)
        else:
            logger.info("%s is read %s", self.alias, "again" if self._said else "from now on")
        self._said = verdict.trouble

    def hang_up(self) -> None:
        """Interrupt who has waited for it for long: they will ask the primary instead.

        A server that stands still keeps its connections, and no statement ends on it by itself.
        """
        longest = time.monotonic() - limits.ANSWER_SECONDS
        for connection, since in list(self._readers.values()):
            if since < longest:
                with suppress(Exception):
                    _shut(connection.connection)


def words_of(error: Exception) -> str:
    """Return the first line of what a driver says; MySQL's puts a number before it."""
    said = error.args[-1] if error.args else error
    return str(said).strip().partition("\n")[0].rstrip(".")


def _shut(driver: Any) -> None:
    """Shut a driver's socket: the thread that waits on it finds that the server has hung up."""
    number = driver.fileno() if hasattr(driver, "fileno") else driver._sock.fileno()
    with socket.socket(fileno=os.dup(number)) as line:
        line.shutdown(socket.SHUT_RDWR)

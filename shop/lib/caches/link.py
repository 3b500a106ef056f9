"""A process's link to one Redis: a breaker, a keeper, and a connection for every thread.

Nothing of it survives a fork: the child makes its own.
"""

import math
import os
import threading
import time
from collections.abc import Iterable, Sequence

from shop.lib import spans
from shop.lib.caches import counting
from shop.lib.caches.breaker import Breaker, reason_of
from shop.lib.caches.errors import CacheAwayError
from shop.lib.caches.keeper import Keeper
from shop.lib.caches.server import Server
from shop.lib.caches.wire import PROBLEMS, Command, Reply, Wire

# By when a call is over, with everything it takes: 49 ms of slow calls and one of these stay
# below 150 ms, and the next one finds the breaker open.
CALL_SECONDS = 0.090
# How long the first calls of a process wait for the keeper's first look.
_START_SECONDS = 0.060
# Some servers hang up on who has been silent for minutes.
_IDLE_SECONDS = 60.0


class _Thread(threading.local):
    """What a thread has of its own."""

    wire: Wire | None = None
    openings = 0
    used_at = 0.0
    era: bytes | None = None
    era_at = -math.inf


class Link:
    """What one process has to do with one Redis."""

    def __init__(self, server: Server, *, era_key: str) -> None:
        self._server = server
        self.seconds = CALL_SECONDS
        self.breaker = Breaker()
        self.keeper = Keeper(server, self.breaker, era_key=era_key)
        self.mine = _Thread()

    def ask(self, *commands: Command, seconds: float | None = None) -> list[Reply]:
        """Return Redis's answers. Raises CacheAwayError, at once while the breaker is open."""
        if not spans.is_traced():
            return self._ask(commands, seconds)
        # Names of commands: keys hold what is somebody's.
        names = " ".join(str(command[0]) for command in commands)
        with spans.part(f"redis {names}", {"db.system.name": "redis", "db.operation.name": names}):
            return self._ask(commands, seconds)

    def _ask(self, commands: Sequence[Command], seconds: float | None) -> list[Reply]:
        if not (self.breaker.is_closed or self._has_begun_well()):
            raise CacheAwayError
        begun = time.monotonic()
        deadline = begun + (seconds or self.seconds)
        try:
            replies = self._wire(deadline).ask(commands, deadline)
        except PROBLEMS as error:
            self._hang_up()
            counting.ERRORS.inc()
            self.breaker.open(reason_of(error))
            raise CacheAwayError from error
        except BaseException:
            # Interrupted: the answer would be taken for that of the next question.
            self._hang_up()
            raise
        took = time.monotonic() - begun
        counting.SECONDS.observe(took)
        self.breaker.note(took)
        return replies

    def drop(self, keys: Iterable[bytes]) -> None:
        """Go on without this write, so that nobody believes what it was to change."""
        self.keeper.begin()
        self.keeper.drop(keys)

    def abandon(self) -> None:
        """Let go of connections that belong to the parent of this process."""
        self._hang_up()
        self.keeper.abandon()

    def _has_begun_well(self) -> bool:
        """Begin, and let the keeper have its first look."""
        self.keeper.begin()
        left = self.keeper.began_at + _START_SECONDS - time.monotonic()
        if left > 0:
            self.keeper.has_looked.wait(left)
        return self.breaker.is_closed

    def _wire(self, deadline: float) -> Wire:
        mine, now = self.mine, time.monotonic()
        is_old = mine.openings != self.breaker.openings or now - mine.used_at > _IDLE_SECONDS
        if mine.wire is not None and is_old:
            self._hang_up()
        if mine.wire is None:
            mine.openings = self.breaker.openings
            mine.wire = self._server.connected(deadline=deadline, address=self.keeper.address)
        mine.used_at = now
        return mine.wire

    def _hang_up(self) -> None:
        wire, self.mine.wire = self.mine.wire, None
        if wire is not None:
            wire.close()


_links: dict[str, Link] = {}
_making = threading.Lock()


def link_to(server: Server, *, name: str, era_key: str) -> Link:
    """Return this process's link of that name; there is one, however many threads ask."""
    link = _links.get(name)
    if link is None:
        with _making:
            link = _links.setdefault(name, Link(server, era_key=era_key))
    return link


def _forget_links() -> None:
    """In the child of a fork: the threads are not there, and the connections are the parent's."""
    global _making  # noqa: PLW0603  (somebody may have held it at the moment of the fork)
    _making = threading.Lock()
    for link in _links.values():
        link.abandon()
    _links.clear()


os.register_at_fork(after_in_child=_forget_links)

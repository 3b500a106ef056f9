"""Who looks after the replicas from the background, so that no visitor ever waits for one.

Each process has one watch. Once a second it lets every replica say what it is and which beat it
has, then looks at the beat of the primary, and judges. It begins with the first request that may
lag; until it has seen two beats, everything is read from the primary.
"""

import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import connection, connections

from shop.lib.models import Beat
from shop.lib.replicas import beating, limits
from shop.lib.replicas.freshness import Freshness
from shop.lib.replicas.judging import Answer, judge
from shop.lib.replicas.replica import Replica, words_of

logger = logging.getLogger(__name__)

# A replica is what nobody can write to; in MariaDB and MySQL that is a setting of the server.
_IS_REPLICA = {
    "postgresql": "SELECT pg_is_in_recovery()",
    "mysql": "SELECT @@global.read_only",
}


class Looker(threading.Thread):
    """Asks one replica whenever it is wanted, on a connection of its own."""

    def __init__(self, replica: Replica, ask: Callable[[str], tuple[bool, int]]) -> None:
        super().__init__(name=f"look at {replica.alias}", daemon=True)
        self.answer = Answer(at=time.monotonic())
        self.replica = replica
        self._ask = ask
        self._wanted, self._answered = threading.Event(), threading.Event()

    def begin_to_ask(self) -> None:
        """Ask, unless it is still waiting for the answer to the last question."""
        self._answered.clear()
        self._wanted.set()

    def wait(self, *, until: float) -> None:
        """Wait for the answer, but not longer."""
        self._answered.wait(max(until - time.monotonic(), 0.0))

    def run(self) -> None:
        """Ask for ever."""
        while True:
            self._wanted.wait()
            self._wanted.clear()
            self.answer = self._answer()
            self._answered.set()

    def _answer(self) -> Answer:
        at = time.monotonic()
        try:
            with self.replica.in_use():
                is_replica, beat = self._ask(self.replica.alias)
        except Exception as error:
            # Whatever it is, the next question is to be asked as well.
            connections[self.replica.alias].close()
            return Answer(at=at, error=words_of(error))
        return Answer(at=at, is_replica=is_replica, beat=beat)


class Watch:
    """What one process knows of all its replicas."""

    def __init__(
        self,
        aliases: Sequence[str],
        *,
        ask: Callable[[str], tuple[bool, int]],
        ask_primary: Callable[[], int],
    ) -> None:
        self.replicas = [Replica(alias) for alias in aliases]
        self._lookers = [Looker(replica, ask) for replica in self.replicas]
        self._ask_primary = ask_primary
        self._freshness = Freshness(at=time.monotonic())
        self._turns = itertools.count()
        self._has_begun = False
        # Taken by whoever is the first, for good.
        self._starting = threading.Lock()

    def pick(self) -> Replica | None:
        """Return a replica that is well, each in its turn; None where there is none."""
        self.begin()
        first = next(self._turns)
        for step in range(len(self.replicas)):
            replica = self.replicas[(first + step) % len(self.replicas)]
            if replica.is_well:
                return replica
        return None

    def begin(self) -> None:
        """Start looking, once."""
        if self._has_begun or not self._starting.acquire(blocking=False):
            return
        self._has_begun = True
        for looker in self._lookers:
            looker.start()
        threading.Thread(target=self._keep, name="replica-watch", daemon=True).start()

    def _keep(self) -> None:
        while True:
            began = time.monotonic()
            try:
                self.look()
            except Exception:
                # Without its watch a process would never read from a replica again.
                logger.exception("The watch over the replicas stumbled")
            time.sleep(max(began + limits.LOOK_SECONDS - time.monotonic(), 0.0))

    def look(self) -> None:
        """Look at everything once, and judge."""
        until = time.monotonic() + limits.ANSWER_SECONDS
        for looker in self._lookers:
            looker.begin_to_ask()
        for looker in self._lookers:
            looker.wait(until=until)
        answers = [looker.answer for looker in self._lookers]
        self._look_at_primary()
        for replica, answer in zip(self.replicas, answers, strict=True):
            verdict = judge(answer, self._freshness, now=time.monotonic())
            replica.settle(verdict)
            if verdict.is_silent:
                replica.hang_up()

    def _look_at_primary(self) -> None:
        at = time.monotonic()
        try:
            self._freshness.note(self._ask_primary(), at=at)
        except AnyDatabaseError:
            # Whoever reads from it hears it too; the verdicts run out by themselves.
            connection.close()


def ask_replica(alias: str) -> tuple[bool, int]:
    """Return whether it is a replica now, and the beat it has."""
    there = connections[alias]
    with there.cursor() as cursor:
        cursor.execute(_IS_REPLICA[there.vendor])
        (is_replica,) = cursor.fetchone()
    return bool(is_replica), _beat_in(alias)


def ask_primary() -> int:
    """Return the beat of the primary, 0 before the first one."""
    return _beat_in(connection.alias)


def _beat_in(alias: str) -> int:
    rows = Beat.objects.using(alias).filter(pk=beating.ROW)
    return rows.values_list("number", flat=True).first() or 0


_watch: Watch | None = None
_making = threading.Lock()


def pick() -> Replica | None:
    """Return a replica that this process may read from now; None where there is none."""
    global _watch  # noqa: PLW0603  (one for a process, however many threads ask)
    if _watch is None:
        with _making:
            _watch = _watch or Watch(settings.REPLICAS, ask=ask_replica, ask_primary=ask_primary)
    return _watch.pick()


def _forget() -> None:
    """In the child of a fork: the threads are not there."""
    global _watch, _making
    # Somebody may have held it at the moment of the fork.
    _watch, _making = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)

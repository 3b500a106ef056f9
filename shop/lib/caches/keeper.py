"""Who looks after the cache from the background: keeps its era alive, and knows when it is back.

Everything in the cache is believed in the era of its writing alone, and the era is a key in Redis
that lives for a few seconds unless somebody keeps it alive. So whatever Redis held while it stood
still, or wakes up with from a file, is of a lapsed era. Whoever had to drop a write ends the era at
once: by a command that goes out before the answer to whoever wanted the write, on a connection that
was there before. A Redis that stands still finds it first thing when it goes on, together with what
is asked in that very moment.
"""

import contextlib
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Iterable

from shop.lib.caches import counting
from shop.lib.caches.breaker import SLOW_SECONDS, Breaker, reason_of
from shop.lib.caches.server import Server
from shop.lib.caches.values import new_era
from shop.lib.caches.wire import PROBLEMS, Command, Wire

logger = logging.getLogger(__name__)

ERA_SECONDS = 3.0
LOOK_SECONDS = 0.5
# How long the keeper itself waits for Redis; nobody waits for the keeper.
PATIENCE_SECONDS = 1.0
# A connection that was heard of so recently is worth a word without waiting for the keeper.
_FRESH_SECONDS = 2.0
_GOOD_LOOKS = 2
# Who comes and goes is looked at for longer: twice as long each time, up to two seconds.
_MOST_LOOKS = 4
_RELAPSE_SECONDS = 10.0
# Below what is slow, so that a Redis on the edge does not come and go.
GOOD_SECONDS = SLOW_SECONDS * 0.75
_MOST_KEYS = 10_000


class Keeper:
    """One thread of a process, with a connection of its own."""

    def __init__(self, server: Server, breaker: Breaker, *, era_key: str) -> None:
        self._server, self._breaker, self._era_key = server, breaker, era_key
        # Where Redis was found last: nobody but the keeper waits for its name to be looked up.
        self.address = ""
        self.has_looked = threading.Event()
        self.began_at = 0.0
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._wire: Wire | None = None
        self._heard_at = 0.0
        # For each answer that is still to come: up to which dropped write it ends the era, or 0.
        self._expected: deque[int] = deque()
        self._dropped = self._covered = 0
        self._keys: set[bytes] = set()
        self._good_looks = 0
        self._good_at = self._closed_at = -math.inf
        self._openings = 0
        self._is_over = False
        # The first look is enough for a process that has just begun.
        self._needed_looks = 1

    def begin(self) -> None:
        """Start the thread, once."""
        with self._lock:
            if self.began_at:
                return
            self.began_at = time.monotonic()
        threading.Thread(target=self._keep, name="cache-keeper", daemon=True).start()

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def drop(self, keys: Iterable[bytes]) -> None:
        """These were to change and could not: end the era, before anybody believes the old."""
        counting.DROPPED.inc()
        with self._lock:
            self._dropped += 1
            if len(self._keys) < _MOST_KEYS:
                self._keys.update(keys)
            self._end_era_at_once()
        self.wake()

    def _end_era_at_once(self) -> None:
        wire = self._wire
        # TLS has no room for one thread that speaks while another listens.
        if wire is None or wire.is_tls or time.monotonic() - self._heard_at > _FRESH_SECONDS:
            return
        with contextlib.suppress(*PROBLEMS):
            self._say(wire, [("DEL", self._era_key)], covers=self._dropped)

    def _say(self, wire: Wire, commands: list[Command], *, covers: int = 0) -> None:
        """Send without waiting; needs the lock."""
        self._expected.extend([covers] * len(commands))
        wire.send(commands)

    def end(self) -> None:
        """Let the thread finish, for good."""
        self._is_over = True
        self.wake()

    def abandon(self) -> None:
        """Close what is left of it in the child of a fork, where its thread is not."""
        if self._wire is not None:
            self._wire.close()

    # --- The thread ---------------------------------------------------------------------------

    def _keep(self) -> None:
        while not self._is_over:
            self._look_once()
            self.has_looked.set()
            self._woken.wait(LOOK_SECONDS)
            self._woken.clear()
        self.abandon()

    def _look_once(self) -> None:
        try:
            self._look(self._wire or self._connect())
        except PROBLEMS as error:
            self._give_up(error)
        except Exception as error:
            # Without its keeper a process would never ask its cache again.
            logger.exception("The keeper of the cache stumbled")
            self._give_up(error)

    def _connect(self) -> Wire:
        wire = self._server.connected(deadline=time.monotonic() + PATIENCE_SECONDS)
        self.address = wire.address
        with self._lock:
            self._wire, self._heard_at = wire, time.monotonic()
            self._expected.clear()
        return wire

    def _look(self, wire: Wire) -> None:
        self._settle(wire)
        if self._breaker.is_closed:
            self._beat(wire)
            return
        self._note_openings()
        # The quickest of three: on a busy machine one that is slow says nothing.
        quickest = min(self._beat(wire) for _ in range(3))
        self._judge(quickest)

    def _settle(self, wire: Wire) -> None:
        """End the era for what was dropped; take away what belongs to no era."""
        with self._lock:
            keys = list(self._keys)
            covers = self._dropped if self._dropped > self._covered else 0
        if covers:
            self._ask(wire, [("DEL", self._era_key)], covers=covers)
        for begin in range(0, len(keys), 500):
            self._ask(wire, [("DEL", *keys[begin : begin + 500])])
        with self._lock:
            self._keys.difference_update(keys)

    def _beat(self, wire: Wire) -> float:
        """Keep the era alive, or begin one, which proves that Redis writes; return the seconds."""
        milliseconds = int(ERA_SECONDS * 1000)
        begun = time.monotonic()
        self._ask(
            wire,
            [
                ("SET", self._era_key, new_era(), "NX", "PX", milliseconds),
                ("PEXPIRE", self._era_key, milliseconds),
            ],
        )
        return time.monotonic() - begun

    def _ask(self, wire: Wire, commands: list[Command], *, covers: int = 0) -> None:
        with self._lock:
            self._say(wire, commands, covers=covers)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._expected:
            wire.read(deadline)
            with self._lock:
                self._heard_at = time.monotonic()
                self._covered = max(self._covered, self._expected.popleft())

    def _note_openings(self) -> None:
        if self._openings == self._breaker.openings:
            return
        self._openings, self._good_looks = self._breaker.openings, 0
        is_relapse = time.monotonic() - self._closed_at < _RELAPSE_SECONDS
        self._needed_looks = min(self._needed_looks * 2, _MOST_LOOKS) if is_relapse else _GOOD_LOOKS

    def _judge(self, quickest: float) -> None:
        if quickest > GOOD_SECONDS:
            self._good_looks = 0
            return
        # Being woken is no reason to trust it sooner.
        if time.monotonic() - self._good_at >= LOOK_SECONDS * 0.8:
            self._good_looks, self._good_at = self._good_looks + 1, time.monotonic()
        with self._lock:
            settled = self._dropped == self._covered and not self._keys
        if not settled:
            self.wake()
        elif self._good_looks >= self._needed_looks:
            self._closed_at = time.monotonic()
            self._breaker.close()

    def _give_up(self, error: Exception) -> None:
        """Leave a last word behind: who stood still hears it before anything else."""
        with self._lock:
            wire, self._wire = self._wire, None
            self._expected.clear()
            if wire is not None:
                # What it held may come back with it, from a file.
                self._dropped += 1
                with contextlib.suppress(*PROBLEMS):
                    wire.send([("DEL", self._era_key)])
                wire.close()
        self._good_looks = 0
        self._breaker.open(reason_of(error))

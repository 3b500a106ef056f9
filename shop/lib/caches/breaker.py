"""Whether a Redis may be asked: one slow or failing call too many, and it may not."""

import logging
import threading
import time
from collections import deque

from redis.exceptions import TimeoutError as NotInTimeError

from shop.lib.caches import counting

logger = logging.getLogger(__name__)

# A call that takes longer is slow; slow calls may cost so much in any second.
SLOW_SECONDS = 0.020
SLOW_BUDGET = 0.050
_WINDOW = 1.0


class Breaker:
    """Closed: Redis is asked. Open: it is not. A new one is open, until somebody has looked."""

    def __init__(self) -> None:
        self.is_closed = False
        self.budget = SLOW_BUDGET
        # How often it has opened: connections from before are not to be trusted.
        self.openings = 0
        self._said_away = False
        self._slow: deque[tuple[float, float]] = deque()
        self._lock = threading.Lock()

    def note(self, seconds: float) -> None:
        """A call was answered, in so many seconds."""
        if seconds <= SLOW_SECONDS:
            return
        now = time.monotonic()
        with self._lock:
            self._slow.append((now, seconds))
            while self._slow and self._slow[0][0] < now - _WINDOW:
                self._slow.popleft()
            cost = sum(spent for _, spent in self._slow)
        if cost >= self.budget:
            self.open(f"its answers took {cost * 1000:.0f} ms in a second")

    def open(self, reason: str) -> None:
        """Ask no more. Said once in the log, however many find out at the same time."""
        with self._lock:
            if not self.is_closed and self._said_away:
                return
            self.is_closed, self._said_away = False, True
            self.openings += 1
            self._slow.clear()
        counting.AWAY.set(1)
        logger.warning("The shop goes on without its cache: %s", reason)

    def close(self) -> None:
        """Ask again."""
        with self._lock:
            if self.is_closed:
                return
            self.is_closed, was_away, self._said_away = True, self._said_away, False
        counting.AWAY.set(0)
        if was_away:
            logger.info("The cache is back")


def reason_of(error: Exception) -> str:
    """Say in words why Redis could not be asked."""
    if isinstance(error, TimeoutError | NotInTimeError):
        return "Redis does not answer in time"
    # redis-py takes the first word of what Redis says, such as READONLY, out of it.
    code = getattr(error, "status_code", None)
    return f"{code} {error}" if code else str(error) or type(error).__name__

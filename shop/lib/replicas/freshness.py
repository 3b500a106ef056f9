"""Up to which moment a replica has everything, by the clock of this process and no other.

Clocks of machines differ, and what a replica says of its own lag is zero when it hears nothing. So
a process writes down which beat the primary had at which moment of its own. A replica that has a
beat has everything that was committed before that beat, and so everything that was committed when
the primary was last seen with a smaller one.
"""

from collections import deque

# A minute of looks; what lags more is not read anyway.
_MOST = 64


class Freshness:
    """What one process has seen of the primary's beat. Moments are `time.monotonic()`."""

    def __init__(self, *, at: float) -> None:
        # When it began, when the primary was seen last, and when it was first seen with its beat.
        self.begun_at = self.seen_at = self.risen_at = at
        self._seen: deque[tuple[float, int]] = deque(maxlen=_MOST)

    def note(self, number: int, *, at: float) -> None:
        """The primary was asked at that moment, and had this beat."""
        if number < self.newest:
            # Another primary, or a backup: what was seen before says nothing.
            self._seen.clear()
            self.begun_at = at
        if number != self.newest:
            self.risen_at = at
        self.seen_at = at
        self._seen.append((at, number))

    @property
    def newest(self) -> int:
        """The last beat seen in the primary, 0 before any."""
        return self._seen[-1][1] if self._seen else 0

    def whole_until(self, number: int) -> float | None:
        """Return a moment up to which whoever has this beat has everything.

        None where that cannot be said: before two beats were seen, and for one that was long ago.
        """
        earlier = [at for at, seen in self._seen if seen < number]
        return earlier[-1] if earlier else None

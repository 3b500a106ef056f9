"""How often is too often: counting in windows of time."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which something is counted; all stretches are `seconds` long."""

    number: int
    ends_in: int


def window_at(now: float, *, seconds: int) -> Window:
    """Return the window that a moment (seconds since the epoch) falls into."""
    number = int(now // seconds)
    # Rounded up: whoever comes back after so many seconds finds the next window open.
    return Window(number=number, ends_in=math.ceil((number + 1) * seconds - now))

"""Waiting for what comes in its own time."""

import time
from collections.abc import Callable


def wait_until(true: Callable[[], bool], *, seconds: float = 20) -> float:
    """Ask until it is so, and return the seconds it took; fail past the deadline."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, "it did not come true in time"
        time.sleep(0.002)
    return time.monotonic() - begun

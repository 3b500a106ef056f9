"""Who may come in now: counts by key, kept in the cache that all processes share."""

import hashlib
import time

from django.conf import settings
from django.core.cache import cache

from shop.gate.errors import TooManyRequests
from shop.gate.rules import Window, window_at
from shop.lib.caches.errors import CacheAwayError


def admit(*, key: str, limit: int, seconds: int) -> None:
    """Count one more for the key; let in up to `limit` in every stretch of so many seconds.

    Raises TooManyRequests. Counting is one atomic step of the cache, so that requests at the same
    moment cannot slip through together. Lets everybody in where settings.THROTTLE is off, and
    where the cache is away: a shop without its cache still sells.
    """
    if not settings.THROTTLE:
        return
    window = window_at(time.time(), seconds=seconds)
    if _count(_name(key, window, seconds=seconds), seconds=seconds) > limit:
        raise TooManyRequests(retry_after=window.ends_in)


def forget_one(*, key: str, seconds: int) -> None:
    """Count one less for the key in this stretch of time: what was counted need not have been.

    For what is only known afterwards, such as that a password was right.
    """
    if not settings.THROTTLE:
        return
    window = window_at(time.time(), seconds=seconds)
    try:
        cache.decr(_name(key, window, seconds=seconds))
    except (ValueError, CacheAwayError):
        # Another stretch has begun meanwhile, with nothing counted in it; or nobody counts now.
        return


def _count(name: str, *, seconds: int) -> int:
    """Return how many have come with this one; 0 where the cache does not answer."""
    try:
        return cache.incr(name)
    except ValueError:
        # Most are not the first in their stretch of time, and these cost one step more.
        return _count_first(name, seconds=seconds)
    except CacheAwayError:
        return 0


def _count_first(name: str, *, seconds: int) -> int:
    try:
        if cache.add(name, 1, timeout=seconds * 2):
            return 1
        # Somebody else was the first at the same moment.
        return cache.incr(name)
    except ValueError:
        # Dropped between the two steps, so that this one is the first again.
        return 1
    except CacheAwayError:
        return 0


def _name(key: str, window: Window, *, seconds: int) -> str:
    return f"gate:{_digest(key)}:{seconds}:{window.number}"


def _digest(key: str) -> str:
    """Return the key in a form that any cache takes, whatever a visitor has put into it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]

"""One booking for each form that is shown, however often its button is pressed."""

from uuid import UUID

from django.core.cache import cache

from shop.lib.caches.errors import CacheAwayError

_A_DAY = 24 * 60 * 60


def claim(*, user_id: int, token: UUID) -> bool:
    """Tell whether this is the first time that somebody sends the form with this token.

    One atomic step of the cache that all processes share, so that of two clicks at the same moment
    one counts. A shop whose cache is away still books.
    """
    try:
        return bool(cache.add(_key(user_id, token), 1, timeout=_A_DAY))
    except CacheAwayError:
        return True


def release(*, user_id: int, token: UUID) -> None:
    """Let the form be sent again: nothing was booked. A cache that is away learns it later."""
    cache.delete(_key(user_id, token))


def _key(user_id: int, token: UUID) -> str:
    return f"backoffice:once:{user_id}:{token.hex}"

"""One booking for each form that is shown, however often its button is pressed."""

import logging
from uuid import UUID

from django.core.cache import cache

logger = logging.getLogger(__name__)

_A_DAY = 24 * 60 * 60


def claim(*, user_id: int, token: UUID) -> bool:
    """Tell whether this is the first time that somebody sends the form with this token.

    One atomic step of the cache that all processes share, so that of two clicks at the same moment
    one counts. A shop whose cache is away still books.
    """
    try:
        return bool(cache.add(_key(user_id, token), 1, timeout=_A_DAY))
    except Exception:
        logger.warning("Forms may be booked twice: the cache does not answer", exc_info=True)
        return True


def release(*, user_id: int, token: UUID) -> None:
    """Let the form be sent again: nothing was booked."""
    try:
        cache.delete(_key(user_id, token))
    except Exception:
        logger.warning("A form cannot be sent again: the cache does not answer", exc_info=True)


def _key(user_id: int, token: UUID) -> str:
    return f"backoffice:once:{user_id}:{token.hex}"

"""From REDIS_URL to Django's CACHES entry: Redis, or the memory of this process."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

_IN_PROCESS: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}


# Answers for everybody: how long they are kept at most, where nothing has changed. A shop of
# thousands of pages would make all of them anew as often. In the memory of one process nobody hears
# of what another one has written, so there it is a second; nor do they crowd out what is counted.
_SECONDS, _SECONDS_IN_PROCESS = 300, 1
_MOST_IN_PROCESS = 500


def public_cache_from(cache: dict[str, Any]) -> dict[str, Any]:
    """Return Django's settings for answers for everybody, beside those of the shop's own cache."""
    if cache is not _IN_PROCESS:
        return {**cache, "TIMEOUT": _SECONDS}
    return {
        **cache,
        "LOCATION": "public",
        "TIMEOUT": _SECONDS_IN_PROCESS,
        "OPTIONS": {"MAX_ENTRIES": _MOST_IN_PROCESS},
    }


def cache_from_url(url: str) -> dict[str, Any]:
    """Return Django's settings for the Redis at `url`; for an empty one, of a cache in the process.

    Raises ImproperlyConfigured when the URL names no Redis. Whether one answers there is not asked.
    """
    if not url:
        return _IN_PROCESS
    # Who has no Redis need not wait for its client.
    from shop.lib.caches.server import Server

    try:
        Server(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"REDIS_URL {error}") from error
    except OSError as error:
        raise ImproperlyConfigured(
            f"REDIS_URL names a file that cannot be read: {error}"
        ) from error
    return {
        "BACKEND": "shop.lib.caches.backend.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "novashop",
    }

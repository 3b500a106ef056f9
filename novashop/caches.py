"""From REDIS_URL to Django's CACHES entry: Redis, or the memory of this process."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

_IN_PROCESS: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
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

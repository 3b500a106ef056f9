"""REDIS_URL becomes the cache of all processes, or is refused in one sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from novashop.caches import cache_from_url

pytestmark = pytest.mark.once

WANTED = (
    "REDIS_URL must be redis://user:password@host:6379/0, rediss://… or "
    "unix:///path/of/the/socket?db=0, with no options but db, username, password and, for rediss, "
    "ssl_ca_certs, ssl_certfile, ssl_keyfile and ssl_cert_reqs=none; in a password, / # and ? are "
    "written %2F %23 and %3F"
)


def test_without_a_url_the_cache_is_in_the_process() -> None:
    cache = cache_from_url("")
    assert cache["BACKEND"] == "django.core.cache.backends.locmem.LocMemCache"


def test_with_one_it_is_redis() -> None:
    assert cache_from_url("redis://cache/1") == {
        "BACKEND": "shop.lib.caches.backend.RedisCache",
        "LOCATION": "redis://cache/1",
        "KEY_PREFIX": "novashop",
    }


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("cache:6379", WANTED),
        ("redis://:se/cret@cache", WANTED),
        (
            "rediss://cache?ssl_ca_certs=/no/such/file.pem",
            "REDIS_URL names a file that cannot be read: [Errno 2] No such file or directory",
        ),
    ],
)
def test_what_is_no_redis_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        cache_from_url(url)
    assert str(caught.value) == sentence

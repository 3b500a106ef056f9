"""A session that has ended has ended, whatever its cache missed and whoever read it just before."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session

from shop.lib.caches.sessions import SessionStore
from tests.redis import OneProcess, PrivateRedis, private_redis, processes
from tests.waiting import wait_until as wait

pytestmark = [pytest.mark.once, pytest.mark.django_db]

Two = tuple[OneProcess, OneProcess]
SIGNED_IN = {"user": "7"}


@pytest.fixture(scope="module")
def redis() -> Iterator[PrivateRedis]:
    with private_redis() as server:
        yield server


@pytest.fixture
def two(redis: PrivateRedis) -> Iterator[Two]:
    with processes(redis.url, 2) as [a, b]:
        wait(lambda: a.answers() and b.answers())
        a.clear()
        yield a, b


def session(
    cache: OneProcess, key: str | None = None, *, of: type[cached_db.SessionStore] = SessionStore
) -> Any:
    """Return the session as a request finds it that this process answers."""
    # Between two requests a process forgets what it knew of the era.
    cache.close()
    store: Any = of(key)
    store._cache = cache
    return store


def sign_in(cache: OneProcess) -> str:
    store = session(cache)
    store.update(SIGNED_IN)
    store.save()
    return str(store.session_key)


def test_a_session_is_read_from_the_cache(two: Two, django_assert_num_queries: Any) -> None:
    a, b = two
    key = sign_in(a)
    with django_assert_num_queries(0):
        assert dict(session(b, key).items()) == SIGNED_IN


def test_a_session_the_cache_has_lost_is_read_once(
    two: Two, django_assert_num_queries: Any
) -> None:
    a, b = two
    key = sign_in(a)
    a.clear()
    with django_assert_num_queries(1):
        assert dict(session(b, key).items()) == SIGNED_IN
        assert dict(session(a, key).items()) == SIGNED_IN


def test_who_signs_out_is_signed_out_everywhere(two: Two) -> None:
    a, b = two
    key = sign_in(a)
    session(a, key).flush()
    assert not Session.objects.exists()
    assert (dict(session(a, key).items()), dict(session(b, key).items())) == ({}, {})


def test_who_signs_out_while_redis_stands_still(redis: PrivateRedis, two: Two) -> None:
    a, b = two
    key = sign_in(a)
    assert dict(session(b, key).items()) == SIGNED_IN
    redis.stall()
    try:
        session(a, key).flush()
    finally:
        redis.resume()
    # What waited for it together with its first readers, it may take up after them.
    assert redis.say("PING") == b"+PONG\r\n"
    assert dict(session(b, key).items()) == {}
    wait(lambda: a.is_used and b.is_used)
    assert (dict(session(a, key).items()), dict(session(b, key).items())) == ({}, {})


def test_sessions_work_while_redis_is_away(redis: PrivateRedis, two: Two) -> None:
    a, b = two
    redis.stop()
    key = sign_in(a)
    assert dict(session(b, key).items()) == SIGNED_IN
    changed = session(b, key)
    changed["user"] = "8"
    changed.save()
    assert dict(session(a, key).items()) == {"user": "8"}
    redis.start()
    wait(lambda: a.is_used and b.is_used)
    assert dict(session(a, key).items()) == {"user": "8"}


def end_while_it_is_read(store: Any, monkeypatch: pytest.MonkeyPatch, other: Any) -> None:
    """Let the other end the session just after this one was read from the database."""
    read = store._get_session_from_db

    def read_and_be_late() -> Any:
        row = read()
        other.flush()
        return row

    monkeypatch.setattr(store, "_get_session_from_db", read_and_be_late)
    store.load()


@pytest.mark.parametrize(
    ("of", "is_believed"), [(SessionStore, False), (cached_db.SessionStore, True)]
)
def test_a_session_that_ended_while_it_was_read_is_not_kept(
    two: Two,
    monkeypatch: pytest.MonkeyPatch,
    of: type[cached_db.SessionStore],
    is_believed: bool,
) -> None:
    a, b = two
    key = sign_in(a)
    a.clear()
    end_while_it_is_read(session(b, key, of=of), monkeypatch, session(a, key, of=of))
    assert bool(session(a, key, of=of).items()) is is_believed


@pytest.mark.parametrize(
    ("of", "is_believed"), [(SessionStore, False), (cached_db.SessionStore, True)]
)
def test_a_session_that_ended_while_it_was_saved_is_not_kept(
    two: Two,
    monkeypatch: pytest.MonkeyPatch,
    of: type[cached_db.SessionStore],
    is_believed: bool,
) -> None:
    a, b = two
    key = sign_in(a)
    late, other = session(b, key, of=of), session(a, key, of=of)
    late["seen"] = "a product"
    keep = b.set

    def keep_late(*arguments: Any) -> None:
        other.flush()
        keep(*arguments)

    monkeypatch.setattr(b, "set", keep_late)
    late.save()
    assert bool(session(a, key, of=of).items()) is is_believed


def test_an_ended_session_cannot_be_saved(two: Two) -> None:
    a, b = two
    key = sign_in(a)
    late = session(b, key)
    late["seen"] = "a product"
    session(a, key).flush()
    with pytest.raises(UpdateError):
        late.save()
    assert dict(session(a, key).items()) == {}


def test_a_new_key_for_the_same_session(two: Two) -> None:
    a, b = two
    key = sign_in(a)
    store = session(a, key)
    store.cycle_key()
    store.save()
    assert dict(session(b, key).items()) == {}
    assert dict(session(b, store.session_key).items()) == SIGNED_IN


def test_in_a_cache_of_the_process_it_is_as_ever(django_assert_num_queries: Any) -> None:
    store = SessionStore()
    store.update(SIGNED_IN)
    store.save()
    key = str(store.session_key)
    with django_assert_num_queries(0):
        assert dict(SessionStore(key).items()) == SIGNED_IN
    SessionStore(key).delete()
    assert dict(SessionStore(key).items()) == {}

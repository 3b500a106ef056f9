"""Answers that are kept in Redis, which may be stopped, stand still, or come back empty or old."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from shop.lib.caches.errors import CacheAwayError
from shop.lib.public import generations, parts
from shop.lib.public.answering import public
from shop.lib.public.parts import Kind
from tests.redis import OneProcess, PrivateRedis, private_redis, processes
from tests.waiting import wait_until as wait

pytestmark = pytest.mark.once

Two = tuple[OneProcess, OneProcess]


@pytest.fixture(scope="module")
def redis() -> Iterator[PrivateRedis]:
    with private_redis() as server:
        yield server


@pytest.fixture
def two(redis: PrivateRedis, settings: Any) -> Iterator[Two]:
    settings.KEEP_PAGES = True
    with processes(redis.url, 2) as [a, b]:
        wait(lambda: a.answers() and b.answers())
        a.clear()
        yield a, b


class Shop:
    """A page of a shop, asked for by way of one process or another."""

    text = "first"

    def __init__(self) -> None:
        self.times = 0
        self._answer: Any = public(generations=["product:7"])(self._show)

    def _show(self, _: HttpRequest) -> HttpResponse:
        self.times += 1
        return HttpResponse(self.text)

    def by(self, process: OneProcess) -> tuple[str, str]:
        """Return what became of a request that this process has got, and what it says."""
        with using(process):
            response = self._answer(RequestFactory().get("/"))
        process.close()
        return response["X-Cache"], response.content.decode()


class using:  # noqa: N801  (reads like one)
    """Let the block have the cache of that process."""

    def __init__(self, process: OneProcess) -> None:
        self._process = process

    def __enter__(self) -> None:
        self._before = caches[generations.ALIAS]
        caches[generations.ALIAS] = self._process

    def __exit__(self, *_: object) -> None:
        caches[generations.ALIAS] = self._before


def renew(process: OneProcess) -> None:
    with using(process):
        generations.renew(["product:7"])
    process.close()


def test_what_one_process_keeps_another_one_finds_until_it_changes(two: Two) -> None:
    a, b = two
    shop = Shop()
    shop.by(a)
    wait(lambda: shop.by(b) == ("hit", "first"))
    shop.text = "second"
    renew(b)
    assert shop.by(a) == ("made", "second")
    wait(lambda: shop.by(b) == ("hit", "second"))


def test_a_redis_that_was_emptied_brings_nothing_back(redis: PrivateRedis, two: Two) -> None:
    a, b = two
    shop = Shop()
    shop.by(a)
    redis.say("FLUSHALL")
    assert shop.by(a)[1] == "first"
    wait(lambda: shop.by(b) == ("hit", "first"))


@pytest.mark.parametrize("how", ["stands still", "is gone"])
def test_what_changes_while_redis_does_not_answer_is_not_shown_as_it_was(
    redis: PrivateRedis, two: Two, how: str
) -> None:
    a, b = two
    shop = Shop()
    shop.by(a)
    wait(lambda: shop.by(b) == ("hit", "first"))
    away, back = (redis.stall, redis.resume) if how == "stands still" else (redis.stop, redis.start)
    away()
    try:
        # Everybody goes on without it, and is answered.
        assert [shop.by(a), shop.by(a)] == [("made", "first")] * 2
        shop.text = "second"
        renew(a)
        assert shop.by(a) == ("made", "second")
        assert shop.by(b) == ("made", "second")
    finally:
        back()
    wait(lambda: a.is_used and b.is_used)
    seen = [shop.by(each) for _ in range(5) for each in (a, b)]
    assert {text for _, text in seen} == {"second"}
    wait(lambda: shop.by(b)[0] == "hit")


def test_parts_that_changed_while_redis_did_not_answer_are_not_shown_as_they_were(
    redis: PrivateRedis, two: Two
) -> None:
    a, b = two
    goods = {7: "first"}
    kind: Kind[int, str] = Kind("test", lambda id_: [f"product:{id_}"], len)

    def by(process: OneProcess) -> str:
        # With a token, too: all processes share what tells old from new.
        with using(process), parts.in_use(is_live=True):
            found = kind.of([7], lambda ids: {id_: goods[id_] for id_ in ids})
        process.close()
        return found[7]

    assert by(a) == "first"
    goods[7] = "nobody was told"
    wait(lambda: by(b) == "first")
    redis.stop()
    try:
        assert by(a) == "nobody was told"
        goods[7] = "second"
        renew(a)
        assert (by(a), by(b)) == ("second", "second")
    finally:
        redis.start()
    wait(lambda: a.is_used and b.is_used)
    assert {by(each) for _ in range(5) for each in (a, b)} == {"second"}
    goods[7] = "third"
    renew(b)
    assert (by(a), by(b)) == ("third", "third")


def test_news_are_done_when_redis_has_heard(redis: PrivateRedis, two: Two) -> None:
    a, _ = two
    with using(a):
        generations.renew_surely(["product:7"])
    redis.stall()
    try:
        with using(a), pytest.raises(CacheAwayError):
            generations.renew_surely(["product:7"])
    finally:
        redis.resume()

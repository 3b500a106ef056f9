"""What is kept in Redis comes back: on Redis and on Valkey."""

from collections.abc import Iterator
from typing import Any

import pytest

from shop.lib.caches.values import MISSING, new_era, packed, unpacked
from tests.counts import count_of
from tests.redis import OneProcess, PrivateRedis, private_redis, processes
from tests.waiting import wait_until

pytestmark = pytest.mark.once


@pytest.fixture(scope="module", params=["system", "wheel"])
def redis(request: pytest.FixtureRequest) -> Iterator[PrivateRedis]:
    with private_redis(wheel=request.param == "wheel") as server:
        yield server


@pytest.fixture
def cache(redis: PrivateRedis) -> Iterator[OneProcess]:
    with processes(redis.url, patient=True) as [process]:
        wait_until(process.answers)
        process.clear()
        yield process


@pytest.mark.parametrize(
    "value",
    [{"a": [1, 2.5, None, True]}, "text \ud800 é", b"\x00bytes\xff", None, 0, -7, 2**62, [], True],
)
def test_a_value_comes_back(cache: OneProcess, value: Any) -> None:
    cache.set("key", value)
    found = cache.get("key", "default")
    assert (type(found), found) == (type(value), value)


def test_what_only_pickle_could_keep_is_refused(cache: OneProcess) -> None:
    with pytest.raises(TypeError):
        cache.set("key", object())
    assert cache.get("key") is None


def test_all_processes_see_the_same(cache: OneProcess, redis: PrivateRedis) -> None:
    cache.set("key", {"a": 1})
    with processes(redis.url, patient=True) as [other]:
        wait_until(other.answers)
        assert other.get("key") == {"a": 1}
        other.delete("key")
    assert cache.get("key") is None


def test_many_at_once(cache: OneProcess) -> None:
    assert cache.set_many({"a": 1, "b": "two", "c": [3]}) == []
    assert cache.get_many(["a", "b", "nothing", "c"]) == {"a": 1, "b": "two", "c": [3]}
    cache.delete_many(["a", "c"])
    assert cache.get_many(["a", "b", "c"]) == {"b": "two"}
    cache.delete_many([])
    assert cache.get_many([]) == {}


def test_calls_that_are_answered_are_timed(cache: OneProcess) -> None:
    cache.set("key", "value")
    calls, seconds = (count_of(f"novashop_cache_seconds_{what}") for what in ("count", "sum"))

    assert cache.get("key") == "value"

    assert count_of("novashop_cache_seconds_count") == calls + 1
    assert 0 < count_of("novashop_cache_seconds_sum") - seconds < 30


def test_counting(cache: OneProcess) -> None:
    assert cache.add("count", 1, timeout=60)
    assert not cache.add("count", 1, timeout=60)
    assert (cache.incr("count"), cache.incr("count", 5), cache.decr("count")) == (2, 7, 6)
    assert cache.get("count") == 6
    with pytest.raises(ValueError, match="nothing"):
        cache.incr("nothing")


def test_only_the_first_is_added(cache: OneProcess) -> None:
    assert cache.add("key", "first")
    assert not cache.add("key", "second")
    assert cache.get("key") == "first"


def test_what_is_deleted_is_gone(cache: OneProcess) -> None:
    cache.set("key", "value")
    assert cache.delete("key")
    assert not cache.delete("key")
    assert "key" not in cache


def test_time_runs_out(cache: OneProcess) -> None:
    cache.set("value", "v", timeout=0.05)
    cache.set("count", 1, timeout=0.05)
    wait_until(lambda: not cache.get_many(["value", "count"]))
    cache.set("key", "v")
    cache.set("key", "w", timeout=0)
    assert cache.get("key") is None
    assert cache.add("key", "w", timeout=0)
    assert cache.get("key") is None


def test_nothing_but_counters_is_kept_for_ever(cache: OneProcess, redis: PrivateRedis) -> None:
    cache.set("value", "v", timeout=None)
    cache.set("count", 1, timeout=None)
    assert redis.say("TTL", cache.make_key("value")) in {b":600\r\n", b":599\r\n"}
    assert redis.say("TTL", cache.make_key("count")) == b":-1\r\n"


def test_a_value_is_kept_longer_when_it_is_touched(cache: OneProcess, redis: PrivateRedis) -> None:
    cache.set("key", "v", timeout=5)
    assert cache.touch("key", timeout=300)
    assert redis.say("TTL", cache.make_key("key")) in {b":300\r\n", b":299\r\n"}
    assert not cache.touch("nothing")


def test_get_or_set_asks_once(cache: OneProcess) -> None:
    asked: list[str] = []

    def ask() -> str:
        asked.append("asked")
        return "answer"

    assert [cache.get_or_set("key", ask) for _ in range(3)] == ["answer"] * 3
    assert asked == ["asked"]


def test_clearing_leaves_what_others_keep_there(cache: OneProcess, redis: PrivateRedis) -> None:
    redis.say("SET", "celery", "task")
    cache.set_many({"value": "v", "count": 1})
    cache.clear()
    assert cache.get_many(["value", "count"]) == {}
    assert redis.say("GET", "celery") == b"$4\r\ntask\r\n"
    cache.set("value", "w")
    assert cache.get("value") == "w"


def test_any_text_can_be_a_key(cache: OneProcess) -> None:
    cache.set("\ud800 \r\n\0 é", "v")
    assert cache.get("\ud800 \r\n\0 é") == "v"


def test_who_was_withdrawn_cannot_be_kept(cache: OneProcess) -> None:
    cache.set("key", "v")
    cache.withdraw("key", seconds=60)
    assert cache.get("key") is None
    cache.set("key", "late")
    assert not cache.add("key", "late")
    assert cache.get("key") is None


@pytest.mark.parametrize(
    "raw", [b"", b"e", b"x", b"e" + b"a" * 12, b"e" + b"a" * 12 + b"j{", b"e" + b"a" * 12 + b"p."]
)
def test_what_others_have_written_is_not_there(raw: bytes) -> None:
    assert unpacked(raw, era=b"a" * 12) is MISSING


def test_a_value_is_of_one_era() -> None:
    era, other = new_era().encode(), new_era().encode()
    raw = b"e" + era + packed(["v"])
    assert unpacked(raw, era=era) == ["v"]
    assert unpacked(raw, era=other) is MISSING
    assert unpacked(raw, era=None) is MISSING

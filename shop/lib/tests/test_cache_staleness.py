"""What was changed while Redis did not listen is never believed again, by no process.

`A` is a process that finds out and has to drop its writes; `B` has asked nothing meanwhile and
takes Redis for well. Each of these tests has a twin that shows what it guards against.
"""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from shop.lib.caches import keeper
from tests.redis import OneProcess, PrivateRedis, keepers, private_redis, processes
from tests.waiting import wait_until as wait

pytestmark = pytest.mark.once

Two = tuple[OneProcess, OneProcess]


@pytest.fixture(scope="module")
def redis() -> Iterator[PrivateRedis]:
    with private_redis() as server:
        yield server


@pytest.fixture(scope="module")
def valkey() -> Iterator[PrivateRedis]:
    with private_redis(wheel=True) as server:
        yield server


@pytest.fixture
def two(redis: PrivateRedis) -> Iterator[Two]:
    with processes(redis.url, 2) as [a, b]:
        wait(lambda: a.answers() and b.answers())
        a.clear()
        yield a, b


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drop writes without another word, as a plain breaker does; eras never lapse."""

    def nothing(*_: object) -> None:
        pass

    monkeypatch.setattr(keeper.Keeper, "drop", nothing)
    monkeypatch.setattr(keeper.Keeper, "_give_up", nothing)
    monkeypatch.setattr(keeper, "ERA_SECONDS", 3600.0)


def find_out(cache: OneProcess) -> None:
    """Let the process notice that Redis does not answer."""
    cache.get("anything")
    assert not cache.is_used


def delete_while_it_stands_still(redis: PrivateRedis, a: OneProcess, *, seconds: float) -> None:
    # Redis has nothing left to do: connections it has just answered, it would look at first.
    time.sleep(0.02)
    redis.stall()
    try:
        find_out(a)
        a.delete("key")
        time.sleep(seconds)
    finally:
        redis.resume()


# For a moment; for longer than between two looks of a keeper; until it has given up.
@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.8])
@pytest.mark.parametrize("server", ["redis", "valkey"])
def test_a_dropped_delete_is_known_at_once_to_all(
    request: pytest.FixtureRequest, server: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis = request.getfixturevalue(server)
    monkeypatch.setattr(keeper, "PATIENCE_SECONDS", 0.4)
    with processes(redis.url, 2) as [a, b]:
        wait(lambda: a.answers() and b.answers())
        check_a_dropped_delete_is_known(redis, a, b, seconds=seconds)


def check_a_dropped_delete_is_known(
    redis: PrivateRedis, a: OneProcess, b: OneProcess, *, seconds: float
) -> None:
    a.set("key", {"user": 7})
    assert b.get("key") == {"user": 7}
    delete_while_it_stands_still(redis, a, seconds=seconds)
    assert b.get("key") is None
    wait(lambda: a.is_used and b.is_used)
    assert (a.get("key"), b.get("key")) == (None, None)


def test_a_keeper_that_gives_up_leaves_a_last_word(
    redis: PrivateRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "PATIENCE_SECONDS", 0.4)
    with processes(redis.url) as [a], processes(redis.url, patient=True) as [b]:
        wait(lambda: a.answers() and b.answers())
        a.set("key", "old")
        assert b.get("key") == "old"
        # Else it would leave a word of its own.
        b.link.keeper.end()
        wait(lambda: keepers() == 1)
        found: list[object] = []
        asking = threading.Thread(target=lambda: found.append(b.get("key")))
        redis.stall()
        try:
            wait(lambda: not a.is_used)
            # It has no connection to say it on any more.
            a.delete("key")
            asking.start()
            time.sleep(0.1)
        finally:
            redis.resume()
        asking.join()
        assert found == [None]


@pytest.mark.usefixtures("unguarded")
def test_without_its_guard_b_believes_what_a_has_deleted(redis: PrivateRedis, two: Two) -> None:
    a, b = two
    a.set("key", {"user": 7})
    assert b.get("key") == {"user": 7}
    delete_while_it_stands_still(redis, a, seconds=0.0)
    assert b.get("key") == {"user": 7}


def test_a_dropped_change_leaves_nothing_of_the_old(redis: PrivateRedis, two: Two) -> None:
    a, b = two
    a.set("key", "old")
    time.sleep(0.02)
    redis.stall()
    find_out(a)
    a.set("key", "new")
    redis.resume()
    assert b.get("key") is None

    def is_kept() -> bool:
        b.set("key", "newest")
        return bool(b.get("key") == "newest")

    wait(is_kept)


def test_a_dropped_delete_of_a_counter_is_made_up_for(redis: PrivateRedis, two: Two) -> None:
    a, b = two
    a.add("count", 1, timeout=None)
    redis.stall()
    find_out(a)
    a.delete("count")
    redis.resume()
    wait(lambda: a.is_used)
    assert b.get("count") is None
    assert b.add("count", 1)


def test_what_a_visitor_calls_his_key_keeps_nobody_from_coming_back(
    redis: PrivateRedis, two: Two
) -> None:
    a, _ = two
    a.add("\ud800", 1, timeout=None)
    redis.stall()
    find_out(a)
    a.delete("\ud800")
    redis.resume()
    wait(lambda: a.is_used)
    assert a.get("\ud800") is None


def test_counters_survive_an_outage(redis: PrivateRedis, two: Two) -> None:
    a, b = two
    a.add("count", 5)
    redis.stall()
    find_out(a)
    a.delete("something else")
    redis.resume()
    wait(lambda: a.is_used)
    assert (a.incr("count"), b.incr("count")) == (6, 7)


def test_what_was_on_its_way_when_redis_stood_still_is_not_believed(
    redis: PrivateRedis, two: Two
) -> None:
    a, b = two
    a.get("key")
    b.get("key")
    redis.stall()
    # It lies in the socket, and will be carried out.
    b.set("key", {"user": 7})
    find_out(a)
    a.delete("key")
    redis.resume()
    wait(lambda: a.is_used and b.is_used)
    assert (a.get("key"), b.get("key")) == (None, None)


def test_nobody_needs_to_have_lived_through_a_long_outage(
    redis: PrivateRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "ERA_SECONDS", 0.4)
    with processes(redis.url) as [died]:
        died.set("key", {"user": 7})
        assert died.get("key") == {"user": 7}
    redis.stall()
    time.sleep(0.5)
    redis.resume()
    with processes(redis.url) as [later]:
        wait(later.answers)
        assert later.get("key") is None
        assert redis.say("EXISTS", later.make_key("key")) == b":1\r\n"


def test_a_redis_that_comes_back_with_yesterdays_file() -> None:
    with private_redis("--dbfilename", "dump.rdb") as redis, processes(redis.url, 2) as [a, b]:
        wait(lambda: a.answers() and b.answers())
        a.set("key", {"user": 7})
        assert b.get("key") == {"user": 7}
        assert redis.say("SAVE") == b"+OK\r\n"
        redis.stop()
        a.delete("key")
        redis.start()
        assert redis.say("EXISTS", b.make_key("key")) == b":1\r\n"
        assert b.get("key") is None
        wait(lambda: a.is_used and b.is_used)
        assert (a.get("key"), b.get("key")) == (None, None)


def test_a_value_read_before_the_outage_is_not_kept_after_it(redis: PrivateRedis, two: Two) -> None:
    a, b = two
    # B finds nothing, and reads the database: somebody is signed in.
    assert b.get("key") is None
    delete_while_it_stands_still(redis, a, seconds=0.0)
    wait(lambda: a.is_used and b.is_used)
    # Only now does B write what it has read.
    b.set("key", {"user": 7})
    assert not b.add("other", {"user": 7})
    assert (a.get("key"), a.get("other")) == (None, None)


class Crowd:
    """Threads that write and delete by A, and threads that read by B."""

    def __init__(self, a: OneProcess, b: OneProcess) -> None:
        self._a, self._b = a, b
        self._is_over = threading.Event()
        self._deleted = dict.fromkeys(["key1", "key2", "key3", "key4"], 0)
        self.stale: list[str] = []
        self._threads = [
            threading.Thread(target=self._keep_going, args=(work, key))
            for key in self._deleted
            for work in (self._change, self._read)
        ]

    def _keep_going(self, work: Callable[[str, int], None], key: str) -> None:
        turn = 0
        while not self._is_over.is_set():
            turn += 1
            work(key, turn)
            time.sleep(0.0005)

    def _change(self, key: str, turn: int) -> None:
        self._a.set(key, [turn])
        self._a.delete(key)
        self._deleted[key] = turn

    def _read(self, key: str, _: int) -> None:
        deleted = self._deleted[key]
        found = self._b.get(key)
        if found is not None and found[0] <= deleted:
            self.stale.append(f"{key}: {found} was deleted, as was {deleted}")

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()


def crowd_finds_something_stale(redis: PrivateRedis, two: Two, *, outages: int) -> bool:
    """Let a crowd go on while Redis comes and goes."""
    a, b = two
    with Crowd(a, b) as crowd:
        for _ in range(outages):
            time.sleep(0.1)
            redis.stall()
            time.sleep(0.3)
            redis.resume()
            wait(lambda: a.is_used and b.is_used)
    return bool(crowd.stale)


def test_a_crowd_never_finds_what_was_deleted(redis: PrivateRedis, two: Two) -> None:
    assert not crowd_finds_something_stale(redis, two, outages=3)


@pytest.mark.usefixtures("unguarded")
def test_without_its_guard_the_crowd_does(redis: PrivateRedis, two: Two) -> None:
    assert any(crowd_finds_something_stale(redis, two, outages=1) for _ in range(10))

"""The gate lets in so many in a stretch of time, and tells the others when to come back."""

import threading
from typing import Any

import pytest
import time_machine

from shop.gate import actions
from shop.gate.errors import TooManyRequests
from shop.gate.rules import Window, window_at
from shop.lib.caches.errors import CacheAwayError

pytestmark = pytest.mark.once

NOON = 1_780_000_020


@pytest.fixture(autouse=True)
def gate_is_watched(settings: Any) -> None:
    settings.THROTTLE = True


def admitted(key: str, *, times: int, limit: int = 3) -> int:
    """Knock so many times; return how often the gate opened."""
    count = 0
    for _ in range(times):
        try:
            actions.admit(key=key, limit=limit, seconds=60)
        except TooManyRequests:
            continue
        count += 1
    return count


def test_as_many_as_the_limit_come_in() -> None:
    with time_machine.travel(NOON, tick=False):
        assert admitted("alice", times=5) == 3


def test_keys_do_not_know_of_each_other() -> None:
    with time_machine.travel(NOON, tick=False):
        assert admitted("bob", times=5) == 3
        assert admitted("carol", times=2) == 2


def test_the_next_stretch_begins_anew() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert admitted("dave", times=5) == 3
        clock.shift(60)
        assert admitted("dave", times=5) == 3


def test_who_is_refused_learns_when_to_come_back() -> None:
    with time_machine.travel(NOON, tick=False):
        assert admitted("erin", times=3) == 3
        with pytest.raises(TooManyRequests) as caught:
            actions.admit(key="erin", limit=3, seconds=60)

    assert caught.value.retry_after == window_at(NOON, seconds=60).ends_in


def test_nobody_is_refused_where_throttling_is_off(settings: Any) -> None:
    settings.THROTTLE = False

    assert admitted("frank", times=20) == 20


def test_a_cache_that_is_away_lets_everybody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> bool:
        raise CacheAwayError

    monkeypatch.setattr("shop.gate.actions.cache.add", away)

    assert admitted("grace", times=9) == 9


def test_any_text_can_be_a_key() -> None:
    with time_machine.travel(NOON, tick=False):
        assert admitted("\ud800 \0 " + "x" * 10_000, times=5) == 3


def test_a_crowd_at_the_same_moment_is_counted_one_by_one() -> None:
    counts: list[int] = []
    barrier = threading.Barrier(8)

    def knock() -> None:
        barrier.wait()
        counts.append(admitted("crowd", times=25, limit=100))

    with time_machine.travel(NOON, tick=False):
        threads = [threading.Thread(target=knock) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sum(counts) == 100


@pytest.mark.parametrize(
    ("now", "window"),
    [
        (0.0, Window(number=0, ends_in=60)),
        (59.0, Window(number=0, ends_in=1)),
        (59.99, Window(number=0, ends_in=1)),
        (60.0, Window(number=1, ends_in=60)),
        (90.4, Window(number=1, ends_in=30)),
        # Not a moment too early: after 29 seconds it would still be this window.
        (90.6, Window(number=1, ends_in=30)),
    ],
)
def test_windows_stand_side_by_side(now: float, window: Window) -> None:
    assert window_at(now, seconds=60) == window


def test_what_need_not_have_been_counted_is_forgotten() -> None:
    with time_machine.travel(NOON, tick=False):
        assert admitted("ivy", times=3) == 3
        actions.forget_one(key="ivy", seconds=60)
        assert admitted("ivy", times=2) == 1


def test_in_another_stretch_there_is_nothing_to_forget() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert admitted("jack", times=3) == 3
        clock.shift(60)
        actions.forget_one(key="jack", seconds=60)
        assert admitted("jack", times=5) == 3

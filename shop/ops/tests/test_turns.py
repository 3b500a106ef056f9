"""Several prepare one shop at once: one works, the others wait, and nobody waits for the dead."""

import threading
import time
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.db import connection

from shop.ops import turns
from shop.ops.turns import our_turn
from tests.rooms import Room

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 20
AT_ONCE = 4


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: object) -> None:
    monkeypatch.setattr(turns, "SECONDS_BETWEEN_TRIES", 0.01)
    settings.DATA_DIR = tmp_path


def together(work: Callable[[], None]) -> None:
    """Let several do it at the same time, each with a connection of its own."""
    start = threading.Barrier(AT_ONCE)

    def do() -> None:
        start.wait(SECONDS)
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=do) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads)


def visit(room: Room) -> None:
    with room:
        # Long enough for all of them to be here.
        time.sleep(0.1)


def test_one_has_the_turn_and_the_others_get_it_afterwards() -> None:
    room, said = Room(), list[str]()

    def work() -> None:
        with our_turn(connection, tell=said.append):
            visit(room)

    together(work)

    assert room.most == 1
    assert said == ["Somebody else prepares the shop; waiting for them …"] * (AT_ONCE - 1)


def test_without_turns_they_would_be_there_together() -> None:
    room = Room()
    together(lambda: visit(room))
    assert room.most == AT_ONCE


def test_whoever_fails_gives_the_turn_back() -> None:
    said = list[str]()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), our_turn(connection, tell=said.append):
            _ = 1 / 0
    assert said == []

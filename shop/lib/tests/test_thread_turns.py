"""Threads that answer requests compute one at a time, and wait aside."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shop.lib import thread_turns
from shop.lib.group_commit import GroupCommit
from shop.lib.thread_turns import aside, taking_turns
from tests.rooms import Room
from tests.waiting import wait_until

pytestmark = pytest.mark.once

PEOPLE = 8


class Inside(Room):
    """Where whoever is in it waits until they may go."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go = threading.Event()


@pytest.fixture
def inside() -> Inside:
    return Inside()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=PEOPLE) as pool:
        yield pool


def counted(inside: Inside) -> Any:
    def application(_environ: dict[str, Any], _start: Any) -> list[bytes]:
        with inside:
            inside.may_go.wait(0.01)
        return [b"done"]

    return application


def ask(application: Any, threads: ThreadPoolExecutor) -> list[list[bytes]]:
    answers = [threads.submit(application, {}, None) for _ in range(PEOPLE)]
    return [answer.result(10) for answer in answers]


def test_requests_are_answered_one_at_a_time(inside: Inside, threads: ThreadPoolExecutor) -> None:
    assert ask(taking_turns(counted(inside)), threads) == [[b"done"]] * PEOPLE
    assert inside.most == 1


def test_twin_without_turns_they_are_answered_together(
    inside: Inside, threads: ThreadPoolExecutor
) -> None:
    ask(counted(inside), threads)
    assert inside.most > 1


def test_whoever_waits_aside_lets_all_others_in(
    inside: Inside, threads: ThreadPoolExecutor
) -> None:
    def waiting(_environ: dict[str, Any], _start: Any) -> list[bytes]:
        with aside(), inside:
            assert inside.may_go.wait(10)
        return [b"done"]

    application = taking_turns(waiting)
    answers = [threads.submit(application, {}, None) for _ in range(PEOPLE)]
    wait_until(lambda: inside.now == PEOPLE)
    inside.may_go.set()
    assert [answer.result(10) for answer in answers] == [[b"done"]] * PEOPLE


def test_what_waits_for_its_group_waits_aside(threads: ThreadPoolExecutor) -> None:
    groups: list[list[int]] = []
    is_writing, may_write = threading.Event(), threading.Event()

    def write(items: Any) -> list[int]:
        is_writing.set()
        assert may_write.wait(10)
        groups.append(list(items))
        return list(items)

    commits = GroupCommit[int, int](write, most_together=64, most_waiting=64, name="committer")

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        return [b"%d" % commits.commit(environ["item"], seconds=10)]

    turned = taking_turns(application)
    answers = [threads.submit(turned, {"item": 0}, None)]
    assert is_writing.wait(10)
    answers += [threads.submit(turned, {"item": item}, None) for item in range(1, PEOPLE)]
    wait_until(lambda: commits.waiting == PEOPLE - 1)
    may_write.set()
    assert [answer.result(10) for answer in answers] == [[b"%d" % item] for item in range(PEOPLE)]
    assert [len(group) for group in groups] == [1, PEOPLE - 1]
    assert commits.close(seconds=10)


@pytest.mark.parametrize("is_aside", [False, True])
def test_a_turn_ends_with_an_error(is_aside: bool, threads: ThreadPoolExecutor) -> None:
    def failing(_environ: dict[str, Any], _start: Any) -> list[bytes]:
        if is_aside:
            with aside():
                raise ValueError("by the way")
        raise ValueError("by the way")

    for _ in range(2):
        with pytest.raises(ValueError, match="by the way"):
            threads.submit(taking_turns(failing), {}, None).result(10)
    assert not thread_turns._turn.locked()


def test_aside_is_nothing_where_nobody_takes_turns() -> None:
    with aside():
        assert not thread_turns._turn.locked()
    assert not thread_turns._turn.locked()


def test_the_child_of_a_fork_begins_with_a_turn_that_nobody_has() -> None:
    with thread_turns.turn():
        child = os.fork()
        if child == 0:
            os._exit(int(thread_turns._turn.locked()))
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0

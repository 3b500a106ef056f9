"""Many threads, one committer: who is written with whom, who waits, and who is sent away."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from shop.lib.batches import isolate_failures
from shop.lib.group_commit import (
    GroupCommit,
    GroupCommitClosedError,
    NotWrittenInTimeError,
    TooManyWaitError,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.once


class Book:
    """What was written, group by group; and a hand that can hold the pen."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.may_write = threading.Event()
        self.may_write.set()
        self.is_writing = threading.Event()
        self.threads: set[str] = set()

    def write(self, items: Sequence[int]) -> list[int]:
        self.is_writing.set()
        assert self.may_write.wait(10)
        self.groups.append(list(items))
        self.threads.add(threading.current_thread().name)
        return [item * 10 for item in items]


@pytest.fixture
def book() -> Book:
    return Book()


def committer(
    write: Callable[[Sequence[int]], Sequence[int]], *, together: int = 64, waiting: int = 100
) -> GroupCommit[int, int]:
    return GroupCommit(write, most_together=together, most_waiting=waiting, name="the-committer")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=64) as pool:
        yield pool


def held_up(
    book: Book, commits: GroupCommit[int, int], threads: ThreadPoolExecutor, items: Sequence[int]
) -> list[Future[int]]:
    """Let the first one be written but not finished, and the others wait in this order."""
    book.may_write.clear()
    book.is_writing.clear()
    first = threads.submit(commits.commit, items[0], seconds=10)
    assert book.is_writing.wait(10)
    others = []
    for number, item in enumerate(items[1:], start=1):
        others.append(threads.submit(commits.commit, item, seconds=10))
        wait_until(lambda number=number: commits.waiting == number)  # type: ignore[misc]
    return [first, *others]


def test_what_is_left_is_written_and_nobody_waits(book: Book) -> None:
    commits = committer(book.write)
    book.may_write.clear()

    commits.leave(1)
    commits.leave(2)
    book.may_write.set()

    assert commits.close(seconds=10)
    assert [item for group in book.groups for item in group] == [1, 2]
    with pytest.raises(GroupCommitClosedError):
        commits.leave(3)


def test_a_group_is_written_in_the_context_of_its_first(book: Book) -> None:
    asked: ContextVar[str] = ContextVar("asked", default="nobody")
    seen: list[str] = []

    def write(items: Sequence[int]) -> list[int]:
        seen.append(asked.get())
        return list(items)

    commits = committer(write)
    for name in ("ann", "bob"):
        asked.set(name)
        commits.commit(1, seconds=10)

    assert seen == ["ann", "bob"]


def test_who_comes_alone_is_written_at_once(book: Book) -> None:
    commits = committer(book.write)

    assert commits.commit(1, seconds=10) == 10
    assert commits.commit(2, seconds=10) == 20
    assert book.groups == [[1], [2]]
    assert book.threads == {"the-committer"}


def test_what_comes_meanwhile_goes_together_in_order_of_arrival(
    book: Book, threads: ThreadPoolExecutor
) -> None:
    commits = committer(book.write)
    answers = held_up(book, commits, threads, [1, 5, 3, 4, 2])
    book.may_write.set()

    assert [answer.result(10) for answer in answers] == [10, 50, 30, 40, 20]
    assert book.groups == [[1], [5, 3, 4, 2]]


def test_no_group_is_larger_than_it_may_be_and_nobody_is_overtaken(
    book: Book, threads: ThreadPoolExecutor
) -> None:
    commits = committer(book.write, together=3)
    answers = held_up(book, commits, threads, list(range(9)))
    book.may_write.set()

    assert [answer.result(10) for answer in answers] == [item * 10 for item in range(9)]
    assert book.groups == [[0], [1, 2, 3], [4, 5, 6], [7, 8]]


def test_one_too_many_is_sent_away_at_once_and_changes_nothing(
    book: Book, threads: ThreadPoolExecutor
) -> None:
    commits = committer(book.write, waiting=2)
    answers = held_up(book, commits, threads, [1, 2, 3])

    with pytest.raises(TooManyWaitError):
        commits.commit(4, seconds=10)

    book.may_write.set()
    assert [answer.result(10) for answer in answers] == [10, 20, 30]
    assert book.groups == [[1], [2, 3]]
    # There is room again.
    assert commits.commit(4, seconds=10) == 40


def test_who_waits_too_long_is_withdrawn_and_never_written(
    book: Book, threads: ThreadPoolExecutor
) -> None:
    commits = committer(book.write)
    answers = held_up(book, commits, threads, [1, 2])

    with pytest.raises(NotWrittenInTimeError):
        commits.commit(3, seconds=0.01)

    assert commits.waiting == 1
    book.may_write.set()
    assert [answer.result(10) for answer in answers] == [10, 20]
    assert book.groups == [[1], [2]]


def test_who_is_being_written_gets_the_answer_however_late(
    book: Book, threads: ThreadPoolExecutor
) -> None:
    commits = committer(book.write)
    book.may_write.clear()
    answer = threads.submit(commits.commit, 1, seconds=0.2)
    assert book.is_writing.wait(10)
    time.sleep(0.3)
    assert not answer.done()
    book.may_write.set()

    assert answer.result(10) == 10


class NoGoodError(Exception):
    """What a book says of a number it does not take."""


def test_a_failure_reaches_its_whole_group_and_nobody_else(
    book: Book, threads: ThreadPoolExecutor
) -> None:
    def write(items: Sequence[int]) -> list[int]:
        answers = book.write(items)
        if 13 in items:
            raise NoGoodError
        return answers

    commits = committer(write, together=2)
    answers = held_up(book, commits, threads, [1, 12, 13, 14])
    book.may_write.set()

    failures = [type(answer.exception(10)) for answer in answers]
    assert failures == [type(None), NoGoodError, NoGoodError, type(None)]
    assert commits.commit(5, seconds=10) == 50


def test_with_bisecting_only_the_one_to_blame_fails(
    book: Book, threads: ThreadPoolExecutor
) -> None:
    def together(items: Sequence[int]) -> list[int]:
        if 13 in items:
            raise NoGoodError
        return book.write(items)

    def write(items: Sequence[int]) -> list[int]:
        return isolate_failures(
            items, work=together, fallback=lambda *_: -1, failures=(NoGoodError,)
        )

    commits = committer(write)
    answers = held_up(book, commits, threads, [1, 11, 12, 13, 14])
    book.may_write.set()

    assert [answer.result(10) for answer in answers] == [10, 110, 120, -1, 140]


def test_answers_that_do_not_fit_are_a_failure(book: Book) -> None:
    commits = committer(lambda items: book.write(items)[1:])

    with pytest.raises(ValueError, match="shorter"):
        commits.commit(1, seconds=10)


def test_closing_writes_what_waits_and_takes_nothing_more(
    book: Book, threads: ThreadPoolExecutor
) -> None:
    commits = committer(book.write)
    answers = held_up(book, commits, threads, [1, 2, 3])

    assert not commits.close(seconds=0.01)
    with pytest.raises(GroupCommitClosedError):
        commits.commit(4, seconds=10)
    book.may_write.set()

    assert commits.close(seconds=10)
    assert [answer.result(10) for answer in answers] == [10, 20, 30]
    assert book.groups == [[1], [2, 3]]


def test_one_that_was_never_used_closes_at_once(book: Book) -> None:
    assert committer(book.write).close(seconds=0)


def test_a_thousand_from_many_threads_each_get_their_own_answer(
    book: Book, threads: ThreadPoolExecutor
) -> None:
    commits = committer(book.write, together=16)

    answers = list(threads.map(lambda item: commits.commit(item, seconds=10), range(1_000)))

    assert answers == [item * 10 for item in range(1_000)]
    assert sorted(item for group in book.groups for item in group) == list(range(1_000))
    assert max(map(len, book.groups)) <= 16


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_begins_with_nothing_and_a_thread_of_its_own(
    book: Book, threads: ThreadPoolExecutor
) -> None:
    commits = committer(book.write)
    answers = held_up(book, commits, threads, [1, 2])

    child = os.fork()
    if not child:
        book.may_write.set()
        os._exit(0 if commits.waiting == 0 and commits.commit(3, seconds=10) == 30 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    book.may_write.set()
    assert [answer.result(10) for answer in answers] == [10, 20]
    assert book.groups == [[1], [2]]

"""Working through many things, some of which are bad."""

from collections.abc import Sequence
from math import ceil, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.lib.batches import in_chunks, isolate_failures

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("items", "size", "chunks"),
    [
        ([], 3, []),
        ([1], 3, [[1]]),
        ([1, 2, 3], 3, [[1, 2, 3]]),
        ([1, 2, 3, 4], 3, [[1, 2, 3], [4]]),
        ([1, 2, 3], 1, [[1], [2], [3]]),
    ],
)
def test_chunks(items: list[int], size: int, chunks: list[list[int]]) -> None:
    assert list(in_chunks(items, size)) == chunks
    assert list(in_chunks(iter(items), size)) == chunks


def test_chunks_are_made_as_they_are_asked_for() -> None:
    endless = iter(int, 1)

    assert next(in_chunks(endless, 2)) == [0, 0]


class BadItemError(Exception):
    """What a batch with a bad item raises."""


class Worker:
    """Does all of a batch or nothing of it, and remembers what it did."""

    def __init__(self, bad: set[int]) -> None:
        self.calls = 0
        self.done: list[int] = []
        self._bad = bad

    def __call__(self, batch: Sequence[int]) -> list[str]:
        self.calls += 1
        if self._bad & set(batch):
            raise BadItemError(batch)
        self.done += batch
        return [f"did {item}" for item in batch]


def give_up(item: int, failure: Exception) -> str:
    # The failure is the item's own, not that of a batch it was in.
    assert failure.args == ([item],)
    return f"gave {item} up"


def isolate(batch: list[int], worker: Worker) -> list[str]:
    return isolate_failures(batch, work=worker, fallback=give_up, failures=(BadItemError,))


def test_a_good_batch_is_done_at_once() -> None:
    worker = Worker(bad=set())

    assert isolate([1, 2, 3], worker) == ["did 1", "did 2", "did 3"]
    assert worker.calls == 1


@given(size=st.integers(0, 40), bad=st.sets(st.integers(0, 39), max_size=5))
@settings(deadline=None)
def test_good_items_are_done_once_and_bad_ones_given_up(size: int, bad: set[int]) -> None:
    batch = list(range(size))
    worker = Worker(bad)

    answers = isolate(batch, worker)

    assert answers == [f"gave {i} up" if i in bad else f"did {i}" for i in batch]
    assert worker.done == [i for i in batch if i not in bad]
    bad_here = len(bad & set(batch))
    assert worker.calls <= 1 + bad_here * 2 * ceil(log2(max(size, 2)))


def test_an_empty_batch_that_fails_is_no_endless_work() -> None:
    def fail(batch: Sequence[int]) -> list[str]:
        raise BadItemError(batch)

    assert isolate_failures([], work=fail, fallback=give_up, failures=(BadItemError,)) == []


def test_what_is_no_failure_of_an_item_passes() -> None:
    def interrupted(batch: Sequence[int]) -> list[str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        isolate_failures([1, 2], work=interrupted, fallback=give_up, failures=(Exception,))

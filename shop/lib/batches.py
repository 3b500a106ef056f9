"""Working through many things, some of which may be bad."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def in_chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def isolate_failures(
    batch: Sequence[Item],
    *,
    work: Callable[[Sequence[Item]], list[Answer]],
    fallback: Callable[[Item, Exception], Answer],
    failures: tuple[type[Exception], ...],
) -> list[Answer]:
    """Do `work` on the whole batch; where it fails, on halves, until the bad items stand alone.

    `work` answers each item, in order, or raises one of `failures` having changed nothing.
    `fallback` answers for an item that fails even by itself. Costs `work` once when all is well
    and about `2 x log2(len(batch))` times for each bad item.
    """
    try:
        return work(batch)
    except failures as failure:
        if len(batch) <= 1:
            return [fallback(item, failure) for item in batch]
    middle = len(batch) // 2
    answers: list[Answer] = []
    for half in (batch[:middle], batch[middle:]):
        answers += isolate_failures(half, work=work, fallback=fallback, failures=failures)
    return answers

"""Group commit: what many threads want written is written together, one group after the other.

A commit costs the same for one thing as for a hundred, and whoever waits for a row's lock waits for
somebody else's commit. So one thread writes for all of its process: it takes whatever is waiting,
writes it in one transaction, and what arrives meanwhile goes next. There is no timer: a thing that
comes alone is written at once, and under load the groups grow by themselves. The idea is that of
the databases' own logs (Gawlick and Kinkade, "Varieties of Concurrency Control in IMS/VS Fast
Path", 1985).
"""

import os
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from shop.lib.thread_turns import aside

# Python lets a thread that computes go on for 5 ms while others wait for their turn. The committer
# needs a turn after each word with the database, and beside sixty threads it would spend much of
# its transactions on waiting: a process that has one takes shorter turns.
_SECONDS_OF_A_TURN = 0.001

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class TooManyWaitError(Exception):
    """So many things are waiting that one more would be late. It was not taken."""


class NotWrittenInTimeError(Exception):
    """The thing waited for as long as it could, and was withdrawn. It was not written."""


class GroupCommitClosedError(Exception):
    """Nothing is taken any more. It was not taken."""


@dataclass(slots=True, eq=False)
class _Ticket(Generic[Item, Answer]):
    """A thing that waits, and what became of it."""

    item: Item
    context: Context = field(default_factory=copy_context)
    is_answered: threading.Event = field(default_factory=threading.Event)
    answer: Answer | None = None
    failure: BaseException | None = None


def _nothing() -> None:
    pass


class GroupCommit(Generic[Item, Answer]):
    """One committer for all threads of this process.

    `write` is given things in their order of arrival and answers each of them, in that order; or it
    raises, having written none, and then everybody in the group gets that exception: isolating the
    one that is to blame is its business (`shop.lib.batches.isolate_failures`). It runs in a thread
    of its own, the same one each time, which starts with the first thing; and in the context of the
    first of its group, so that what it logs and traces is told of somebody who waits for it.
    `at_end` is called in that thread when it is closed, to let go of what the thread holds.

    A child of a fork begins with nothing waiting and a committer of its own.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Sequence[Answer]],
        *,
        most_together: int,
        most_waiting: int,
        name: str,
        at_end: Callable[[], None] = _nothing,
    ) -> None:
        self._write = write
        self._most_together = most_together
        self._most_waiting = most_waiting
        self._name = name
        self._at_end = at_end
        self._begin()
        _all.add(self)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[_Ticket[Item, Answer]] = deque()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """How many things have been taken and are in nobody's hands yet."""
        return len(self._waiting)

    def commit(self, item: Item, *, seconds: float) -> Answer:
        """Have the thing written together with others, and return the answer to it.

        It waits for its turn for `seconds` at most; once its group is being written, the answer is
        waited for however long that takes, since nobody could say what became of it.

        Raises TooManyWaitError, NotWrittenInTimeError or GroupCommitClosedError, and then nothing
        was written; or what `write` raised.
        """
        ticket: _Ticket[Item, Answer] = _Ticket(item)
        self._take(ticket)
        with aside():
            if not ticket.is_answered.wait(seconds) and self._withdraw(ticket):
                raise NotWrittenInTimeError
            ticket.is_answered.wait()
        if ticket.failure is not None:
            raise ticket.failure
        return ticket.answer  # type: ignore[return-value]  # answered, and without a failure

    def leave(self, item: Item) -> None:
        """Have the thing written like the others, and wait for nothing: its answer is nobody's.

        Raises TooManyWaitError or GroupCommitClosedError, and then it was not taken.
        """
        self._take(_Ticket(item))

    def close(self, *, seconds: float) -> bool:
        """Take nothing more, and write what waits; tell whether that was done in time."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _take(self, ticket: _Ticket[Item, Answer]) -> None:
        with self._changed:
            if self._is_closed:
                raise GroupCommitClosedError
            if len(self._waiting) >= self._most_waiting:
                raise TooManyWaitError
            self._waiting.append(ticket)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()

    def _withdraw(self, ticket: _Ticket[Item, Answer]) -> bool:
        """Take the ticket back, and tell whether it was still there."""
        with self._changed:
            try:
                self._waiting.remove(ticket)
            except ValueError:
                return False
            return True

    def _work(self) -> None:
        sys.setswitchinterval(_SECONDS_OF_A_TURN)
        try:
            while group := self._next_group():
                self._write_group(group)
        finally:
            self._at_end()

    def _next_group(self) -> list[_Ticket[Item, Answer]]:
        """Wait for something to do and return it; nothing where it is closed and all is done."""
        with self._changed:
            while not self._waiting and not self._is_closed:
                self._changed.wait()
            size = min(len(self._waiting), self._most_together)
            return [self._waiting.popleft() for _ in range(size)]

    def _write_group(self, group: Sequence[_Ticket[Item, Answer]]) -> None:
        try:
            answers = group[0].context.run(self._write, [ticket.item for ticket in group])
            for ticket, answer in zip(group, answers, strict=True):
                ticket.answer = answer
        except BaseException as failure:
            # Whatever it is: each of them waits for an answer, and the next group for this thread.
            for ticket in group:
                ticket.failure = failure
        finally:
            for ticket in group:
                ticket.is_answered.set()


_all: "weakref.WeakSet[GroupCommit[Any, Any]]" = weakref.WeakSet()


def _begin_again() -> None:
    for each in list(_all):
        each._begin()


os.register_at_fork(after_in_child=_begin_again)

"""Turns of threads that compute: one at a time, and whoever waits for something steps aside.

Python computes in one thread at a time, and lets any of those that want to go next. A thread that
others wait for, like the one that writes what they want (`shop.lib.group_commit`), asks the
database dozens of times, and after each answer it would have to wait for sixty others to have been
next. So where many threads answer requests they take turns with each other first: the one that
writes then shares Python with one of them and not with all.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Application = Callable[..., Any]

_turn = threading.Lock()


class _Mine(threading.local):
    is_held = False


_mine = _Mine()


def taking_turns(application: Application) -> Application:
    """Let the threads that call a WSGI application answer one request at a time.

    Whoever waits in there does so `aside`, or everybody waits with them.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        with turn():
            return application(environ, start_response)

    return answer


@contextmanager
def aside() -> Iterator[None]:
    """Wait for something in here while others have their turn; anywhere else it does nothing."""
    if not _mine.is_held:
        yield
        return
    _give_back()
    try:
        yield
    finally:
        _take()


@contextmanager
def turn() -> Iterator[None]:
    """Do something in one's turn, having waited for it."""
    _take()
    try:
        yield
    finally:
        _give_back()


def _take() -> None:
    _turn.acquire()
    _mine.is_held = True


def _give_back() -> None:
    _mine.is_held = False
    _turn.release()


def _begin_again() -> None:
    """In the child of a fork: whoever had the turn is not there."""
    global _turn, _mine
    _turn, _mine = threading.Lock(), _Mine()


os.register_at_fork(after_in_child=_begin_again)

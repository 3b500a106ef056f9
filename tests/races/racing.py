"""Doing things at the same moment, and switching off what keeps that safe."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, models
from django.db.models import QuerySet

PATIENCE_SECONDS = 10


def race(*runners: Callable[[], Any]) -> list[Any]:
    """Run everything at once, each in a thread with a connection of its own.

    Returns what each returned, or the exception it raised, in their order.
    """
    start = threading.Barrier(len(runners))

    def run(runner: Callable[[], Any]) -> Any:
        try:
            start.wait(PATIENCE_SECONDS)
            return runner()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(runners)) as pool:
        return list(pool.map(run, runners))


def meet_after(function: Callable[..., Any], *, parties: int) -> Callable[..., Any]:
    """Return the function, made to wait after its work until all parties have done it."""
    meeting = threading.Barrier(parties)

    def met(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        meeting.wait(PATIENCE_SECONDS)
        return result

    return met


def meet_once(function: Callable[..., Any], *, parties: int) -> Callable[..., Any]:
    """Return the function, before which all parties wait for each other, but only the first time.

    So that whoever has to start over, because the database gave way to another, does so alone.
    """
    meeting, met = threading.Barrier(parties), threading.local()

    def waiting(*args: Any, **options: Any) -> Any:
        if not getattr(met, "before", False):
            met.before = True
            meeting.wait(PATIENCE_SECONDS)
        return function(*args, **options)

    return waiting


def loses_at_last(play: Callable[[], bool], *, times: int = 5) -> bool:
    """Play a race without its guard until it is lost; tell whether it ever was.

    Where both wait for each other the database makes one give way, and all goes well by chance.
    """
    return any(play() for _ in range(times))


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch row locks off: SELECT ... FOR UPDATE becomes a plain SELECT."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self.all())


@contextmanager
def without_constraint(model: type[models.Model], name: str) -> Iterator[None]:
    """Take a constraint away from the database, and give it back to the emptied table."""
    (constraint,) = (each for each in model._meta.constraints if each.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        model._base_manager.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)

"""Doing things at the same moment, and switching off what keeps that safe."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, models
from django.db.models import QuerySet

# How long anybody waits for anybody else, so that a race is decided by who comes first, and not by
# how much the machine has to do besides.
PATIENCE_SECONDS = 25
_PATIENCE = {
    "sqlite": [f"PRAGMA busy_timeout = {PATIENCE_SECONDS * 1000}"],
    "postgresql": [f"SET lock_timeout = '{PATIENCE_SECONDS}s'"],
    "mysql": [
        f"SET innodb_lock_wait_timeout = {PATIENCE_SECONDS}, lock_wait_timeout = {PATIENCE_SECONDS}"
    ],
}
# How often a race is run that has to be safe each time.
ROUNDS = 50 if os.environ.get("CI") else 5


def race(*runners: Callable[[], Any]) -> list[Any]:
    """Run everything at once, each in a thread with a connection of its own.

    Returns what each returned, or the exception it raised, in their order.
    """
    start = threading.Barrier(len(runners))
    results: list[Any] = [None] * len(runners)

    def run(number: int, runner: Callable[[], Any]) -> None:
        try:
            _be_patient()
            start.wait(PATIENCE_SECONDS)
            results[number] = runner()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def outcomes(results: list[Any]) -> Counter[str]:
    """Return how often what came of a race, by the names of classes."""
    return Counter(type(result).__name__ for result in results)


def _be_patient() -> None:
    with connection.cursor() as cursor:
        for statement in _PATIENCE[connection.vendor]:
            cursor.execute(statement)


@contextmanager
def track(runners: int) -> Iterator[Callable[..., list[Any]]]:
    """Yield a `race` for so many runners, who keep their threads and connections between races."""
    start = threading.Barrier(runners)

    def run(runner: Callable[[], Any]) -> Any:
        # Nobody runs twice in a race: whoever is here waits for all others.
        _be_patient()
        start.wait(PATIENCE_SECONDS)
        try:
            return runner()
        except Exception as error:
            return error

    with ThreadPoolExecutor(runners) as pool:

        def race_again(*these: Callable[[], Any]) -> list[Any]:
            return list(pool.map(run, these))

        def leave() -> None:
            connection.close()

        try:
            yield race_again
        finally:
            race_again(*[leave] * runners)


def in_turn(
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    *,
    first: Callable[[], Any],
    then: Callable[[], Any],
    among: Callable[..., list[Any]] = race,
    is_kept: bool = True,
) -> list[Any]:
    """Do `then`, as a whole, while `first` stands behind the module's function of this name.

    Or wait for it in vain, for a second, where locks may keep it from ending; where none do
    (`is_kept` is false), however long it takes. `among` runs the two of them.
    """
    reached, done = threading.Event(), threading.Event()
    function, runner = getattr(module, name), threading.local()

    def reach(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        if getattr(runner, "is_first", False) and not reached.is_set():
            reached.set()
            done.wait(1 if is_kept else PATIENCE_SECONDS)
        return result

    def run_first() -> Any:
        runner.is_first = True
        return first()

    def run_then() -> Any:
        reached.wait(PATIENCE_SECONDS)
        try:
            return then()
        finally:
            done.set()

    with monkeypatch.context() as patched:
        patched.setattr(module, name, reach)
        return among(run_first, run_then)


def meet_after(function: Callable[..., Any], *, parties: int) -> Callable[..., Any]:
    """Return the function, made to wait after its work until all parties have done it once."""
    meeting, met = threading.Barrier(parties), threading.local()

    def waiting(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        if not getattr(met, "before", False):
            met.before = True
            meeting.wait(PATIENCE_SECONDS)
        return result

    return waiting


def take_turns_after(function: Callable[..., Any], *, parties: int) -> Callable[..., Any]:
    """Return the function; when all parties have done it, they go on one after the other.

    So everybody has read before anybody writes, and nobody is in anybody's way while they write.
    """
    meet = meet_after(function, parties=parties)
    threads: list[threading.Thread] = []

    def waiting(*args: Any, **options: Any) -> Any:
        me = threading.current_thread()
        if me in threads:
            return function(*args, **options)
        threads.append(me)
        result = meet(*args, **options)
        for before in threads[: threads.index(me)]:
            before.join(PATIENCE_SECONDS)
        return result

    return waiting


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

"""The quick tests alone: those that need no database, no server, no browser and no other process.

    python -m pytest -p tests.units

Nobody keeps a list of them. A test that asks for the database is left out before it begins, and one
that starts a process is skipped when it does.
"""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

_OF_DATABASE = {"db", "transactional_db", "live_server"}
_STARTS = {"subprocess.Popen", "os.fork", "os.posix_spawn"}
_running: list[pytest.Item] = []


def pytest_configure(config: pytest.Config) -> None:
    sys.addaudithook(_skip_what_starts_a_process)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    quick = [item for item in items if not _is_slow(item)]
    config.hook.pytest_deselected(items=[item for item in items if _is_slow(item)])
    items[:] = quick


def _is_slow(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db") or item.get_closest_marker("long"):
        return True
    return not _OF_DATABASE.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Between the tests, whoever hands them out may start what it likes."""
    _running.append(item)
    try:
        return (yield)
    finally:
        _running.pop()


def _skip_what_starts_a_process(event: str, _details: tuple[Any, ...]) -> None:
    if _running and event in _STARTS:
        pytest.skip("starts a process")

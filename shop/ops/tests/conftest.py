"""Shops that the tests of this package start and close."""

import signal
from pathlib import Path

import pytest

from shop.ops.tests.processes import Shop, close


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop that has never been started."""
    return Shop(tmp_path / "data")


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database file of a shop that was started and closed once."""
    shop = Shop(tmp_path_factory.mktemp("once") / "data")
    with shop.started() as process:
        shop.wait_until_open()
        close(process, by=signal.SIGTERM)
    return shop.database.read_bytes()


@pytest.fixture
def known_shop(shop: Shop, database: bytes) -> Shop:
    """A shop that has been open before."""
    shop.data.mkdir()
    shop.database.write_bytes(database)
    return shop

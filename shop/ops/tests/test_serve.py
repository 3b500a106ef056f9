"""`manage.py serve`, which is `make run`: it opens, and it closes with all its processes."""

import contextlib
import os
import signal
import sqlite3
import time
import urllib.error
from pathlib import Path

import pytest

from shop.ops.tests.processes import Shop, close, status_of

pytestmark = pytest.mark.once


def test_the_first_start_makes_the_database_and_says_where_everything_is(shop: Shop) -> None:
    with shop.started() as process:
        assert shop.wait_until_open() == 404
        status, out, _ = close(process, by=signal.SIGTERM)

    assert status == 0
    lines = out.splitlines()
    assert lines[0] == "Making the database …"
    assert lines[lines.index("NovaShop is open.") + 1 :] == [
        f"  shop           http://127.0.0.1:{shop.port}/",
        f"  data folder    {shop.data}",
        f"  database       {shop.database}",
        "  log            this window (DEBUG=on keeps a file as well)",
        f"  back office    http://127.0.0.1:{shop.port}/admin/",
        f"  API            http://127.0.0.1:{shop.port}/api/docs/",
        "  sign in as     (each with the password tern-and-tide)",
        "    catalogue    staff for products and stock",
        "    maya         a shopper",
        "    orders       staff for orders",
        "    owner        staff, with every right",
        "  to stop        Ctrl-C",
    ]
    with contextlib.closing(sqlite3.connect(shop.database)) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM catalog_product").fetchone() == (1,)


def test_a_later_start_has_nothing_to_make(known_shop: Shop) -> None:
    with known_shop.started() as process:
        assert known_shop.wait_until_open() == 404
        _, out, _ = close(process, by=signal.SIGTERM)

    assert out.splitlines()[0] == "NovaShop is open."


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_closes_the_shop_with_all_its_processes(
    known_shop: Shop, number: signal.Signals
) -> None:
    with known_shop.started() as process:
        known_shop.wait_until_open()
        status, _, err = close(process, by=number)

    assert status == 0
    assert "Traceback" not in err
    assert "Unexpected exit" not in err


def test_ctrl_c_in_a_terminal_is_no_crash(known_shop: Shop) -> None:
    with known_shop.started() as process:
        known_shop.wait_until_open()
        # A terminal interrupts the whole group. The worker waits for the word of the process that
        # watches it, however late that one is: here it is kept from doing anything.
        os.kill(process.pid, signal.SIGSTOP)
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(1)
        assert status_of(known_shop.nowhere) == 404
        status, out, err = close(process, by=signal.SIGCONT)

    assert status == 0
    assert "Unexpected exit" not in out
    assert "Traceback" not in err


def test_a_killed_shop_leaves_no_worker_behind(known_shop: Shop) -> None:
    with known_shop.started() as process:
        known_shop.wait_until_open()
        status, _, _ = close(process, by=signal.SIGKILL)

    assert status == -signal.SIGKILL
    with pytest.raises(urllib.error.URLError, match="refused"):
        status_of(f"http://127.0.0.1:{known_shop.port}/")


@pytest.mark.long
def test_ctrl_c_while_the_database_is_made_is_quiet_and_harmless(shop: Shop) -> None:
    with shop.started() as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Making the database …\n"
        assert close(process, by=signal.SIGINT) == (130, "", "")

    with shop.started() as process:
        assert shop.wait_until_open() == 404


@pytest.mark.parametrize(
    "folder",
    [
        "a?b#c",
        *(pytest.param(name, marks=pytest.mark.long) for name in ("a b", "50%", "a+b", "Лавка")),
    ],
)
def test_the_data_folder_may_have_any_name(tmp_path: Path, database: bytes, folder: str) -> None:
    shop = Shop(tmp_path / folder)
    shop.data.mkdir()
    shop.database.write_bytes(database)

    assert _first_lines(shop) == []


def test_a_new_shop_is_furnished_once(shop: Shop, tmp_path: Path) -> None:
    commands = tmp_path / "furnisher" / "management" / "commands"
    commands.mkdir(parents=True)
    (commands / "furnish.py").write_text(FURNISH)
    (tmp_path / "furnished_settings.py").write_text(FURNISHED_SETTINGS)
    shop.environment |= {
        "PYTHONPATH": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "furnished_settings",
    }

    assert _first_lines(shop) == ["Making the database …", "0 products, so some are made"]
    assert _first_lines(shop) == []


# Stands before the shop's own apps, so that its command is taken before theirs.
FURNISHED_SETTINGS = """
from novashop.settings import *
INSTALLED_APPS = ["furnisher", *INSTALLED_APPS]
"""

FURNISH = """
from django.core.management.base import BaseCommand
from shop.catalog.models import Product

class Command(BaseCommand):
    def handle(self, **options):
        self.stdout.write(f"{Product.objects.count()} products, so some are made")
"""


def _first_lines(shop: Shop) -> list[str]:
    """Open and close the shop, and return what it said before it was open."""
    with shop.started() as process:
        shop.wait_until_open()
        _, out, _ = close(process, by=signal.SIGTERM)
    lines = out.splitlines()
    return lines[: lines.index("NovaShop is open.")]


def test_a_developer_sees_where_the_log_is(known_shop: Shop) -> None:
    known_shop.environment["DEBUG"] = "on"
    with known_shop.started() as process:
        known_shop.wait_until_open()
        _, out, _ = close(process, by=signal.SIGTERM)

    log = known_shop.data / "django_debug.log"
    assert f"  log            {log}" in out.splitlines()
    assert "WARNING django.request: Not Found" in log.read_text()

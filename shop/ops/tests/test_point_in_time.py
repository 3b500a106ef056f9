"""Back to the moment before a disaster, by PostgreSQL's own archive: the steps of the runbook."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from deploy.servers import postgresql
from deploy.servers.account import Account
from deploy.servers.postgresql import PostgreSQL
from shop.ops.tests.processes import MANAGE
from tests import servers

pytestmark = [pytest.mark.once, pytest.mark.long]

SECONDS = 60
PLACE_ORDERS = """
import django
django.setup()
from shop.orders.models import Order
from tests import builders
variant_id = builders.put_on_sale(stock=10)
for _ in range(3):
    builders.place({variant_id: 1})
print(*Order.objects.order_by("id").values_list("number", flat=True))
"""
AUDIT = [*MANAGE, "audit"]


@contextlib.contextmanager
def running(server: PostgreSQL) -> Iterator[psycopg.Connection]:
    """Run the server, and yield a connection to the shop's database."""
    process = server.account.start(server.command(), folder=server.folder)
    try:
        servers._wait_until_ready(server, process=process, log=server.folder / "log")
        with connected(server) as connection:
            yield connection
    finally:
        servers._stop(process, by=server.stop_signal)


def connected(server: PostgreSQL) -> psycopg.Connection:
    host = str(server.sockets)
    return psycopg.connect(host=host, user="novashop", dbname="novashop", autocommit=True)


def in_shop(server: PostgreSQL, *command: str, data: Path) -> str:
    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(data),
            "DATABASE_URL": server.url,
            "SECRET_KEY": "known-to-every-test",
            "DJANGO_SETTINGS_MODULE": "novashop.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def folder_of(account: Account, path: Path) -> Path:
    account.own_folder(path)
    return path


def wait_until_archived(archive: Path, name: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not (archive / name).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_orders_that_were_deleted_come_back(tmp_path: Path) -> None:
    account = Account()
    with servers._folder_of(account) as folder:
        archive = folder_of(account, folder / "archive")
        shop = server_in(
            folder_of(account, folder / "shop"),
            account,
            wal_level="replica",
            archive_mode="on",
            archive_command=f"test ! -f {archive}/%f && cp %p {archive}/%f",
            archive_timeout="60",
        )
        shop.move_within_reach(folder / "wheel")
        shop.install()
        again = server_in(
            folder_of(account, folder / "again"),
            account,
            restore_command=f"cp {archive}/%f %p",
            recovery_target_action="promote",
        )
        again.move_within_reach(folder / "wheel")

        with running(shop) as connection:
            in_shop(shop, *MANAGE, "migrate", "-v0", data=tmp_path)
            base_backup(shop, to=again.folder / "data")
            numbers = in_shop(shop, sys.executable, "-c", PLACE_ORDERS, data=tmp_path).split()
            moment = disaster(connection, archive=archive)

        with running(recovering_until(moment, again)) as connection:
            wait_until_promoted(connection)
            found = connection.execute("SELECT number FROM orders_order ORDER BY id").fetchall()
            lines = connection.execute("SELECT COUNT(*) FROM orders_orderline").fetchone()
            said = in_shop(again, *AUDIT, data=tmp_path)
        log = (again.folder / "log").read_text()

    assert [number for (number,) in found] == numbers
    assert (len(numbers), lines, said) == (3, (3,), "Everything agrees.")
    # It did not merely run out of log: it has seen what deleted the orders, and left it out.
    assert "recovery stopping before commit of transaction" in log


def server_in(folder: Path, account: Account, **options: str) -> PostgreSQL:
    return PostgreSQL(
        folder=folder,
        account=account,
        settings={**postgresql.THROWAWAY, **options},
        choice=postgresql.of_wheel(),
    )


def base_backup(server: PostgreSQL, *, to: Path) -> None:
    program = Path(server.command()[0]).with_name("pg_basebackup")
    options = ["--checkpoint=fast", "--no-sync", f"--pgdata={to}"]
    where = [f"--host={server.sockets}", "--username=novashop"]
    server.account.run([str(program), *where, *options], folder=server.folder)


def disaster(connection: psycopg.Connection, *, archive: Path) -> str:
    """Delete all orders; return the moment before, when all that was written is in the archive."""
    row = connection.execute("SELECT clock_timestamp()::text").fetchone()
    assert row
    time.sleep(0.1)
    connection.execute(
        "TRUNCATE orders_order, orders_orderline, orders_allocation, orders_orderevent CASCADE"
    )
    name = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
    assert name
    wait_until_archived(archive, name[0])
    return str(row[0])


def recovering_until(moment: str, server: PostgreSQL) -> PostgreSQL:
    signal_file = server.folder / "data" / "recovery.signal"
    signal_file.touch()
    server.account.own(signal_file)
    return server_in(
        server.folder, server.account, **{**server._settings, "recovery_target_time": moment}
    )


def wait_until_promoted(connection: psycopg.Connection) -> None:
    deadline = time.monotonic() + SECONDS
    while connection.execute("SELECT pg_is_in_recovery()").fetchone() != (False,):
        assert time.monotonic() < deadline
        time.sleep(0.05)

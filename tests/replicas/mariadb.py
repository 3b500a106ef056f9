"""A MariaDB and one that follows it, real and private; they find each other by ports."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql

from deploy.servers.account import Account
from deploy.servers.mariadb import THROWAWAY, MariaDB
from shop.ops.tests.processes import free_port
from tests import servers
from tests.waiting import wait_until


class Server:
    """One of the two."""

    def __init__(self, folder: Path, account: Account, *, number: int, **settings: str) -> None:
        account.own_folder(folder)
        self.account, self.folder, self.port = account, folder, free_port()
        given = {
            "server-id": str(number),
            "log-bin": "binlog",
            "skip-networking": "0",
            "bind-address": "127.0.0.1",
            "port": str(self.port),
            **settings,
        }
        self.files = MariaDB(folder=folder, account=account, settings=THROWAWAY | given)
        self.files.install()

    @property
    def url(self) -> str:
        return self.files.url

    def start(self) -> None:
        self._process = self.account.start(self.files.command(), folder=self.folder)
        servers._wait_until_ready(self.files, process=self._process, log=self.folder / "log")

    def lose_power(self) -> None:
        self._process.kill()
        self._process.wait()

    def ask(self, sql: str) -> Any:
        """Return the first value of the first row, if there are rows."""
        with pymysql.connect(
            unix_socket=self.files._socket, user="root", database="novashop", autocommit=True
        ) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            row = cursor.fetchone() if cursor.description else None
        return row and row[0]


class Follower(Server):
    """Does what the primary's log says, from its first line on."""

    def __init__(self, folder: Path, account: Account, *, of: Server) -> None:
        super().__init__(folder, account, number=2, **{"read-only": "1"})
        self._primary = of

    def follow(self) -> None:
        self._primary.ask("CREATE USER replicator@'127.0.0.1' IDENTIFIED BY 'secret'")
        self._primary.ask("GRANT REPLICATION SLAVE ON *.* TO replicator@'127.0.0.1'")
        # The primary's log makes it.
        self.ask("DROP DATABASE novashop")
        with pymysql.connect(unix_socket=self.files._socket, user="root") as connection:
            connection.cursor().execute(
                f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={self._primary.port},"
                " MASTER_USER='replicator', MASTER_PASSWORD='secret',"
                " MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1"
            )
            connection.cursor().execute("START SLAVE")

    def hold_back(self) -> None:
        self.ask("STOP SLAVE SQL_THREAD")

    def let_go(self) -> None:
        self.ask("START SLAVE SQL_THREAD")

    def catch_up(self) -> None:
        there = self._primary.ask("SELECT @@global.gtid_binlog_pos")

        def has_all() -> bool:
            try:
                return bool(self.ask("SELECT @@global.gtid_slave_pos") == there)
            except pymysql.err.OperationalError:
                return False

        wait_until(has_all, seconds=60)

    def promote(self) -> None:
        self.ask("STOP SLAVE")
        self.ask("RESET SLAVE ALL")
        self.ask("SET GLOBAL read_only = 0")


@contextlib.contextmanager
def following() -> Iterator[tuple[Server, Follower]]:
    """Run both, the second following the first, and end and remove them afterwards."""
    account = Account()
    with servers._folder_of(account) as folder, contextlib.ExitStack() as stack:
        primary = Server(folder / "primary", account, number=1)
        follower = Follower(folder / "follower", account, of=primary)
        for server in (primary, follower):
            server.start()
            stack.callback(server.lose_power)
        follower.follow()
        yield primary, follower

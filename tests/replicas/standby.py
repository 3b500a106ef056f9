"""A PostgreSQL and one that follows it, real and private: to be stopped, held back, promoted."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg

from deploy.servers import postgresql
from deploy.servers.account import Account
from deploy.servers.postgresql import THROWAWAY, PostgreSQL
from tests import servers
from tests.waiting import wait_until

# So that one which was away finds what it has missed.
SETTINGS = {**THROWAWAY, "wal_keep_size": "256MB"}


class Server:
    """One of the two."""

    def __init__(self, folder: Path, account: Account) -> None:
        account.own_folder(folder)
        self.account, self.folder = account, folder
        self.files = PostgreSQL(
            folder=folder, account=account, settings=SETTINGS, choice=postgresql.of_wheel()
        )
        self.files.move_within_reach(folder.parent / "wheel")

    @property
    def url(self) -> str:
        return self.files.url

    def start(self) -> None:
        self._process = self.account.start(self.files.command(), folder=self.folder)
        servers._wait_until_ready(self.files, process=self._process, log=self.folder / "log")

    def stop(self) -> None:
        servers._stop(self._process, by=self.files.stop_signal)

    def lose_power(self) -> None:
        """End all of its processes without a word."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stand_still(self) -> None:
        """Stop all of its processes where they are, as a disk does that does not answer."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        first = self._process.pid
        # Each of them leads a session of its own.
        children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii").split()
        for pid in (first, *map(int, children)):
            os.kill(pid, number)

    def ask(self, sql: str) -> Any:
        """Return the first value of the first row, if there are rows."""
        where = unquote(urlsplit(self.url).path.rpartition("/")[0].removeprefix("/"))
        with psycopg.connect(
            host=where, port=5432, user="novashop", dbname="novashop", autocommit=True
        ) as connection:
            cursor = connection.execute(sql)
            row = cursor.fetchone() if cursor.description else None
        return row and row[0]


class Standby(Server):
    """Follows the primary by streaming, from a copy of its files."""

    def __init__(self, folder: Path, account: Account, *, of: Server) -> None:
        super().__init__(folder, account)
        self._primary = of

    def copy(self) -> None:
        copier = self.files._release.program("pg_basebackup")
        source = ["--host", str(self._primary.files.sockets), "--port=5432", "--username=novashop"]
        how = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]
        self.account.run([copier, *source, "--pgdata=data", *how], folder=self.folder)

    @property
    def follows(self) -> bool:
        return bool(self.ask("SELECT pg_is_in_recovery()"))

    def hold_back(self) -> None:
        """Receive everything, and show nothing of it any more."""
        self.ask("SELECT pg_wal_replay_pause()")
        wait_until(lambda: bool(self.ask("SELECT pg_get_wal_replay_pause_state() = 'paused'")))

    def let_go(self) -> None:
        self.ask("SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Wait until it has all that the primary has now."""
        there = self._primary.ask("SELECT pg_current_wal_lsn()")
        wait_until(lambda: bool(self.ask(f"SELECT pg_last_wal_replay_lsn() >= '{there}'")))

    def promote(self) -> None:
        assert self.ask("SELECT pg_promote()") is True


@contextlib.contextmanager
def following() -> Iterator[tuple[Server, Standby]]:
    """Run both, the second following the first, and end and remove them afterwards."""
    account = Account()
    with servers._folder_of(account) as folder, contextlib.ExitStack() as stack:
        primary = Server(folder / "primary", account)
        primary.files.install()
        primary.start()
        stack.callback(primary.lose_power)
        standby = Standby(folder / "standby", account, of=primary)
        standby.copy()
        standby.start()
        stack.callback(standby.lose_power)
        yield primary, standby

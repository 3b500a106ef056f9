"""The MariaDB of the distribution, without its system service. There is no wheel of it."""

import shutil
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pymysql

from deploy.servers import programs
from deploy.servers.account import Account
from deploy.servers.programs import NotInstalledError

THROWAWAY: dict[str, str | None] = {
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-flush-method": "nosync",
    "innodb-doublewrite": "0",
    "debug-no-sync": None,
}
LASTING: dict[str, str | None] = {
    "innodb-flush-log-at-trx-commit": "1",
    "innodb-buffer-pool-size": "256M",
    "max-connections": "50",
    "transaction-isolation": "READ-COMMITTED",
}


class MariaDB:
    """One MariaDB as files below `folder`, reached by the file `socket` in `sockets`.

    Everybody who can enter `sockets` is let in as root, so that nobody but the owner must.
    """

    name = "MariaDB"
    stop_signal = signal.SIGTERM

    def __init__(
        self,
        *,
        folder: Path,
        account: Account,
        sockets: Path | None = None,
        settings: Mapping[str, str | None] = THROWAWAY,
    ) -> None:
        self.folder = folder
        self.account = account
        self._settings = settings
        self._server = _program("mariadbd")
        self._installer = _program("mariadb-install-db", "mysql_install_db")
        self.sockets = sockets or folder
        self._socket = str(self.sockets / "socket")
        self.url = f"mysql://root@localhost/novashop?unix_socket={quote(self._socket)}"

    def move_within_reach(self, shelf: Path) -> None:
        """The distribution's programs are within everybody's reach."""

    def install(self) -> None:
        """Make the data, whole or not at all."""
        shutil.rmtree(self.folder / "data.new", ignore_errors=True)
        options = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        where = f"--datadir={self.folder / 'data.new'}"
        self.account.run([self._installer, "--no-defaults", where, *options], folder=self.folder)
        (self.folder / "data.new").rename(self.folder / "data")

    def command(self) -> list[str]:
        settings = {
            "datadir": str(self.folder / "data"),
            "socket": self._socket,
            "pid-file": str(self.folder / "pid"),
            "tmpdir": str(self.folder),
            "character-set-server": "utf8mb4",
            "skip-networking": None,
            "skip-log-bin": None,
            **self._settings,
        }
        options = [
            f"--{name}" if value is None else f"--{name}={value}"
            for name, value in settings.items()
        ]
        return [self._server, "--no-defaults", *options]

    def create_database(self) -> None:
        """Make the shop's database where there is none; raises while the server does not answer."""
        # PyMySQL leaves a socket open that nobody answers, so somebody else asks first.
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(self._socket)
        with (
            pymysql.connect(unix_socket=self._socket, user="root") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SHOW DATABASES LIKE 'novashop'")
            if cursor.fetchone() is None:
                cursor.execute("CREATE DATABASE novashop")


def _program(*names: str) -> str:
    if found := programs.on_system(*names):
        return str(found.path)
    raise NotInstalledError("MariaDB is not installed (on Debian and Ubuntu: mariadb-server)")

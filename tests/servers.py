"""Real database servers for the tests: private, thrown away afterwards, without a system service.

    python -m tests.servers postgresql -- pytest -n 2

starts a server with a folder and a socket of its own, runs the command with DATABASE_URL set to it,
ends exactly that server, and passes the command's exit status on. `mariadb` does the same with the
MariaDB of the distribution, where it is installed.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Protocol

import psycopg
import pymysql

from deploy.servers import postgresql
from deploy.servers.account import Account
from deploy.servers.mariadb import MariaDB
from deploy.servers.postgresql import PostgreSQL
from deploy.servers.programs import NotInstalledError, ServerError

SECONDS_TO_START = 60
SECONDS_TO_STOP = 20
# What a shell sees of a command that Ctrl-C has ended.
INTERRUPTED = 128 + signal.SIGINT


class Server(Protocol):
    """One kind of database server, as a set of files below one folder."""

    name: str
    url: str
    stop_signal: signal.Signals

    def move_within_reach(self, shelf: Path) -> None: ...
    def install(self) -> None: ...
    def command(self) -> list[str]: ...
    def create_database(self) -> None: ...


def _postgresql(*, folder: Path, account: Account) -> PostgreSQL:
    """The wheel's, so that every machine tests with the same one."""
    return PostgreSQL(folder=folder, account=account, choice=postgresql.of_wheel())


KINDS: dict[str, Callable[..., Server]] = {"postgresql": _postgresql, "mariadb": MariaDB}


@contextlib.contextmanager
def running(kind: str) -> Iterator[str]:
    """Run a server of this kind and yield its DATABASE_URL; end and remove it afterwards.

    Raises ServerError when it cannot start.
    """
    account = Account()
    with _folder_of(account) as folder:
        server = KINDS[kind](folder=folder, account=account)
        server.move_within_reach(folder / "wheel")
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
            # From a terminal, the command has been interrupted too and is tidying up. What it ended
            # with is lost, and looks like 0, where we were interrupted while we read it.
            status = _finish(process) or INTERRUPTED
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
        return INTERRUPTED


if __name__ == "__main__":
    raise SystemExit(main(*(sys.argv[1:] or ["", "", ""])))

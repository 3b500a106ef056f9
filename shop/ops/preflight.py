"""What must be right before the shop opens: each thing that is not is refused in one sentence.

Nothing here changes anything, so that a start that fails leaves the shop as it was.
"""

import contextlib
import errno
import socket
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

# How long to look for damage in an SQLite file.
SECONDS_TO_LOOK = 1
# Django would have to ask the server whether it is MySQL or MariaDB.
SERVERS = {"postgresql": "PostgreSQL", "mysql": "MySQL"}


class CannotStartError(Exception):
    """The message is one sentence for the person who started the shop."""


def check_address(*, host: str, port: str, instead: str = "make run PORT=8080") -> str:
    """Return the IP address of `host`, on whose `port` the shop can listen.

    Raises CannotStartError when they make no sense here, or somebody listens there already;
    `instead` shows how to name another port.
    """
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise CannotStartError(f"PORT must be a number from 1 to 65535, and it is {port!r}")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotStartError(f"HOST is {host!r}, which is no address here ({error})") from error
    # "localhost" has two addresses; the one that everybody tries is the older one.
    family, _, _, _, where = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    _check_port_is_free(family=family, where=where, instead=instead)
    return str(where[0])


def _check_port_is_free(*, family: int, where: tuple[object, ...], instead: str) -> None:
    address, port = where[:2]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # The port of a shop that was closed a moment ago is free, whatever the kernel remembers.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(where)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotStartError(
                    f"port {port} of {address} is in use already; stop what is there, "
                    f"or name another port: {instead}"
                ) from error
            raise CannotStartError(
                f"it cannot listen on port {port} of {address} ({error.strerror})"
            ) from error


def check_data_folder(folder: Path) -> None:
    """Make the folder if it is not there, and refuse it if nothing can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _try_to_write(folder)
    except OSError as error:
        raise CannotStartError(
            f"the data folder {folder} cannot be written to ({error.strerror}); "
            "make it writable, or set DATA_DIR to another folder"
        ) from error


def _try_to_write(folder: Path) -> None:
    # Trying is the only way to know: permissions do not tell of a read-only disk, or a full one.
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"NovaShop")


def check_database(connection: BaseDatabaseWrapper) -> None:
    """Refuse a database that cannot be opened, read or written."""
    if connection.vendor == "sqlite":
        check_sqlite_file(str(connection.settings_dict["NAME"]))
    with database_trouble(connection):
        connection.ensure_connection()


@contextlib.contextmanager
def database_trouble(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Turn the database's own complaints into one sentence."""
    try:
        yield
    except DatabaseError as error:
        place = describe_database(connection)
        raise CannotStartError(f"the database {place} cannot be used: {_words(error)}") from error


def describe_database(connection: BaseDatabaseWrapper) -> str:
    """Say in words where the database is, without its password."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(place["NAME"])
    server = place["HOST"] or "this machine"
    port = f":{place['PORT']}" if place["PORT"] else ""
    return f"{place['NAME']} of {SERVERS[connection.vendor]} at {server}{port}"


def _words(error: Exception) -> str:
    """Return the first line of what a driver says; MySQL's puts a number before it."""
    said = error.args[-1] if error.args else error
    return str(said).strip().partition("\n")[0].rstrip(".")


def check_sqlite_file(name: str) -> None:
    """Refuse a file that SQLite could not work with, before anything connects to it.

    Connecting alone writes: it switches the file to write-ahead logging.
    """
    if ":memory:" in name:
        raise CannotStartError("a shop cannot be served from memory; DATABASE_URL must name a file")
    path = Path(name)
    if path.exists() and not path.is_file():
        raise CannotStartError(f"the database {path} is not a file")
    _check_writable(path)
    if path.exists():
        _check_tables(path)


def _check_writable(path: Path) -> None:
    try:
        # SQLite keeps its write-ahead log beside the file.
        _try_to_write(path.parent)
        if path.exists():
            path.open("r+b").close()
    except OSError as error:
        raise CannotStartError(
            f"the database {path} cannot be written to ({error.strerror})"
        ) from error


def _check_tables(path: Path) -> None:
    try:
        tables = _read_tables(path)
    except sqlite3.Error as error:
        raise CannotStartError(
            f"the database {path} is broken ({error}); put a good copy there, "
            "or move it away to begin with an empty shop"
        ) from error
    if tables and "django_migrations" not in tables:
        raise CannotStartError(
            f"the database {path} belongs to another program; set DATABASE_URL to another file"
        )


def _read_tables(path: Path) -> set[str]:
    """Return the names of the tables, or raise sqlite3.Error when the file is damaged."""
    uri = f"file:{quote(str(path.absolute()))}?mode=rw"
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        _look_through(connection)
        return {name for (name,) in rows}


def _look_through(connection: sqlite3.Connection) -> None:
    """Raise sqlite3.Error at a damaged page, as far as a short look finds one.

    A large database is not read to its end: the shop shall open within seconds.
    """
    end = time.monotonic() + SECONDS_TO_LOOK
    connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    # The shop's own rules may call functions that only Django gives to SQLite.
    connection.execute("PRAGMA ignore_check_constraints = ON")
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
    else:
        if found != "ok":
            raise sqlite3.DatabaseError(found.splitlines()[-1])

"""Copies of an SQLite file, which may be open and busy."""

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from django.db import Error as AnyDatabaseError
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from shop.ops.backups import facts
from shop.ops.backups.archive import pieces_of
from shop.ops.backups.copies import Copy, Unzipping, gzipped, kind_of, version_of
from shop.ops.backups.facts import DatabaseFacts, Stock
from shop.ops.backups.places import check_room, own_like, sync_folder, workplace
from shop.ops.backups.problems import BackupError, write_problem

# A shop that is open has a connection most of the time, its relay's.
SECONDS_TO_LOOK = 1.2
_BETWEEN_LOOKS = 0.05
_LOGS = ("-wal", "-shm")


def file_of(connection: BaseDatabaseWrapper) -> Path:
    """Return where the database is."""
    return Path(str(connection.settings_dict["NAME"]))


@contextlib.contextmanager
def copying(connection: BaseDatabaseWrapper, place: Path) -> Iterator[Copy]:
    """Copy the file as it is between two transactions, with what is in its log."""
    file = place / "copy.sqlite3"
    _copy(file_of(connection), file)
    copy = connection.copy()
    copy.settings_dict["NAME"] = str(file)
    with contextlib.closing(copy):
        _check(copy)
        stock, migrations = facts.stock_of(copy), facts.migrations_of(copy)
    version = version_of(connection)

    def pictures() -> Iterator[str]:
        with contextlib.closing(copy):
            yield from facts.files_named_in(copy)

    def pieces() -> Iterator[bytes]:
        with file.open("rb") as stream:
            yield from gzipped(pieces_of(stream))

    yield Copy(
        facts=DatabaseFacts(
            kind=kind_of(connection), version=version, copied_by=f"SQLite {version}"
        ),
        migrations=migrations,
        stock=stock,
        is_exact=True,
        pieces=pieces(),
        pictures=pictures,
    )


def _copy(source: Path, file: Path) -> None:
    """Copy all pages in one step: in several, every write of others would begin it anew."""
    check_room(file.parent, needed=source.stat().st_size)
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with contextlib.closing(_connect(source)) as old, contextlib.closing(_connect(file)) as new:
            old.backup(new)
    except sqlite3.Error as error:
        raise BackupError(f"the database {source} cannot be copied ({error})") from error


def _connect(file: Path, *, mode: str = "rw") -> sqlite3.Connection:
    address = f"file:{quote(str(file.absolute()))}?mode={mode}"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=0)


def _check(connection: BaseDatabaseWrapper) -> None:
    """Refuse a database with damaged pages, before it takes the place of good backups."""
    with connection.cursor() as cursor:
        # Rows that break a rule of the shop's are the audit's business.
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("PRAGMA quick_check(1)")
        [found] = cursor.fetchone()
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    if found != "ok":
        raise BackupError(f"the database is broken: {str(found).splitlines()[-1]}")


# --- Putting back ---------------------------------------------------------------------------------


def stock_of(connection: BaseDatabaseWrapper) -> Stock | None:
    """Return what there is, None where it cannot be read; a file that is not there is not made."""
    if not file_of(connection).exists():
        return Stock(rows={}, highest={}, last_order=None)
    try:
        with contextlib.closing(connection):
            return facts.stock_of(connection)
    except OperationalError:
        raise
    except AnyDatabaseError:
        return None


@contextlib.contextmanager
def alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Keep everybody else out of the file. Raises BackupError where somebody is in it."""
    file = file_of(connection)
    if not file.exists():
        yield
        return
    deadline = time.monotonic() + SECONDS_TO_LOOK
    # Looked at several times: who writes now and then is not always there.
    while (owner := _owner_of(file)) and time.monotonic() < deadline:
        owner.close()
        time.sleep(_BETWEEN_LOOKS)
    if owner is None:
        raise BackupError(f"the shop is open: another program uses {file}; close it first")
    with contextlib.closing(owner):
        yield


def _owner_of(file: Path) -> sqlite3.Connection | None:
    """Return a connection that has the file to itself, None where that cannot be."""
    connection = _connect(file)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        # What is in its log goes into the file, and the log away: closing this connection later
        # must not remove a log of that name which belongs to the next file.
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError:
        connection.close()
        return None
    except sqlite3.DatabaseError:
        # It is no database any more, so nobody can be at work in it.
        pass
    return connection


@contextlib.contextmanager
def loading(
    connection: BaseDatabaseWrapper, *, aside: str, tell: Callable[[str], None], **_: object
) -> Iterator[Callable[[bytes], None]]:
    """Write a new file, and put it in the place of the old one, which is kept under another name.

    Needs `alone`.
    """
    file = file_of(connection)
    file.parent.mkdir(parents=True, exist_ok=True)
    with workplace(file.parent) as place:
        new = place / file.name
        try:
            with new.open("xb") as stream:
                yield Unzipping(stream.write).write
                stream.flush()
                os.fsync(stream.fileno())
            _check_file(new)
            own_like(new, like=file if file.exists() else file.parent)
            if file.exists():
                shutil.copymode(file, new)
            kept = _set_aside(file, file.with_name(f"{file.name}.{aside}"))
            new.rename(file)
            sync_folder(file.parent)
        except OSError as error:
            raise write_problem(error, place=file.parent) from error
    if kept:
        tell(f"The database of before is {kept}; remove it when you are sure.")


def _check_file(file: Path) -> None:
    try:
        with contextlib.closing(_connect(file)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"the database in the backup is broken ({error})") from error
    if found != "ok":
        raise BackupError(f"the database in the backup is broken ({found})")


def _set_aside(file: Path, kept: Path) -> Path | None:
    """Rename the old file with its logs, which belong to it; nobody is in it."""
    if not file.exists():
        # Logs without their file would spoil the next one.
        for end in _LOGS:
            file.with_name(file.name + end).unlink(missing_ok=True)
        return None
    for end in ("", *_LOGS):
        with contextlib.suppress(FileNotFoundError):
            file.with_name(file.name + end).rename(kept.with_name(kept.name + end))
    return kept

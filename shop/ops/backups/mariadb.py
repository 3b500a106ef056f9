"""Copies of a MariaDB or MySQL database, by its own programs."""

import contextlib
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from shop.ops.backups import facts, programs
from shop.ops.backups.copies import Copy, Unzipping, gzipped, kind_of, version_of
from shop.ops.backups.facts import DatabaseFacts, Stock
from shop.ops.backups.problems import BackupError, HalfwayError

_DUMP = {"mariadb": ("mariadb-dump", "mysqldump"), "mysql": ("mysqldump",)}
_CLIENT = {"mariadb": ("mariadb", "mysql"), "mysql": ("mysql",)}
_PACKAGE = {"mariadb": "mariadb-client", "mysql": "default-mysql-client"}
# One snapshot, no lock, a row at a time; nothing that needs more than the shop's own rights.
_ONE_SNAPSHOT = ["--single-transaction", "--skip-lock-tables", "--quick"]
_DUMP_OPTIONS = [*_ONE_SNAPSHOT, "--no-tablespaces", "--hex-blob", "--skip-dump-date"]
_OTHERS = """
SELECT COUNT(*) FROM information_schema.processlist
WHERE db = DATABASE() AND id <> CONNECTION_ID()
"""


@contextlib.contextmanager
def copying(connection: BaseDatabaseWrapper, _place: Path) -> Iterator[Copy]:
    """Count what is there, and then let mariadb-dump take its own snapshot, a moment later.

    Two sessions cannot share one here, so what the copy shows is read off the copy itself.
    """
    program = program_that_dumps(connection)
    shown = _Shown()
    with _one_snapshot(connection):
        migrations, stock = facts.migrations_of(connection), facts.stock_of(connection)
    yield Copy(
        facts=DatabaseFacts(
            kind=kind_of(connection), version=version_of(connection), copied_by=program.said
        ),
        migrations=migrations,
        stock=stock,
        is_exact=False,
        pieces=gzipped(shown.watch(_dumped(connection, program=program.path))),
        pictures=lambda: shown.names,
    )


def program_that_dumps(connection: BaseDatabaseWrapper) -> programs.Program:
    """Return what copies this database. Raises BackupError where it is not on this machine."""
    kind = kind_of(connection)
    return programs.of_mysql(*_DUMP[kind], package=_PACKAGE[kind])


@contextlib.contextmanager
def _one_snapshot(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _dumped(connection: BaseDatabaseWrapper, *, program: Path) -> Iterator[bytes]:
    command, environment = _client(connection, program, _DUMP_OPTIONS)
    yield from programs.output_of(command, environment=environment)


def _client(
    connection: BaseDatabaseWrapper, program: Path, options: list[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the command line of a program, and the environment with the password."""
    client: Any = connection.client
    known = connection.settings_dict
    [_, *arguments], environment = client.settings_to_cmd_args_env(known, [])
    [*arguments, database] = arguments
    first = (
        [] if any("--defaults-file" in argument for argument in arguments) else ["--no-defaults"]
    )
    if socket := known["OPTIONS"].get("unix_socket"):
        options = [*options, f"--socket={socket}"]
    return [str(program), *first, *arguments, *options, database], environment or {}


class _Shown:
    """The files of pictures that go by in a dump, in the tables that show pictures."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._places = {
            table.encode(): re.compile(rb"'(%s[^'\\]+)'" % re.escape(prefix.encode()))
            for table, _, prefix in facts.columns_of_files()
        }
        self._pattern: re.Pattern[bytes] | None = None
        self._rest = b""

    def watch(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces as they are, and remember what they show."""
        for piece in pieces:
            *lines, self._rest = (self._rest + piece).split(b"\n")
            for line in lines:
                self._look_at(line)
            yield piece

    def _look_at(self, line: bytes) -> None:
        """A line break in a text is written as two other characters: each line is one of ours."""
        if line.startswith(b"INSERT INTO `"):
            self._pattern = self._places.get(line.split(b"`", 2)[1])
        elif not line.startswith(b"("):
            self._pattern = None
        if self._pattern is not None:
            self.names.update(name.decode() for name in self._pattern.findall(line))


# --- Putting back ---------------------------------------------------------------------------------


def stock_of(connection: BaseDatabaseWrapper) -> Stock:
    """Return what there is."""
    return facts.stock_of(connection)


@contextlib.contextmanager
def alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Raise BackupError where others are in the database: those that our user may see."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS)
        [others] = cursor.fetchone()
    if others:
        count = "1 program is" if others == 1 else f"{others} programs are"
        raise BackupError(f"the shop is open: {count} in the database; close it first")
    yield


@contextlib.contextmanager
def loading(connection: BaseDatabaseWrapper, **_: object) -> Iterator[Callable[[bytes], None]]:
    """Drop what is there and put the tables back, each for itself: there is no way to undo it.

    Raises BackupError that says so where it fails halfway.
    """
    kind = kind_of(connection)
    program = programs.of_mysql(*_CLIENT[kind], package=_PACKAGE[kind])
    clear = _clearing(connection)
    # Other sessions of ours would wait for us, and we for them.
    connection.close()
    command, environment = _client(connection, program.path, ["--binary-mode"])
    try:
        with programs.running(command, environment=environment, stdin=subprocess.PIPE) as writer:
            script = programs.pipe_of(writer.stdin)
            script.write(clear)
            yield Unzipping(script.write).write
            script.flush()
    except (BackupError, KeyboardInterrupt, SystemExit) as error:
        why = error if isinstance(error, BackupError) else "it was stopped"
        raise HalfwayError(
            f"{why}. The database is now neither the old one nor the whole of the new one, and "
            "MariaDB cannot undo that: run the same command again, or restore another backup"
        ) from error


def _clearing(connection: BaseDatabaseWrapper) -> bytes:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        there = connection.introspection.get_table_list(cursor)
    commands = [
        f"DROP {'VIEW' if table.type == 'v' else 'TABLE'} IF EXISTS {quote(table.name)};\n"
        for table in there
    ]
    return "".join(["SET FOREIGN_KEY_CHECKS = 0;\n", *commands]).encode()

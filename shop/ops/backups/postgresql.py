"""Copies of a PostgreSQL database, by its own programs."""

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from shop.ops.backups import facts, programs
from shop.ops.backups.copies import Copy, kind_of, version_of
from shop.ops.backups.facts import DatabaseFacts, Stock
from shop.ops.backups.problems import BackupError

# Others' ALTER TABLE is not waited for longer than that, since the shop would wait behind us.
_LOCK_WAIT = "30s"
_OTHERS = """
SELECT COALESCE(NULLIF(application_name, ''), 'a program') FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
# All that the shop, or a release after this one, can have made: not what belongs to an extension.
_CLEAR = r"""
SET lock_timeout = '10s';
DO $clear$
DECLARE command text;
BEGIN
  FOR command IN
    SELECT format('DROP %s IF EXISTS %I.%I CASCADE', CASE relkind WHEN 'v' THEN 'VIEW'
      WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
      current_schema(), relname)
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace
      AND relkind IN ('v', 'm', 'r', 'p', 'S')
      AND NOT EXISTS (
        SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype IN ('e', 'i', 'a'))
    UNION ALL
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    UNION ALL
    SELECT format(
      'DROP TEXT SEARCH CONFIGURATION IF EXISTS %I.%I CASCADE', current_schema(), cfgname)
    FROM pg_ts_config WHERE cfgnamespace = current_schema()::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_ts_config.oid AND deptype = 'e')
  LOOP
    EXECUTE command;
  END LOOP;
END
$clear$;
"""


@contextlib.contextmanager
def copying(connection: BaseDatabaseWrapper, _place: Path) -> Iterator[Copy]:
    """Hold one snapshot, which we count in and pg_dump copies. Nobody waits for it."""
    server = _major(connection)
    program = programs.of_postgresql("pg_dump", at_least=server, server=server)
    with transaction.atomic(using=connection.alias, durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            [snapshot] = cursor.fetchone()
        yield Copy(
            facts=DatabaseFacts(
                kind=kind_of(connection), version=version_of(connection), copied_by=program.said
            ),
            migrations=facts.migrations_of(connection),
            stock=facts.stock_of(connection),
            is_exact=True,
            pieces=_dumped(connection, program=program.path, snapshot=snapshot),
            pictures=lambda: facts.files_named_in(connection),
        )


def _dumped(connection: BaseDatabaseWrapper, *, program: Path, snapshot: str) -> Iterator[bytes]:
    options = [
        *("--format=custom", "--no-owner", "--no-privileges", "--no-comments"),
        *("--no-publications", "--no-subscriptions", "--no-password"),
        *(f"--snapshot={snapshot}", f"--lock-wait-timeout={_LOCK_WAIT}"),
    ]
    command, environment = _client(connection, program, options)
    yield from programs.output_of(command, environment=environment)


def _client(
    connection: BaseDatabaseWrapper, program: Path, options: list[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the command line of a program, and the environment with the password."""
    client: Any = connection.client
    [_, *arguments], environment = client.settings_to_cmd_args_env(
        connection.settings_dict, options
    )
    return [str(program), *arguments], {"PGCONNECT_TIMEOUT": "10", **(environment or {})}


def _major(connection: BaseDatabaseWrapper) -> int:
    return int(version_of(connection).partition(".")[0])


# --- Putting back ---------------------------------------------------------------------------------


def stock_of(connection: BaseDatabaseWrapper) -> Stock:
    """Return what there is."""
    return facts.stock_of(connection)


@contextlib.contextmanager
def alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Raise BackupError where others are in the database.

    Who comes later finds the old shop or the new one, and waits in between.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS)
        others = [str(name) for (name,) in cursor.fetchall()]
    if others:
        count = "1 program is" if len(others) == 1 else f"{len(others)} programs are"
        raise BackupError(
            f"the shop is open: {count} in the database ({', '.join(sorted(set(others)))}); "
            "close it first"
        )
    yield


@contextlib.contextmanager
def loading(
    connection: BaseDatabaseWrapper, *, copied_by: str, **_: object
) -> Iterator[Callable[[bytes], object]]:
    """Put all of it into the database in one transaction: it is there afterwards, or nothing is.

    What was there before is dropped in the same transaction.
    """
    restore = programs.of_postgresql(
        "pg_restore", at_least=_version_in(copied_by), server=_major(connection)
    )
    psql = restore.path.with_name("psql")
    # Other sessions of ours would wait for us, and we for them.
    connection.close()
    options = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--no-password", "--file=-"]
    command, environment = _client(connection, psql, options)
    with programs.running(command, environment=environment, stdin=subprocess.PIPE) as writer:
        script = programs.pipe_of(writer.stdin)
        script.write(f"BEGIN;\n{_CLEAR}".encode())
        script.flush()
        with _restoring(restore.path, into=script) as write:
            yield write
        # Only who has come to here has seen the end of a backup without fault.
        script.write(b"\nCOMMIT;\n")
        script.flush()


@contextlib.contextmanager
def _restoring(program: Path, *, into: IO[bytes]) -> Iterator[Callable[[bytes], object]]:
    command = [str(program), "--no-owner", "--no-privileges", "--no-comments", "--file=-"]
    with programs.running(command, environment={}, stdin=subprocess.PIPE, stdout=into) as reader:
        yield programs.pipe_of(reader.stdin).write


def _version_in(copied_by: str) -> int:
    """Return the number in "pg_dump 18.6": an older pg_restore cannot read what it wrote."""
    number = copied_by.rpartition(" ")[2].partition(".")[0]
    return int(number) if number.isdigit() else 0

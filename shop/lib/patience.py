"""Letting work that nobody waits for take its time.

What answers visitors gives a statement up after a while (`novashop/databases.py`). An update of the
tables of a large shop, or a look through all of them, may take longer and is not to be cut short.
"""

import contextlib
from collections.abc import Iterator
from typing import Any, cast

from django.db import Error as AnyDatabaseError
from django.db import connection

# What limits how long a statement takes, and how long a transaction may do nothing. How long to
# wait for a lock is limited as ever: whoever waits for one is in the way of those who come later.
_POSTGRESQL = ("statement_timeout", "idle_in_transaction_session_timeout")
_MARIADB = ("max_statement_time", "idle_transaction_timeout")
_MYSQL = ("max_execution_time",)


@contextlib.contextmanager
def unhurried() -> Iterator[None]:
    """Let statements take as long as they need in here, on this thread's connection.

    Locks are waited for no longer than elsewhere.
    """
    names = _limits()
    before = _read(names)
    _set(dict.fromkeys(names, "0"))
    _wait_for_answers(None)
    try:
        yield
    finally:
        # What has broken meanwhile is not mended here; a new connection has limits of its own.
        with contextlib.suppress(AnyDatabaseError):
            _set(before)
        _wait_for_answers(connection.settings_dict["OPTIONS"].get("read_timeout"))


def _limits() -> tuple[str, ...]:
    if connection.vendor == "postgresql":
        return _POSTGRESQL
    if connection.vendor == "mysql":
        return _MARIADB if cast("Any", connection).mysql_is_mariadb else _MYSQL
    return ()


def _read(names: tuple[str, ...]) -> dict[str, str]:
    show = "SHOW {}" if connection.vendor == "postgresql" else "SELECT @@{}"
    found = {}
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(show.format(name))
            found[name] = str(cursor.fetchone()[0])
    return found


def _set(limits: dict[str, str]) -> None:
    quote = "'{}'" if connection.vendor == "postgresql" else "{}"
    with connection.cursor() as cursor:
        for name, value in limits.items():
            cursor.execute(f"SET {name} = {quote.format(value)}")


def _wait_for_answers(seconds: int | None) -> None:
    """Let PyMySQL wait so long for a server that says nothing; it has no other way to change it."""
    driver = connection.connection
    if hasattr(driver, "_read_timeout"):
        driver._read_timeout = seconds

"""A process that ends in the middle of its work, at a point of our choosing, as by a power cut.

Nobody lists the points: whatever is about to change the database, or to say something to a buyer,
is one. So a statement that is new is a point that is new.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from shop.lib.statements import shape_of

IN_COMMIT = "in COMMIT"

Tell = Callable[[str], None]


class Fate:
    """Counts the points that are passed, and ends the process at the one it is told (0: never).

    Which one that was is told first. Where transactions are `torn`, each statement is on disk by
    itself: what a walk has to notice.
    """

    def __init__(self, *, end_at: int, tell: Tell, torn: bool = False) -> None:
        self._end_at = end_at
        self._tell = tell
        self._torn = torn
        self._passed = 0

    def pass_by(self, point: str) -> None:
        """Pass a point, or do not."""
        self._passed += 1
        if self._passed == self._end_at:
            self._tell(point)
            end_now()

    def watch_new_connections(self) -> None:
        """Make points of all that is written, by whatever thread, from now on."""
        connection_created.connect(self._stand_around, weak=False)

    def _stand_around(self, *, connection: BaseDatabaseWrapper, **_: Any) -> None:
        if self._execute in connection.execute_wrappers:
            return
        connection.execute_wrappers.append(self._execute)
        # Django has no such place around COMMIT.
        driver: Any = connection
        driver._commit = partial(self._commit, driver._commit)

    def _execute(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if not _has_effect(sql):
            return execute(sql, params, many, context)
        self.pass_by(f"before {shape_of(sql).name}")
        done = execute(sql, params, many, context)
        if self._torn and not sql.startswith("BEGIN"):
            context["connection"].connection.commit()
        return done

    def _commit(self, commit: Callable[[], None]) -> None:
        self.pass_by("before COMMIT")
        commit()
        self.pass_by("after COMMIT")


def _has_effect(sql: str) -> bool:
    """Tell whether a statement writes, or locks what others may be waiting for."""
    return not sql.startswith("SELECT") or "FOR UPDATE" in sql


def end_now() -> NoReturn:
    """End this process without a word to anybody: no handler, no `finally`, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives that")


def end_while_it_commits(tell: Tell) -> None:
    """Let every process from now on end when its first COMMIT is sent and not yet answered."""

    def stand_around(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
        driver: Any = connection

        def commit() -> None:
            tell(IN_COMMIT)
            with suppress(BlockingIOError):
                _send_commit(driver)
            end_now()

        driver._commit = commit

    connection_created.connect(stand_around, weak=False)


def _send_commit(connection: Any) -> None:
    """Send COMMIT to a server, and do not listen to what it says."""
    if connection.vendor == "postgresql":
        wire = connection.connection.pgconn
        wire.send_query(b"COMMIT")
        wire.flush()
    else:
        query = 3  # COM_QUERY of MySQL's protocol
        connection.connection._execute_command(query, b"COMMIT")

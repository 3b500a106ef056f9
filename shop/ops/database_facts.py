"""How the database is doing, asked by a thread of its own: nobody has to wait for it."""

import threading
from dataclasses import dataclass
from datetime import datetime

from django.db import Error as AnyDatabaseError
from django.db import connection, connections

from shop.events import queries as events
from shop.events.queries import Backlog

# How long the answer may take, and each statement of it on the server.
_SECONDS = 2.0
_SECONDS_OF_STATEMENT = 1

_LIMIT = {
    "postgresql": f"SET statement_timeout = '{_SECONDS_OF_STATEMENT}s'",
    # MariaDB reads the first, in seconds; MySQL the second, in milliseconds.
    "mysql": (
        f"SET /*M!100300 max_statement_time = {_SECONDS_OF_STATEMENT} */"
        f" /*!50708 max_execution_time = {_SECONDS_OF_STATEMENT * 1000} */"
    ),
}
_CONNECTIONS = {
    "postgresql": "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()",
    "mysql": "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE()",
}


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What the database says of itself; SQLite has no connections to count."""

    backlog: Backlog
    due_times: dict[str, datetime]
    connections: int | None


class _Question(threading.Thread):
    """Asks, on a connection that lives no longer than the question."""

    def __init__(self) -> None:
        super().__init__(name="database-facts", daemon=True)
        self.facts: DatabaseFacts | None = None

    def run(self) -> None:
        """Ask; a database that does not answer leaves no facts."""
        try:
            self.facts = _asked()
        except AnyDatabaseError:
            pass
        finally:
            connections.close_all()


_last: _Question | None = None
_turn = threading.Lock()


def ask_database() -> DatabaseFacts | None:
    """Return how the database is doing; None where it does not answer in time.

    One that was asked and is silent still is not asked again.
    """
    global _last  # noqa: PLW0603  (one question at a time, whoever asks)
    with _turn:
        if _last is not None and _last.is_alive():
            return None
        _last = _Question()
        _last.start()
        _last.join(_SECONDS)
        return _last.facts


def _asked() -> DatabaseFacts:
    if connection.vendor in _LIMIT:
        with connection.cursor() as cursor:
            cursor.execute(_LIMIT[connection.vendor])
    return DatabaseFacts(
        backlog=events.backlog(),
        due_times=events.due_times(),
        connections=_connections(),
    )


def _connections() -> int | None:
    if connection.vendor not in _CONNECTIONS:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTIONS[connection.vendor])
        return int(cursor.fetchone()[0])

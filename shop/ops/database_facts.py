"""How the database is doing, asked by a thread of its own: nobody has to wait for it."""

import threading
from dataclasses import dataclass
from datetime import datetime

from django.db import Error as AnyDatabaseError
from django.db import connection, connections

from shop.events import queries as events
from shop.events.queries import Backlog, WebhookBacklog

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
# Connections to this database; of everybody to this server; how many it lets in; and for how many
# seconds the oldest statement runs, or (PostgreSQL) the oldest transaction is open. None of them
# needs a right: MySQL shows to each user his own alone, but tells everybody their number.
_SERVER = {
    "postgresql": """
        SELECT COUNT(*) FILTER (WHERE datname = current_database()),
               (SELECT SUM(numbackends) FROM pg_stat_database),
               current_setting('max_connections')::int
               - current_setting('superuser_reserved_connections')::int
               - COALESCE(current_setting('reserved_connections', true), '0')::int,
               COALESCE(EXTRACT(EPOCH FROM MAX(clock_timestamp() - xact_start) FILTER (
                   WHERE datname = current_database()
                         AND state <> 'idle' AND pid <> pg_backend_pid()
               )), 0)
        FROM pg_stat_activity
    """,
    "mysql": """
        SELECT COUNT(*), NULL, @@max_connections,
               COALESCE(MAX(IF(command <> 'Sleep' AND id <> CONNECTION_ID(), time, 0)), 0)
        FROM information_schema.processlist WHERE db = DATABASE()
    """,
}
_OF_EVERYBODY = "SHOW GLOBAL STATUS LIKE 'Threads_connected'"


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a database server says of its connections, and of the oldest thing it is doing."""

    connections: int
    connections_of_everybody: int
    limit: int
    longest_seconds: float


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What the database says of itself; SQLite has no server."""

    backlog: Backlog
    due_times: dict[str, datetime]
    webhooks: WebhookBacklog
    server: ServerFacts | None


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
        webhooks=events.webhook_backlog(),
        server=_server(),
    )


def _server() -> ServerFacts | None:
    if connection.vendor not in _SERVER:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_SERVER[connection.vendor])
        ours, everybody, limit, seconds = cursor.fetchone()
        if everybody is None:
            cursor.execute(_OF_EVERYBODY)
            everybody = cursor.fetchone()[1]
    return ServerFacts(int(ours), int(everybody), int(limit), float(seconds))

"""One at a time prepares a shop, however many were told to: replicas start together."""

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from shop.ops import preflight

SECONDS_BETWEEN_TRIES = 0.5
# PostgreSQL calls such a lock by a number; it is one for each database.
_NUMBER = 0x6E6F7661
# SQLite has no locks of that kind, and one machine.
_FILE = "preparing"


@contextlib.contextmanager
def our_turn(connection: BaseDatabaseWrapper, *, tell: Callable[[str], None]) -> Iterator[None]:
    """Wait until nobody else prepares the shop of this database, and keep others waiting.

    However whoever has the turn ends, it is free then. Raises preflight.CannotStartError.
    """
    with _asking(connection) as is_ours:
        with preflight.database_trouble(connection):
            if not is_ours():
                tell("Somebody else prepares the shop; waiting for them …")
                while not is_ours():
                    time.sleep(SECONDS_BETWEEN_TRIES)
        yield


@contextlib.contextmanager
def _asking(connection: BaseDatabaseWrapper) -> Iterator[Callable[[], bool]]:
    """Yield what tells whether the turn is ours by now."""
    if connection.vendor == "sqlite":
        with (Path(settings.DATA_DIR) / _FILE).open("w") as file:
            yield lambda: _lock_file(file.fileno())
        return
    # A lock belongs to a connection. What is prepared may close and open its own.
    own = connection.copy()
    try:
        yield lambda: _lock_database(own)
    finally:
        own.close()


def _lock_file(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_database(connection: BaseDatabaseWrapper) -> bool:
    """Take the lock if it is free. To wait in the database would end at its limits."""
    if connection.vendor == "postgresql":
        question, name = "SELECT pg_try_advisory_lock(%s)", str(_NUMBER)
    else:
        # One for the whole server, and at most 64 characters.
        shop = sha256(str(connection.settings_dict["NAME"]).encode()).hexdigest()[:32]
        question, name = "SELECT GET_LOCK(%s, 0)", f"novashop {shop}"
    with connection.cursor() as cursor:
        cursor.execute(question, [name])
        return bool(cursor.fetchone()[0])

"""New numbers after a restore: none is given out twice.

Guests find their orders by numbers in a signed cookie, and tokens name users by theirs. What was
placed after the backup is gone, but its cookies are not; were its numbers given to others, they
would open the orders of others.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from shop.ops.backups.facts import NUMBERED, Stock

# More orders, and accounts, than there can have been between two backups.
LEAP = 10_000_000


def leap(connection: BaseDatabaseWrapper, *, beyond: list[Stock]) -> None:
    """Let the next numbers begin far beyond the highest of these shops."""
    for table in NUMBERED:
        _set(connection, table, max(stock.highest.get(table, 0) for stock in beyond) + LEAP)


def _set(connection: BaseDatabaseWrapper, table: str, number: int) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, number])
        elif connection.vendor == "mysql":
            cursor.execute(f"ALTER TABLE {table} AUTO_INCREMENT = {number + 1}")
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number]
            )

"""What a backup says of itself, and what a database says of the shop that is in it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import FileField

from shop.ops.backups.problems import BackupError

FORMAT = 1
SHOP = "NovaShop"
ORDERS = "orders_order"
# A shop that has none of these has nothing to lose.
_BELONGINGS = ("accounts_user", "catalog_product", ORDERS)
# Whose numbers are told to people.
NUMBERED = ("accounts_user", ORDERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """Which kind of database it was, and which program made the copy."""

    kind: str
    version: str
    copied_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The first entry: all one has to know before one reads on."""

    shop: str = SHOP
    format: int = FORMAT
    version: str
    taken_at: str
    database: DatabaseFacts
    migrations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastOrder:
    """The order with the highest id."""

    number: str
    placed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What there is in a database: rows by table, the highest numbers, and the last order."""

    rows: dict[str, int]
    highest: dict[str, int]
    last_order: LastOrder | None

    def has_anything(self) -> bool:
        """Tell whether somebody would miss it."""
        return any(self.rows.get(table) for table in _BELONGINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The last entry but the list of contents: what had come together when all was written.

    `is_exact`: the rows are counted in the copy itself; otherwise just before it was made.
    """

    stock: Stock
    is_exact: bool
    media_files: int
    media_bytes: int
    missing_pictures: tuple[str, ...] = ()


def as_json(facts: About | Manifest) -> bytes:
    """Return it as an entry of the backup."""
    return json.dumps(asdict(facts), indent=1, ensure_ascii=False).encode() + b"\n"


def about_from_json(data: bytes) -> About:
    """Read the first entry. Raises BackupError for one that this release cannot read."""
    found = _object(data)
    if found.get("shop") != SHOP:
        raise BackupError("it is no backup of NovaShop")
    if found.get("format") != FORMAT:
        raise BackupError(
            f"the backup is of format {found.get('format')}, and this release reads {FORMAT}: "
            f"it was made by NovaShop {found.get('version')}"
        )
    try:
        return About(
            version=str(found["version"]),
            taken_at=str(found["taken_at"]),
            database=DatabaseFacts(**found["database"]),
            migrations=tuple(map(str, found["migrations"])),
        )
    except (KeyError, TypeError) as error:
        raise _unreadable(error) from error


def manifest_from_json(data: bytes) -> Manifest:
    """Read the manifest. Raises BackupError."""
    found = _object(data)
    try:
        last = found["stock"]["last_order"]
        return Manifest(
            stock=Stock(
                rows=_numbers(found["stock"]["rows"]),
                highest=_numbers(found["stock"]["highest"]),
                last_order=LastOrder(**last) if last else None,
            ),
            is_exact=bool(found["is_exact"]),
            media_files=int(found["media_files"]),
            media_bytes=int(found["media_bytes"]),
            missing_pictures=tuple(map(str, found["missing_pictures"])),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(error) from error


def _numbers(found: dict[str, Any]) -> dict[str, int]:
    return {str(name): int(number) for name, number in found.items()}


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise _unreadable(error) from error
    return found if isinstance(found, dict) else {}


def _unreadable(error: Exception) -> BackupError:
    return BackupError(f"what the backup says of itself cannot be read ({error!r})")


# --- Asking a database ----------------------------------------------------------------------------


def migrations_of(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    """Return the migrations that were applied: `catalog.0001_initial`."""
    applied = MigrationRecorder(connection).applied_migrations()
    return tuple(sorted(f"{app}.{name}" for app, name in applied))


def stock_of(connection: BaseDatabaseWrapper) -> Stock:
    """Count what is there. Call it where no row comes or goes meanwhile."""
    there = set(connection.introspection.table_names())
    tables = sorted({model._meta.db_table for model in apps.get_models()} & there)
    rows = {table: _number(connection, f"SELECT COUNT(*) FROM {table}") for table in tables}  # noqa: S608
    return Stock(
        rows=rows,
        highest={
            table: _number(connection, f"SELECT COALESCE(MAX(id), 0) FROM {table}")  # noqa: S608
            for table in NUMBERED
            if table in there
        },
        last_order=_last_order(connection) if rows.get(ORDERS) else None,
    )


def _number(connection: BaseDatabaseWrapper, question: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return int(cursor.fetchone()[0])


def _last_order(connection: BaseDatabaseWrapper) -> LastOrder:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, placed_at FROM orders_order ORDER BY id DESC LIMIT 1")
        number, placed_at = cursor.fetchone()
    moment = placed_at.isoformat(" ", "seconds") if isinstance(placed_at, datetime) else placed_at
    return LastOrder(number=number, placed_at=f"{moment[:19]} UTC")


def columns_of_files() -> list[tuple[str, str, str]]:
    """Return each column that names files: its table, its name, and what the names begin with."""
    return [
        (model._meta.db_table, str(field.column), str(field.upload_to))
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, FileField)
    ]


def files_named_in(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield the file of every picture that the database shows, some more than once.

    A database of an older release may not have all of the tables yet.
    """
    there = set(connection.introspection.table_names())
    for table, column, _ in columns_of_files():
        if table not in there:
            continue
        with connection.cursor() as cursor:
            found = connection.introspection.get_table_description(cursor, table)
            if column not in {entry.name for entry in found}:
                continue
            cursor.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} <> ''")  # noqa: S608
            while rows := cursor.fetchmany(1000):
                yield from (str(name) for (name,) in rows)

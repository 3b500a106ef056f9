"""Adding different numbers to many rows in one statement.

Django's `bulk_update` writes a CASE with a branch for every row, and a database walks through the
branches for every row: a thousand rows are a million steps. Here the numbers travel as one JSON
text, which the database joins to the table; the statement is the same whatever their number.
"""

import json
from collections.abc import Mapping, Sequence

from django.db import connection, models

# `{table}` and `{sums}` are filled in with quoted names; `d` is the table of what to add.
_STATEMENTS = {
    "sqlite": (
        "UPDATE {table} SET {sums} FROM (SELECT {columns} FROM json_each(%s)) AS d "
        "WHERE {table}.{key} = d.c0"
    ),
    # The keys are named once more: by itself PostgreSQL takes any JSON text for a hundred rows, and
    # reads the whole table for them, while others wait for rows that are locked.
    "postgresql": (
        "UPDATE {table} SET {sums} FROM (SELECT {columns} FROM jsonb_array_elements(%s)) AS d "
        "WHERE {table}.{key} = d.c0 AND {table}.{key} = ANY(%s)"
    ),
    "mysql": (
        "UPDATE {table} JOIN JSON_TABLE(%s, '$[*]' COLUMNS ({columns})) AS d "
        "ON {table}.{key} = d.c0 SET {sums}"
    ),
}
_COLUMNS = {
    "sqlite": "json_extract(value, '$[{n}]') AS c{n}",
    "postgresql": "(value ->> {n})::bigint AS c{n}",
    "mysql": "c{n} BIGINT PATH '$[{n}]'",
}
# Where the target of an assignment may not name its table.
_BARE_TARGETS = {"sqlite", "postgresql"}


def add_to_rows(
    model: type[models.Model], fields: Sequence[str], amounts: Mapping[int, Sequence[int]]
) -> None:
    """Add to integer fields: `amounts` has, by primary key, a number for each of the fields.

    One statement; rows that do not exist are left out. Constraints are checked as ever.
    """
    if not amounts:
        return
    vendor = connection.vendor
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    key, *names = [quote(_column(model, field)) for field in ("pk", *fields)]
    targets = names if vendor in _BARE_TARGETS else [f"{table}.{name}" for name in names]
    statement = _STATEMENTS[vendor].format(
        table=table,
        key=key,
        sums=", ".join(
            f"{target} = {table}.{name} + d.c{number}"
            for number, (target, name) in enumerate(zip(targets, names, strict=True), start=1)
        ),
        columns=", ".join(_COLUMNS[vendor].format(n=number) for number in range(len(fields) + 1)),
    )
    rows = json.dumps([[key, *numbers] for key, numbers in amounts.items()])
    with connection.cursor() as cursor:
        cursor.execute(statement, [rows, list(amounts)] if vendor == "postgresql" else [rows])


def _column(model: type[models.Model], name: str) -> str:
    """Return the name of a field's column; "pk" is the primary key."""
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    if not isinstance(field, models.Field) or field.column is None:
        raise ValueError(f"{model._meta.label} has no column for {name}")
    return field.column

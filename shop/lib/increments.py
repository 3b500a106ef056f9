"""Adding, or writing, something different to each of many rows in one statement.

Django's `bulk_update` writes a CASE with a branch for every row: making it takes longer than the
database takes for it, and a database walks through the branches for every row: a thousand rows are
a million steps. Here the values travel as one JSON text, which the database joins to the table; the
statement is the same whatever their number.
"""

import json
from collections.abc import Mapping, Sequence

from django.db import connection, models

# `{table}` and `{sets}` are filled in with quoted names; `d` is the table of what is given.
_STATEMENTS = {
    "sqlite": (
        "UPDATE {table} SET {sets} FROM (SELECT {columns} FROM json_each(%s)) AS d "
        "WHERE {table}.{key} = d.c0"
    ),
    # The keys are named once more: by itself PostgreSQL takes any JSON text for a hundred rows, and
    # reads the whole table for them, while others wait for rows that are locked.
    "postgresql": (
        "UPDATE {table} SET {sets} FROM (SELECT {columns} FROM jsonb_array_elements(%s)) AS d "
        "WHERE {table}.{key} = d.c0 AND {table}.{key} = ANY(%s)"
    ),
    # So does MariaDB, with a table that it takes for small, unless it is told where to begin.
    "mysql": (
        "UPDATE JSON_TABLE(%s, '$[*]' COLUMNS ({columns})) AS d STRAIGHT_JOIN {table} "
        "FORCE INDEX (PRIMARY) ON {table}.{key} = d.c0 SET {sets}"
    ),
}
_INTEGERS = {
    "sqlite": "json_extract(value, '$[{n}]') AS c{n}",
    "postgresql": "(value ->> {n})::bigint AS c{n}",
    "mysql": "c{n} BIGINT PATH '$[{n}]'",
}
_TEXTS = {
    **_INTEGERS,
    "postgresql": "value ->> {n} AS c{n}",
    "mysql": "c{n} LONGTEXT PATH '$[{n}]'",
}
# Where the target of an assignment may not name its table.
_BARE_TARGETS = {"sqlite", "postgresql"}


def add_to_rows(
    model: type[models.Model], fields: Sequence[str], amounts: Mapping[int, Sequence[int]]
) -> None:
    """Add to integer fields: `amounts` has, by primary key, a number for each of the fields.

    One statement; rows that do not exist are left out. Constraints are checked as ever.
    """
    _update(model, fields, amounts, assignment="{target} = {old} + {given}")


def write_to_rows(
    model: type[models.Model], fields: Sequence[str], values: Mapping[int, Sequence[int | str]]
) -> None:
    """Write integer and text fields: `values` has, by primary key, a value for each of the fields.

    One statement; rows that do not exist are left out. Constraints are checked as ever.
    """
    _update(model, fields, values, assignment="{target} = {given}")


def _update(
    model: type[models.Model],
    fields: Sequence[str],
    values: Mapping[int, Sequence[int | str]],
    *,
    assignment: str,
) -> None:
    if not values:
        return
    vendor = connection.vendor
    table = connection.ops.quote_name(model._meta.db_table)
    key, *names = [_column(model, field) for field in ("pk", *fields)]
    targets = names if vendor in _BARE_TARGETS else [f"{table}.{name}" for name in names]
    statement = _STATEMENTS[vendor].format(
        table=table,
        key=key,
        sets=", ".join(
            assignment.format(target=target, old=f"{table}.{name}", given=f"d.c{number}")
            for number, (target, name) in enumerate(zip(targets, names, strict=True), start=1)
        ),
        columns=", ".join(
            _kind(model, field)[vendor].format(n=number)
            for number, field in enumerate(("pk", *fields))
        ),
    )
    rows = json.dumps([[key, *row] for key, row in values.items()])
    with connection.cursor() as cursor:
        cursor.execute(statement, [rows, list(values)] if vendor == "postgresql" else [rows])


def _kind(model: type[models.Model], name: str) -> Mapping[str, str]:
    """Return how a field's values are read from the JSON, by database."""
    is_text = isinstance(_field(model, name), models.CharField | models.TextField)
    return _TEXTS if is_text else _INTEGERS


def _column(model: type[models.Model], name: str) -> str:
    """Return the quoted name of a field's column; "pk" is the primary key."""
    return connection.ops.quote_name(str(_field(model, name).column))


def _field(model: type[models.Model], name: str) -> "models.Field[object, object]":
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    if not isinstance(field, models.Field) or field.column is None:
        raise ValueError(f"{model._meta.label} has no column for {name}")
    return field

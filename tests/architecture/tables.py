"""What a model of the shop has to keep to, so that every database keeps it too.

One function for each rule; each takes model classes and yields a sentence for every breach.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from re import fullmatch
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models
from django.db.models import Q
from django.db.models.expressions import CombinedExpression

from tests.architecture.house import row_of, rows

Model = type[models.Model]
# A field to be excused, `accounts.User.username`, and why.
Reasons = dict[str, str]

# What Django calls an index that nobody has named.
_GENERATED = r".+_[0-9a-f]{6}_idx"
_PLAIN_OPTIONS = {"fields", "name", "violation_error_code", "violation_error_message"}
_PACKAGES = frozenset[str]().union(*rows())


def shop_models() -> list[Model]:
    """Return every model of the shop, without the tables Django makes for many-to-many fields."""
    return [model for model in apps.get_models() if model.__module__.startswith("shop.")]


def links_upwards(found: Iterable[Model]) -> Iterator[str]:
    """Foreign keys between packages point strictly down the rows."""
    for model in found:
        package = model._meta.app_label
        for name, other in _links(model):
            if other in _PACKAGES - {package} and row_of(other) >= row_of(package):
                yield f"{model._meta.label}.{name} points from {package} to {other}, not down"


def links_without_direction(found: Iterable[Model]) -> Iterator[str]:
    """A generic foreign key can point anywhere, so no package has one."""
    for model in found:
        for field in model._meta.private_fields:
            if isinstance(field, GenericForeignKey):
                yield f"{model._meta.label}.{field.name} can point anywhere"


def _links(model: Model) -> Iterator[tuple[str, str]]:
    """Yield the relations that a model declares, each with the package it points to."""
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
        target = field.related_model
        if isinstance(target, type):
            yield field.name, target._meta.app_label


def unportable_constraints(found: Iterable[Model]) -> Iterator[str]:
    """A unique constraint is one of plain columns: MySQL leaves out any other without a word."""
    for model in found:
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint):
                if not _is_plain(constraint):
                    yield f"{model._meta.label}: {constraint.name} is not unique on every database"
            elif not isinstance(constraint, models.CheckConstraint):
                yield f"{model._meta.label}: {constraint.name} does not exist on every database"


def unportable_indexes(found: Iterable[Model]) -> Iterator[str]:
    """An index is one of plain columns, of the kind that every database has."""
    for model in found:
        for index in model._meta.indexes:
            if type(index) is not models.Index or not _is_plain(index):
                yield f"{model._meta.label}: {index.name} does not exist on every database"


def _is_plain(part: models.UniqueConstraint | models.Index) -> bool:
    """Tell whether nothing but columns was given: no condition, expression or special option."""
    _, expressions, options = part.deconstruct()
    return not expressions and options.keys() <= _PLAIN_OPTIONS


def unnamed_indexes(found: Iterable[Model]) -> Iterator[str]:
    """An index carries the name of the question it answers."""
    for model in found:
        for index in model._meta.indexes:
            if fullmatch(_GENERATED, index.name):
                yield f"{model._meta.label}: {index.name} is no name for an index"
        for field in model._meta.local_fields:
            if getattr(field, "db_index", False) and not field.is_relation:
                yield f"{model._meta.label}.{field.name} has an index without a name"


def unnamed_keys(found: Iterable[Model], *, reasons: Reasons) -> Iterator[str]:
    """A natural key is a named constraint; primary keys and one-to-one links name themselves."""
    for model in found:
        if model._meta.unique_together:
            yield f"{model._meta.label} has unique_together: name a UniqueConstraint"
        for field in model._meta.local_fields:
            named = field.primary_key or isinstance(field, models.OneToOneField)
            path = f"{model._meta.label}.{field.name}"
            if field.unique and not named and path not in reasons:
                yield f"{path} is unique without a name: name a UniqueConstraint"


def names_given_twice(found: Iterable[Model]) -> Iterator[str]:
    """Constraints and indexes share one space of names on PostgreSQL."""
    names = Counter(
        part.name for model in found for part in [*model._meta.constraints, *model._meta.indexes]
    )
    yield from (
        f"{name} is the name of {times} things" for name, times in names.items() if times > 1
    )


def odd_decimals(found: Iterable[Model], *, reasons: Reasons) -> Iterator[str]:
    """Money has two places, and so has every other decimal unless there is a reason."""
    for model in found:
        for field in model._meta.local_fields:
            path = f"{model._meta.label}.{field.name}"
            places = field.decimal_places if isinstance(field, models.DecimalField) else 2
            if places != 2 and path not in reasons:
                yield f"{path} has {places} decimal places"


def checks_that_calculate(found: Iterable[Model]) -> Iterator[str]:
    """A check compares columns and never adds them: SQLite would add decimals as floats."""
    for model in found:
        for constraint in model._meta.constraints:
            if not isinstance(constraint, models.CheckConstraint):
                continue
            if any(isinstance(part, CombinedExpression) for part in _parts(constraint.condition)):
                yield f"{model._meta.label}: {constraint.name} calculates in the database"


def _parts(condition: Any) -> Iterator[Any]:
    """Yield a condition and everything it is made of."""
    yield condition
    if isinstance(condition, Q):
        below = [child[1] if isinstance(child, tuple) else child for child in condition.children]
    elif isinstance(condition, list | tuple | set):
        below = list(condition)
    elif hasattr(condition, "get_source_expressions"):
        below = condition.get_source_expressions()
    else:
        below = []
    for part in below:
        yield from _parts(part)


def absent(model: Model, constraints: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Name what a model declares and its table lacks, given the table's constraints by name."""
    meta = model._meta
    for part in [*meta.constraints, *meta.indexes]:
        kind, columns = _expected(model, part)
        there = constraints.get(part.name)
        if there is None or not there[kind]:
            yield f"{meta.db_table} has no {kind} {part.name}"
        elif columns and there["columns"] != columns:
            yield f"{meta.db_table}: {part.name} is over {there['columns']}, not {columns}"


def _expected(
    model: Model, part: models.Index | models.BaseConstraint
) -> tuple[str, list[str] | None]:
    """Return the kind and the columns that the database should report."""
    if isinstance(part, models.CheckConstraint):
        # Databases report the columns of a check in any order, and some of them not at all.
        return "check", None
    fields = part.fields if isinstance(part, models.Index | models.UniqueConstraint) else ()
    columns = [model._meta.get_field(name.removeprefix("-")) for name in fields]
    kind = "index" if isinstance(part, models.Index) else "unique"
    return kind, [getattr(column, "column", "") for column in columns]

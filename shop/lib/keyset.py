"""Pages of a long list, found by where the page before ended: the last is as fast as the first.

Rows that come or go meanwhile shift nothing: no row is shown twice, none is left out.
"""

import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, cast

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import Field, Model, Q, QuerySet

from shop.lib.refusals import Refusal

Row = TypeVar("Row")
Table = TypeVar("Table", bound=Model)


@dataclass(eq=False)
class InvalidCursor(Refusal):
    """The cursor is not one of ours, or belongs to another list."""

    code: ClassVar[str] = "invalid_cursor"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and the cursors of the pages around them, None where there is none."""

    items: list[Row]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    descends: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """The row after which (or, backwards, before which) a page begins, by what it is sorted by."""

    backwards: bool
    values: tuple[Any, ...]


def page(
    rows: QuerySet[Table], *, ordering: Sequence[str], size: int, cursor: str | None = None
) -> Page[Table]:
    """Return the page at `cursor`, the first one without; one query (two back to the very start).

    `ordering` names fields of the model, "-" before those that descend; the last one is unique,
    and none of them is NULL in any of the rows. Raises InvalidCursor.
    """
    return _page(_Keyset(rows, ordering), size=size, cursor=cursor)


def page_of_ids(
    rows: QuerySet[Any], *, ordering: Sequence[str], size: int, cursor: str | None = None
) -> Page[int]:
    """Return the same page, but of its rows only their ids, by which `ordering` ends.

    The database is asked for nothing but what the order is made of. Raises InvalidCursor.
    """
    found = _page(_BareKeyset(rows, ordering), size=size, cursor=cursor)
    return Page([values[-1] for values in found.items], found.next, found.previous)


def _page(keyset: "_Keyset[Row]", *, size: int, cursor: str | None) -> Page[Row]:
    place = keyset.read(cursor) if cursor else None
    items = keyset.rows_at(place, limit=size + 1)
    if place is not None and place.backwards and len(items) <= size:
        # Too little is left before: show the first page whole instead of its rest.
        place, items = None, keyset.rows_at(None, limit=size + 1)
    backwards = place is not None and place.backwards
    has_more = len(items) > size
    items = items[:size]
    if backwards:
        items.reverse()
    return Page(
        items=items,
        next=keyset.cursor(items, place, backwards=False) if backwards or has_more else None,
        previous=keyset.cursor(items, place, backwards=True) if place else None,
    )


class _Keyset(Generic[Row]):
    """A list in one order, and how a row's place in it is written down."""

    def __init__(self, rows: QuerySet[Any], ordering: Sequence[str]) -> None:
        self._rows = rows
        self._columns = [_Column(name.removeprefix("-"), name[0] == "-") for name in ordering]
        self._fields = [
            cast("Field[Any, Any]", rows.model._meta.get_field(column.name))
            for column in self._columns
        ]
        # Only what we wrote is read back, and only for the same order of the same table.
        self._signer = Signer(salt=f"keyset:{rows.model._meta.label}:{','.join(ordering)}")

    def rows_at(self, place: _Place | None, *, limit: int) -> list[Row]:
        """Return rows from a place on; backwards from it the nearest comes first."""
        backwards = place is not None and place.backwards
        signs = ("-" if column.descends != backwards else "" for column in self._columns)
        names = [sign + column.name for sign, column in zip(signs, self._columns, strict=True)]
        rows = self._read(self._rows.order_by(*names))
        return list((rows.filter(self._beyond(place)) if place else rows)[:limit])

    def _read(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Say what to read of each row."""
        return rows

    def cursor(self, items: Sequence[Row], place: _Place | None, *, backwards: bool) -> str:
        """Return the cursor of what follows these rows, or backwards of what comes before them.

        Where nothing is left on a page that once was, the other direction leads on from its place.
        """
        if items:
            return self._write(self._values(items[0 if backwards else -1]), backwards)
        if place is None:
            raise ValueError("an empty list has no other pages")
        return self._write(place.values, backwards)

    def read(self, cursor: str) -> _Place:
        """Return the place a cursor stands for. Raises InvalidCursor."""
        try:
            backwards, *texts = self._signer.unsign_object(cursor)
            fields = zip(self._fields, texts, strict=True)
            values = tuple(field.to_python(text) for field, text in fields)
        except (BadSignature, ValidationError, ValueError, binascii.Error) as error:
            raise InvalidCursor from error
        return _Place(backwards=backwards, values=values)

    def _write(self, values: Sequence[Any], backwards: bool) -> str:
        texts = [_as_text(value) for value in values]
        return self._signer.sign_object([backwards, *texts])

    def _values(self, row: Row) -> Sequence[Any]:
        return [getattr(row, column.name) for column in self._columns]

    def _beyond(self, place: _Place) -> Q:
        """Select what comes after the place: `a > 1 or (a = 1 and b > 2)`, the way it is sorted."""
        beyond, equal = Q(), Q()
        for column, value in zip(self._columns, place.values, strict=True):
            sign = "lt" if column.descends != place.backwards else "gt"
            beyond |= equal & Q((f"{column.name}__{sign}", value))
            equal &= Q((column.name, value))
        first = self._columns[0]
        sign = "lte" if first.descends != place.backwards else "gte"
        # Says nothing new, but databases find their way into the index by it.
        return Q((f"{first.name}__{sign}", place.values[0])) & beyond


class _BareKeyset(_Keyset[tuple[Any, ...]]):
    """Reads of each row what the list is sorted by, and nothing else."""

    def _read(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.values_list(*(column.name for column in self._columns))

    def _values(self, row: tuple[Any, ...]) -> Sequence[Any]:
        return row


def _as_text(value: Any) -> str:
    if value is None:
        raise ValueError("a list cannot be paged by a column that is NULL")
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat() if isoformat else value)

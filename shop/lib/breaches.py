"""What an audit finds."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Model, QuerySet


@dataclass(frozen=True, slots=True)
class Breach:
    """One row that breaks an invariant: which one, which row, and what is wrong with it."""

    invariant: str
    row: str
    detail: str


def repeated_values(
    rows: QuerySet[Model], *fields: str, invariant: str, row: str
) -> Iterator[Breach]:
    """Yield a breach for every combination of values that more than one row has."""
    repeated = rows.order_by().values_list(*fields).annotate(n=Count("pk")).filter(n__gt=1)
    for *values, number in repeated.iterator():
        name = " ".join(str(value) for value in values)
        yield Breach(invariant, f"{row} {name}", f"there are {number} of them")

"""Reads about stock: always from the database, never from a cache."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db.models import F, Max, QuerySet, Sum

from shop.inventory.models import Hold, StockLevel, StockLocation
from shop.inventory.rules import Held
from shop.lib.keyset import Page, page


def available(variant_ids: Collection[int]) -> dict[int, int]:
    """Return how many units of each variant can be sold now, in one query; 0 where none is kept."""
    found = dict.fromkeys(variant_ids, 0)
    # Added up here: a sum in SQL takes Django longer to write than all of this to read.
    for variant_id, on_hand, promised in _for_sale().filter(variant_id__in=variant_ids):
        found[variant_id] += on_hand - promised
    return found


@cache
def _for_sale() -> "QuerySet[StockLevel, tuple[int, int, int]]":
    # Written down once, since it is asked with each list; nobody asks it as it is.
    levels = StockLevel.objects.filter(location__is_active=True)
    return levels.values_list("variant_id", "on_hand", "promised")


def levels_of(variant_ids: Collection[int]) -> list[StockLevel]:
    """Return what lies where of these variants, the preferred location first, in one query."""
    levels = StockLevel.objects.filter(variant_id__in=variant_ids).select_related("location")
    return list(levels.order_by("variant_id", "location__position", "location_id"))


def page_of_levels(
    *, at_most: int | None = None, size: int, cursor: str | None = None
) -> Page[StockLevel]:
    """Return a page of what lies where, the oldest levels first; with `variant` and `location`.

    With `at_most` those alone of which no more than that can be sold. Raises InvalidCursor.
    """
    levels = StockLevel.objects.select_related("variant", "location")
    if at_most is not None:
        levels = levels.filter(on_hand__lte=F("promised") + at_most)
    return page(levels, ordering=("id",), size=size, cursor=cursor)


def locations() -> list[StockLocation]:
    """Return the places where stock lies, the preferred one first, in one query."""
    return list(StockLocation.objects.order_by("position", "id"))


def held_for(holder: UUID, *, now: datetime) -> dict[int, Held]:
    """Return what is held for somebody, by variant, in one query; what has ended left out."""
    rows = (
        Hold.objects.filter(holder=holder, expires_at__gt=now)
        .values("level__variant_id")
        .annotate(units=Sum("quantity"), until=Max("expires_at"))
        .values_list("level__variant_id", "units", "until")
    )
    return {variant_id: Held(units, until) for variant_id, units, until in rows}

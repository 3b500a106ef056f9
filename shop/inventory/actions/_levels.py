"""The one place that locks and writes stock levels."""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import Exists, F, OuterRef

from shop.catalog import actions as catalog
from shop.inventory.models import StockLevel
from shop.inventory.rules import Level


def lock_levels(level_ids: Collection[int]) -> dict[int, StockLevel]:
    """Lock levels in key order and return them as they are now."""
    locked = StockLevel.objects.select_for_update().filter(id__in=level_ids).order_by("id")
    return {level.id: level for level in locked}


def write_levels(
    levels: Iterable[StockLevel], *, before: Mapping[int, Level], fields: list[str]
) -> None:
    """Write changed levels in one query, and flip `in_stock` where selling begins or ends.

    `before` holds the levels as they were read; the levels of one variant belong together.
    """
    changed = list(levels)
    StockLevel.objects.bulk_update(changed, fields)
    crossed = {
        level.variant_id
        for level in changed
        if (level.on_hand - level.promised > 0) != (before[level.id].available > 0)
    }
    if crossed:
        refresh_in_stock(crossed)


def refresh_in_stock(variant_ids: Collection[int]) -> None:
    """Recompute whether the products of these variants can be bought."""
    available = StockLevel.objects.filter(
        variant__product_id=OuterRef("pk"),
        variant__is_published=True,
        location__is_active=True,
        on_hand__gt=F("promised"),
    )
    catalog.mark_in_stock(variant_ids=variant_ids, when=Exists(available))


def as_read(levels: Iterable[StockLevel]) -> dict[int, Level]:
    """Return a copy of the levels that later writes do not touch."""
    return {
        level.id: Level(
            id=level.id,
            variant_id=level.variant_id,
            location_id=level.location_id,
            on_hand=level.on_hand,
            promised=level.promised,
        )
        for level in levels
    }

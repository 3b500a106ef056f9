"""The one place that locks and writes stock levels."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.conf import settings
from django.db.models import Exists, F, OuterRef

from shop.catalog import actions as catalog
from shop.events import actions as events
from shop.events.rules import News, subject_of
from shop.inventory.models import StockLevel
from shop.inventory.rules import Change, Level
from shop.lib.increments import add_to_rows


def lock_levels(level_ids: Collection[int]) -> dict[int, Level]:
    """Lock levels in key order and return them as they are now."""
    locked = StockLevel.objects.select_for_update().filter(id__in=level_ids).order_by("id")
    return {row.id: as_level(row) for row in locked}


def as_level(row: StockLevel) -> Level:
    """Return what the row says, for the rules to decide on."""
    return Level(
        id=row.id,
        variant_id=row.variant_id,
        location_id=row.location_id,
        on_hand=row.on_hand,
        promised=row.promised,
    )


def write_levels(
    *,
    levels: Mapping[int, Level],
    on_hand: Mapping[int, int] | None = None,
    promised: Mapping[int, int] | None = None,
) -> None:
    """Add to the locked levels, by id, in one query; flip `in_stock` where selling begins or ends.

    Thresholds that are crossed are told, each as one piece of news for all levels.
    The database does the sum: should a lock ever be forgotten, it is the database that says no.
    """
    came, pledged = on_hand or {}, promised or {}
    changed = [levels[level_id] for level_id in {**came, **pledged}]
    if not changed:
        return
    add_to_rows(
        StockLevel,
        ["on_hand", "promised"],
        {level.id: (came.get(level.id, 0), pledged.get(level.id, 0)) for level in changed},
    )
    changes = [
        Change(level, level.available + came.get(level.id, 0) - pledged.get(level.id, 0))
        for level in changed
    ]
    crossed = {change.level.variant_id for change in changes if change.sells_otherwise}
    if crossed:
        refresh_in_stock(crossed)
    _tell_thresholds(changes)


def _tell_thresholds(changes: Collection[Change]) -> None:
    crossing: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        for name in change.thresholds(settings.LOW_STOCK):
            crossing[name].append(change)
    events.emit_all(
        news=[
            News(
                name=name,
                subject=subject_of("variant", [each.level.variant_id for each in crossed]),
                payload={
                    "levels": [
                        {
                            "variant_id": each.level.variant_id,
                            "location_id": each.level.location_id,
                            "available": each.after,
                        }
                        for each in crossed
                    ]
                },
            )
            for name, crossed in crossing.items()
        ]
    )


def refresh_in_stock(variant_ids: Collection[int]) -> None:
    """Recompute whether the products of these variants can be bought.

    Raises OutsideTransactionError.
    """
    available = StockLevel.objects.filter(
        variant__product_id=OuterRef("pk"),
        variant__is_published=True,
        location__is_active=True,
        on_hand__gt=F("promised"),
    )
    catalog.mark_in_stock(variant_ids=variant_ids, when=Exists(available))

"""The one place that locks and writes stock levels."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from shop.catalog import actions as catalog
from shop.events import actions as events
from shop.events.rules import News, subject_of
from shop.inventory.models import StockLevel
from shop.inventory.rules import ANY_STOCK, FEW, FEW_LEFT, STOCK, Change, Level
from shop.lib.increments import add_to_rows
from shop.lib.public.generations import renew_after_commit


def lock_levels(level_ids: Collection[int]) -> dict[int, Level]:
    """Lock levels in key order and return them as they are now."""
    locked = to_lock().filter(id__in=level_ids).order_by("id")
    return {row.id: as_level(row) for row in locked}


def to_lock() -> "QuerySet[StockLevel]":
    """Return levels as they are locked, with their products: by a join these would be as well."""
    itself = StockLevel.objects.filter(id=OuterRef("id")).values("variant__product_id")
    return StockLevel.objects.select_for_update().annotate(product_id=Subquery(itself[:1]))


def as_level(row: StockLevel) -> Level:
    """Return what the row says, for the rules to decide on."""
    return Level(
        id=row.id,
        variant_id=row.variant_id,
        location_id=row.location_id,
        on_hand=row.on_hand,
        promised=row.promised,
        # Annotated by the query; the model does not know it.
        product_id=row.product_id,  # type: ignore[attr-defined]
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
    _show_anew(changes)
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
    product_ids = catalog.mark_in_stock(variant_ids=variant_ids, when=Exists(available))
    renew_after_commit(_names(product_ids, few_left=product_ids))


def _show_anew(changes: Collection[Change]) -> None:
    """Let numbers be shown as they are now. No news are written: a sale is too small for that.

    Should this process die just then, they are shown as they were for as long as anything is kept.
    """
    low = {
        change.level.product_id
        for change in changes
        if min(change.level.available, change.after) <= FEW
    }
    renew_after_commit(_names({change.level.product_id for change in changes}, few_left=low))


def _names(product_ids: Collection[int], *, few_left: Collection[int]) -> list[str]:
    exact = [STOCK.format(product_id=product_id) for product_id in product_ids]
    return [ANY_STOCK, *exact, *(FEW_LEFT.format(product_id=each) for each in few_left)]

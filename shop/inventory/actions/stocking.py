"""Stock that comes, is counted and corrected: every change of `on_hand` has its movement."""

from collections.abc import Callable, Collection, Mapping

from django.utils import timezone

from shop.catalog import queries as catalog
from shop.catalog.errors import UnknownVariant
from shop.events import actions as events
from shop.inventory.actions._levels import lock_levels, refresh_in_stock, write_levels
from shop.inventory.errors import (
    InvalidStockQuantity,
    SameLocation,
    StockIsPromised,
    UnknownLocation,
)
from shop.inventory.models import StockLevel, StockLocation, StockMovement
from shop.inventory.queries import available
from shop.inventory.rules import LARGEST_STOCK, Level, MovementReason
from shop.lib.batches import in_chunks
from shop.lib.transactions import durable

# Databases limit the parameters of a query; SQLite's oldest limit is 999.
_VARIANTS_AT_ONCE = 900


def add_location(*, code: str, name: str, position: int = 0) -> int:
    """Return the id of the location with this code, opening it where there is none yet."""
    location, _ = StockLocation.objects.get_or_create(
        code=code, defaults={"name": name, "position": position}
    )
    return location.id


@durable
def set_location_active(*, location_id: int, is_active: bool) -> None:
    """Sell from a location, or do not any more; what buyers were promised stays promised.

    Raises UnknownLocation.
    """
    location = StockLocation.objects.select_for_update().filter(id=location_id).first()
    if location is None:
        raise UnknownLocation(location=str(location_id))
    if location.is_active == is_active:
        return
    location.is_active = is_active
    location.save(update_fields=["is_active"])
    events.emit(
        name="location.opened" if is_active else "location.closed",
        subject=f"location:{location_id}",
        payload={"location_id": location_id},
    )
    # Those that have nothing now as well: somebody may be receiving it. In the order of products,
    # since they are locked chunk by chunk.
    kept = StockLevel.objects.filter(location_id=location_id)
    by_product = kept.order_by("variant__product_id", "variant_id")
    for chunk in in_chunks(by_product.values_list("variant_id", flat=True), _VARIANTS_AT_ONCE):
        refresh_in_stock(chunk)


@durable
def receive(
    *, units: Mapping[int, int], location_code: str, reference: str, by: int | None = None
) -> None:
    """Put delivered units, by variant id, on their levels.

    Raises UnknownLocation, UnknownVariant or InvalidStockQuantity (fewer than one).
    """
    for quantity in units.values():
        if quantity < 1:
            raise InvalidStockQuantity(quantity=quantity)
    _change(
        changes=units,
        location_code=location_code,
        reason=MovementReason.RECEIVED,
        reference=reference,
        by=by,
    )


@durable
def receive_missing(
    *,
    variant_ids: Collection[int],
    needed: Callable[[], Mapping[int, int]],
    location_code: str,
    reference: str,
    by: int | None = None,
) -> int:
    """Receive of these variants what is missing for `needed` units to be available; return it.

    `needed` is asked while their levels are locked: whatever it counts can neither be sold nor
    received by somebody else until this is written. Raises UnknownLocation, UnknownVariant or
    InvalidStockQuantity.
    """
    levels = _lock_or_open(variant_ids, _location_id(location_code))
    there = available(variant_ids)
    missing = {id_: units - there[id_] for id_, units in needed().items() if units > there[id_]}
    _apply(levels, missing, reason=MovementReason.RECEIVED, reference=reference, by=by)
    return sum(missing.values())


@durable
def adjust(
    *, changes: Mapping[int, int], location_code: str, reference: str, by: int | None = None
) -> None:
    """Correct stock by so many units, up or down, by variant id; the reference says why.

    Raises UnknownLocation, UnknownVariant, InvalidStockQuantity (zero, or below nothing) or
    StockIsPromised.
    """
    for quantity in changes.values():
        if quantity == 0:
            raise InvalidStockQuantity(quantity=quantity)
    _change(
        changes=changes,
        location_code=location_code,
        reason=MovementReason.ADJUSTED,
        reference=reference,
        by=by,
    )


@durable
def count(
    *, counts: Mapping[int, int], location_code: str, reference: str, by: int | None = None
) -> int:
    """Set stock to what was counted, by variant id; return how many levels that changed.

    Raises UnknownLocation, UnknownVariant, InvalidStockQuantity or StockIsPromised.
    """
    levels = _lock_or_open(counts, _location_id(location_code))
    changes = {
        variant_id: counted - levels[variant_id].on_hand
        for variant_id, counted in counts.items()
        if counted != levels[variant_id].on_hand
    }
    _apply(levels, changes, reason=MovementReason.COUNTED, reference=reference, by=by)
    return len(changes)


@durable
def move(
    *,
    units: Mapping[int, int],
    from_code: str,
    to_code: str,
    reference: str,
    by: int | None = None,
) -> None:
    """Carry units, by variant id, from one location to another; the ledger has both ends of it.

    Raises SameLocation, UnknownLocation, UnknownVariant, InvalidStockQuantity (fewer than one, or
    more than lie there) or StockIsPromised.
    """
    if from_code == to_code:
        raise SameLocation(location=from_code)
    for quantity in units.values():
        if quantity < 1:
            raise InvalidStockQuantity(quantity=quantity)
    ends = [_open(units, _location_id(code)) for code in (from_code, to_code)]
    # Both ends in one order of keys, as everybody locks them.
    locked = lock_levels([level_id for end in ends for level_id in end.values()])
    gone = {variant_id: -quantity for variant_id, quantity in units.items()}
    for end, changes in zip(ends, (gone, units), strict=True):
        levels = {variant_id: locked[level_id] for variant_id, level_id in end.items()}
        _apply(levels, changes, reason=MovementReason.MOVED, reference=reference, by=by)


def _change(
    *,
    changes: Mapping[int, int],
    location_code: str,
    reason: MovementReason,
    reference: str,
    by: int | None,
) -> None:
    levels = _lock_or_open(changes, _location_id(location_code))
    _apply(levels, changes, reason=reason, reference=reference, by=by)


def _location_id(code: str) -> int:
    location = StockLocation.objects.filter(code=code).only("id").first()
    if location is None:
        raise UnknownLocation(location=code)
    return location.id


def _lock_or_open(variant_ids: Collection[int], location_id: int) -> dict[int, Level]:
    """Lock the variants' levels at a location, opening those that do not exist; by variant id."""
    levels = lock_levels(_open(variant_ids, location_id).values())
    return {level.variant_id: level for level in levels.values()}


def _open(variant_ids: Collection[int], location_id: int) -> dict[int, int]:
    """Return the ids of the variants' levels at a location, opening those that do not exist."""
    known = dict(
        StockLevel.objects.filter(location_id=location_id, variant_id__in=variant_ids).values_list(
            "variant_id", "id"
        )
    )
    missing = sorted(set(variant_ids) - set(known))
    if missing:
        existing = catalog.offers(missing)
        for variant_id in missing:
            if variant_id not in existing:
                raise UnknownVariant(variant_id=variant_id)
        # Whoever opens or closes the location has to see the new levels, or be seen.
        list(StockLocation.objects.select_for_update().filter(id=location_id))
        StockLevel.objects.bulk_create(
            [StockLevel(variant_id=id_, location_id=location_id) for id_ in missing],
            ignore_conflicts=True,
        )
        known |= dict(
            StockLevel.objects.filter(location_id=location_id, variant_id__in=missing).values_list(
                "variant_id", "id"
            )
        )
    return known


def _apply(
    levels: Mapping[int, Level],
    changes: Mapping[int, int],
    *,
    reason: MovementReason,
    reference: str,
    by: int | None,
) -> None:
    added = {levels[variant_id].id: units for variant_id, units in changes.items()}
    for variant_id, units in changes.items():
        _check(levels[variant_id], units)
    write_levels(levels={level.id: level for level in levels.values()}, on_hand=added)
    now = timezone.now()
    StockMovement.objects.bulk_create(
        StockMovement(
            level_id=level_id,
            quantity=units,
            reason=reason.value,
            reference=reference,
            by_id=by,
            created_at=now,
        )
        for level_id, units in added.items()
    )


def _check(level: Level, units: int) -> None:
    on_hand = level.on_hand + units
    if not 0 <= on_hand <= LARGEST_STOCK:
        raise InvalidStockQuantity(quantity=on_hand)
    if on_hand < level.promised:
        sku = catalog.offers([level.variant_id])[level.variant_id].sku
        raise StockIsPromised(sku=sku, on_hand=on_hand, promised=level.promised)

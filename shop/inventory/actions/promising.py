"""Promising stock to buyers, giving it back, and sending it out. Composed by checkout and orders.

Callers hold a transaction. Levels are locked after carts and orders, and before products.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from shop.inventory.actions._levels import as_level, lock_levels, to_lock, write_levels
from shop.inventory.models import Hold, StockLocation, StockMovement
from shop.inventory.rules import HeldShare, Level, MovementReason, Share, Shelf
from shop.lib.transactions import require_transaction


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Promised units that leave a level, and what the ledger calls it."""

    level_id: int
    quantity: int
    reference: str


def lock_shelf(*, variant_ids: Collection[int]) -> tuple[Shelf, dict[int, Level]]:
    """Lock every level of these variants; return those that sell as a shelf, and all by their id.

    The shelf prefers locations by their position. Raises OutsideTransactionError.
    """
    require_transaction()
    location = StockLocation.objects.filter(id=OuterRef("location_id"))
    rows = (
        # A join would lock the locations as well, and with them every other checkout.
        to_lock()
        .filter(variant_id__in=variant_ids)
        .annotate(
            preference=Subquery(location.values("position")[:1]),
            sells=Subquery(location.values("is_active")[:1]),
        )
        .order_by("id")
    )
    found = sorted(rows, key=lambda row: (row.preference, row.id))
    levels = {row.id: as_level(row) for row in found}
    return Shelf(levels[row.id] for row in found if row.sells), levels


def promise(
    *, levels: dict[int, Level], shares: Iterable[Share], redeemed: Sequence[HeldShare] = ()
) -> None:
    """Write down what a shelf has promised. `levels` are as `lock_shelf` returned them.

    Holds that are `redeemed` end with it: what they had promised is in the shares, or goes back.
    Raises OutsideTransactionError.
    """
    require_transaction()
    promised = Counter(_sum_by_level(shares))
    promised.subtract(_sum_by_level(redeemed))
    write_levels(levels=levels, promised={id_: units for id_, units in promised.items() if units})
    if redeemed:
        Hold.objects.filter(id__in=[share.hold_id for share in redeemed]).delete()


def release(*, shares: Sequence[Share]) -> None:
    """Give promised stock back for sale. Raises OutsideTransactionError."""
    require_transaction()
    released = _sum_by_level(shares)
    levels = lock_levels(released)
    write_levels(levels=levels, promised={id_: -units for id_, units in released.items()})


def ship(*, outgoing: Sequence[Outgoing], by: int | None) -> None:
    """Take promised stock off the shelves, each with its entry in the ledger.

    Raises OutsideTransactionError.
    """
    require_transaction()
    gone = {id_: -units for id_, units in _sum_by_level(outgoing).items()}
    write_levels(levels=lock_levels(gone), on_hand=gone, promised=gone)
    now = timezone.now()
    StockMovement.objects.bulk_create(
        StockMovement(
            level_id=item.level_id,
            quantity=-item.quantity,
            reason=MovementReason.SHIPPED.value,
            reference=item.reference,
            by_id=by,
            created_at=now,
        )
        for item in outgoing
    )


def _sum_by_level(parts: Iterable[Share | HeldShare | Outgoing]) -> dict[int, int]:
    quantities: defaultdict[int, int] = defaultdict(int)
    for part in parts:
        quantities[part.level_id] += part.quantity
    return dict(quantities)

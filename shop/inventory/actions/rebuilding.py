"""Setting stock right: a level is what its ledger and its promises add up to."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from shop.inventory.actions._levels import lock_levels, refresh_in_stock
from shop.inventory.models import StockLevel
from shop.inventory.queries import held_by_level, moved_by_level
from shop.inventory.rules import LARGEST_STOCK, Level
from shop.lib.transactions import durable


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A level that was wrong, before and after."""

    before: Level
    on_hand: int
    promised: int


@durable
def rebuild_levels(
    *, level_ids: Collection[int], allocated: Callable[[Collection[int]], Mapping[int, int]]
) -> list[Rebuilt]:
    """Set levels to what their ledger and their promises add up to; return those that were wrong.

    `allocated` is asked, while the levels are locked, how many units of each were allocated to
    orders. One whose ledger has fewer units than are promised is left as it is: somebody has to say
    who gets nothing.
    """
    levels = lock_levels(level_ids)
    moved, held, promised = moved_by_level(levels), held_by_level(levels), allocated(levels)
    rebuilt = [
        Rebuilt(level, on_hand=moved.get(id_, 0), promised=promised.get(id_, 0) + held.get(id_, 0))
        for id_, level in levels.items()
    ]
    wrong = [each for each in rebuilt if _is_wrong(each) and _can_be(each)]
    for each in wrong:
        StockLevel.objects.filter(id=each.before.id).update(
            on_hand=each.on_hand, promised=each.promised
        )
    if wrong:
        refresh_in_stock({each.before.variant_id for each in wrong})
    return wrong


def _is_wrong(rebuilt: Rebuilt) -> bool:
    before = rebuilt.before
    return (before.on_hand, before.promised) != (rebuilt.on_hand, rebuilt.promised)


def _can_be(rebuilt: Rebuilt) -> bool:
    return 0 <= rebuilt.promised <= rebuilt.on_hand <= LARGEST_STOCK


@durable
def rebuild_flags(*, variant_ids: Collection[int]) -> None:
    """Let the products of these variants say anew whether they can be bought."""
    refresh_in_stock(variant_ids)

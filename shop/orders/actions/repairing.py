"""Setting stock right on request: from the ledger, the open orders and the holds."""

from collections.abc import Iterator

from shop.inventory import actions as inventory
from shop.inventory import queries as stock
from shop.inventory.actions import Rebuilt
from shop.lib.batches import in_chunks
from shop.orders import queries

# So many levels are locked at a time; whoever wants to buy of them waits for that long.
_LEVELS_AT_ONCE = 200


def rebuild_stock() -> Iterator[tuple[str, Rebuilt]]:
    """Set wrong levels to what their ledger and their promises add up to, then wrong flags.

    Yields each level that was wrong, with what the audit calls it. One that has promised more than
    there is stays as it is.
    """
    suspects = {*stock.levels_off_their_ledger(), *queries.levels_off_their_promises()}
    for level_ids in in_chunks(sorted(suspects), _LEVELS_AT_ONCE):
        names = stock.level_names(level_ids)
        for rebuilt in inventory.rebuild_levels(
            level_ids=level_ids, allocated=queries.allocated_by_level
        ):
            yield names[rebuilt.before.id], rebuilt
    for variant_ids in in_chunks(stock.variants_off_their_flag(), _LEVELS_AT_ONCE):
        inventory.rebuild_flags(variant_ids=variant_ids)

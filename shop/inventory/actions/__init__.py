"""Stock comes, is counted, held, promised, given back and shipped."""

from shop.inventory.actions._levels import refresh_in_stock
from shop.inventory.actions.holding import (
    carry_holds,
    end_expired_holds,
    forget_terms,
    held_shares,
    hold,
    release_holds,
)
from shop.inventory.actions.promising import (
    Outgoing,
    lock_shelf,
    promise,
    release,
    ship,
)
from shop.inventory.actions.rebuilding import Rebuilt, rebuild_flags, rebuild_levels
from shop.inventory.actions.stocking import (
    add_location,
    adjust,
    count,
    move,
    receive,
    receive_missing,
    set_location_active,
)

__all__ = [
    "Outgoing",
    "Rebuilt",
    "add_location",
    "adjust",
    "carry_holds",
    "count",
    "end_expired_holds",
    "forget_terms",
    "held_shares",
    "hold",
    "lock_shelf",
    "move",
    "promise",
    "rebuild_flags",
    "rebuild_levels",
    "receive",
    "receive_missing",
    "refresh_in_stock",
    "release",
    "release_holds",
    "set_location_active",
    "ship",
]

"""Stock comes, is counted, promised, given back and shipped."""

from shop.inventory.actions._levels import refresh_in_stock
from shop.inventory.actions.promising import (
    Outgoing,
    lock_shelf,
    promise,
    release,
    ship,
)
from shop.inventory.actions.stocking import (
    add_location,
    adjust,
    count,
    receive,
    receive_missing,
    set_location_active,
)

__all__ = [
    "Outgoing",
    "add_location",
    "adjust",
    "count",
    "lock_shelf",
    "promise",
    "receive",
    "receive_missing",
    "refresh_in_stock",
    "release",
    "set_location_active",
    "ship",
]

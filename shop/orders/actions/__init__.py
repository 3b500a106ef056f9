"""Orders are recorded, paid, shipped, completed, canceled, refunded."""

from shop.orders.actions.living import (
    cancel,
    complete,
    expire_unpaid,
    mark_paid,
    mark_refunded,
    settle,
    ship,
)
from shop.orders.actions.recording import record
from shop.orders.actions.repairing import rebuild_stock

__all__ = [
    "cancel",
    "complete",
    "expire_unpaid",
    "mark_paid",
    "mark_refunded",
    "rebuild_stock",
    "record",
    "settle",
    "ship",
]

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

__all__ = [
    "cancel",
    "complete",
    "expire_unpaid",
    "mark_paid",
    "mark_refunded",
    "record",
    "settle",
    "ship",
]

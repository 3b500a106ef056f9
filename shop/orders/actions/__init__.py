"""Orders are recorded, paid, shipped, completed, canceled."""

from shop.orders.actions.living import (
    cancel,
    complete,
    expire_unpaid,
    mark_paid,
    settle,
    ship,
)
from shop.orders.actions.recording import record

__all__ = ["cancel", "complete", "expire_unpaid", "mark_paid", "record", "settle", "ship"]

"""Everything that is written down of orders and their stock, to see what a verb changed."""

from typing import Any

from shop.catalog.models import Product
from shop.events.models import Event
from shop.inventory.models import StockLevel, StockMovement
from shop.orders.models import Allocation, Order, OrderEvent

Rows = list[tuple[Any, ...]]


def states() -> dict[int, str]:
    """Return the three states of every order, by its id: `Pending, Unpaid, Unshipped`."""
    rows = Order.objects.values_list("id", "status", "payment_state", "fulfilment_state")
    return {order_id: ", ".join(words) for order_id, *words in rows}


def allocations(order_id: int) -> Rows:
    """Return what an order was promised: SKU, location, units, state."""
    rows = Allocation.objects.filter(line__order_id=order_id).order_by("id")
    return list(
        rows.values_list("level__variant__sku", "level__location__code", "quantity", "state")
    )


def history(order_id: int) -> Rows:
    """Return what happened to an order, and by whom."""
    rows = OrderEvent.objects.filter(order_id=order_id).order_by("id")
    return list(rows.values_list("kind", "by__username"))


def news() -> Rows:
    """Return what others were told of orders: name, subject, payload."""
    told = Event.objects.filter(name__startswith="order.").order_by("id")
    return list(told.values_list("name", "subject", "payload"))


def shipments() -> Rows:
    """Return what the ledger says of units sent out: SKU, location, units, reference, by whom."""
    rows = StockMovement.objects.filter(reason="shipped").order_by("id")
    return list(
        rows.values_list(
            "level__variant__sku",
            "level__location__code",
            "quantity",
            "reference",
            "by__username",
        )
    )


def everything() -> tuple[Rows, ...]:
    """Return every row of all of it."""
    queries = [
        Order.objects.order_by("id"),
        Allocation.objects.order_by("id"),
        OrderEvent.objects.order_by("id"),
        Event.objects.order_by("id"),
        StockLevel.objects.order_by("id"),
        StockMovement.objects.order_by("id"),
        Product.objects.order_by("id"),
    ]
    return tuple([list(query.values_list()) for query in queries])

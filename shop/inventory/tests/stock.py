"""Everything inventory has written down, to see what a verb changed and what it left alone."""

from typing import Any

from shop.catalog.models import Product
from shop.inventory.models import StockLevel, StockMovement

Rows = list[tuple[Any, ...]]


def levels() -> Rows:
    """Return every level: SKU, location, on hand, promised."""
    rows = StockLevel.objects.order_by("variant__sku", "location__code")
    return list(rows.values_list("variant__sku", "location__code", "on_hand", "promised"))


def movements() -> Rows:
    """Return the whole ledger: SKU, location, units, reason, reference, by whom."""
    rows = StockMovement.objects.order_by("id")
    return list(
        rows.values_list(
            "level__variant__sku",
            "level__location__code",
            "quantity",
            "reason",
            "reference",
            "by__username",
        )
    )


def in_stock() -> dict[str, bool]:
    """Return what every product says of its stock, by its code."""
    return dict(Product.objects.values_list("code", "in_stock"))


def everything() -> tuple[Rows, Rows, dict[str, bool]]:
    """Return all of it."""
    return levels(), movements(), in_stock()

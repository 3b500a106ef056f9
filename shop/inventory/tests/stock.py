"""Everything inventory has written down, to see what a verb changed and what it left alone."""

from collections.abc import Callable
from typing import Any

import pytest

from shop.catalog.models import Product
from shop.inventory.models import StockLevel, StockMovement
from shop.lib.refusals import Refusal

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


def assert_refused(verb: Callable[[], Any], refusal: type[Refusal], **data: object) -> None:
    """The verb is refused for this reason, with these data, and nothing changes."""
    before = everything()
    with pytest.raises(refusal) as caught:
        verb()
    assert caught.value.data == data
    assert everything() == before

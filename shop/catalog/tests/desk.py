"""What people at the desk do to the catalogue, and seeing what has become of it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shop.catalog import actions
from shop.catalog.models import Product, Variant
from shop.catalog.rules import ProductFacts, VariantFacts
from shop.catalog.tests.rows import everything
from shop.events.models import Event
from shop.lib.refusals import Refusal


def refused(verb: Callable[[], Any]) -> Refusal:
    """Return why a verb refuses, having seen that it changed nothing and told nobody."""
    before, news = everything(), Event.objects.count()
    with pytest.raises(Refusal) as caught:
        verb()
    assert (everything(), Event.objects.count()) == (before, news)
    return caught.value


def variant(sku: str = "shirt-m", price: str = "20.00", **facts: Any) -> VariantFacts:
    return VariantFacts(sku=sku, price=Decimal(price), **facts)


def add(category_id: int, *variants: VariantFacts, **facts: Any) -> int:
    """Add a product of these variants, or of one; return its id."""
    values: dict[str, Any] = {"name": "Shirt", "category_id": category_id} | facts
    return actions.add_product(product=ProductFacts(**values), variants=variants or [variant()])


def variant_id(sku: str = "shirt-m") -> int:
    return Variant.objects.get(sku=sku).id


def titles() -> dict[str, str]:
    return dict(Variant.objects.values_list("sku", "title"))


def price_of(product_id: int) -> str | None:
    price = Product.objects.get(id=product_id).price
    return None if price is None else str(price)


def told_of(
    product_id: int, *, before: str | None, price: str | None, variant_ids: list[int]
) -> list[tuple[str, str, Any]]:
    """Return the news of a product whose variants were written, and whose price with them."""
    subject = f"product:{product_id}"
    prices = [{"product_id": product_id, "before": before, "price": price}]
    return [
        ("product.price_changed", subject, {"prices": prices}),
        ("product.changed", subject, {"product_ids": [product_id]}),
        ("product.visibility_changed", subject, {"variant_ids": variant_ids}),
    ]


def news() -> list[tuple[str, str, Any]]:
    return list(Event.objects.order_by("id").values_list("name", "subject", "payload"))

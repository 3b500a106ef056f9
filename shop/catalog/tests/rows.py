"""Rows to put into the catalogue, and looking at what they have become."""

from decimal import Decimal
from typing import Any

from shop.catalog.actions import put_products
from shop.catalog.models import Category, Option, OptionValue, Product, Variant, VariantValue
from shop.catalog.rules import ProductRow, PutReport

RED_M = (("Colour", "Red"), ("Size", "M"))
BLUE_M = (("Colour", "Blue"), ("Size", "M"))


def row(sku: str = "mug", price: str = "12.50", **facts: Any) -> ProductRow:
    facts.setdefault("name", sku.capitalize())
    return ProductRow(sku=sku, price=Decimal(price), **facts)


def shirt(sku: str, price: str = "20.00", **facts: Any) -> ProductRow:
    return row(sku, price, **{"name": "Shirt", "product": "shirt"} | facts)


def put(*rows: ProductRow, update: bool = True) -> PutReport:
    return put_products(rows=rows, update=update)


def everything() -> list[tuple[Any, ...]]:
    """Return all there is of the catalogue, to see that nothing has changed."""
    models = (Category, Product, Option, OptionValue, Variant, VariantValue)
    return [row for model in models for row in model.objects.order_by("pk").values_list()]


def place_of(product: Product) -> list[str]:
    return [
        *(category.name for category in Category.objects.get_ancestors(product.category)),
        str(product.category),
    ]

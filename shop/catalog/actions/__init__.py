"""Put products into the catalogue, price them, show or hide them, and keep what they remember."""

from shop.catalog.actions.editing import (
    add_product,
    add_variant,
    change_product,
    change_variant,
    remove_product,
    remove_variant,
    settle,
)
from shop.catalog.actions.putting import put_products
from shop.catalog.actions.rating import rate
from shop.catalog.actions.selling import mark_in_stock, set_prices, set_published
from shop.catalog.actions.shelving import add_category, change_category, remove_category

__all__ = [
    "add_category",
    "add_product",
    "add_variant",
    "change_category",
    "change_product",
    "change_variant",
    "mark_in_stock",
    "put_products",
    "rate",
    "remove_category",
    "remove_product",
    "remove_variant",
    "set_prices",
    "set_published",
    "settle",
]

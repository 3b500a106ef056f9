"""Put products into the catalogue, price them, show or hide them, and keep what they remember."""

from shop.catalog.actions.clearing import clear_file
from shop.catalog.actions.editing import (
    add_product,
    add_variant,
    change_product,
    change_variant,
    remove_product,
    remove_variant,
    settle,
)
from shop.catalog.actions.picturing import (
    add_picture,
    change_picture,
    remove_category_picture,
    remove_picture,
    set_category_picture,
)
from shop.catalog.actions.putting import put_products
from shop.catalog.actions.rating import lock, rate
from shop.catalog.actions.rendering import make_renditions
from shop.catalog.actions.selling import mark_in_stock, set_prices, set_published
from shop.catalog.actions.shelving import add_category, change_category, remove_category
from shop.catalog.actions.showing import generations_of

__all__ = [
    "add_category",
    "add_picture",
    "add_product",
    "add_variant",
    "change_category",
    "change_picture",
    "change_product",
    "change_variant",
    "clear_file",
    "generations_of",
    "lock",
    "make_renditions",
    "mark_in_stock",
    "put_products",
    "rate",
    "remove_category",
    "remove_category_picture",
    "remove_picture",
    "remove_product",
    "remove_variant",
    "set_category_picture",
    "set_prices",
    "set_published",
    "settle",
]

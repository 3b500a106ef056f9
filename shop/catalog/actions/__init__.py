"""Put products into the catalogue, price them, and show or hide them."""

from shop.catalog.actions.putting import put_products
from shop.catalog.actions.selling import mark_in_stock, set_prices, set_published

__all__ = [
    "mark_in_stock",
    "put_products",
    "set_prices",
    "set_published",
]

"""What visitors see of products: text, price, stock, pictures and reviews joined.

Each costs a constant number of queries. Knows no visitor: whoever looks sees the same.
"""

from shop.showcase.queries.details import opinions, product
from shop.showcase.queries.items import item, items
from shop.showcase.queries.lists import category, home, product_list, products, search
from shop.showcase.queries.pictures import (
    picture_of_category,
    pictures_by_product,
    pictures_by_variant,
)

__all__ = [
    "category",
    "home",
    "item",
    "items",
    "opinions",
    "picture_of_category",
    "pictures_by_product",
    "pictures_by_variant",
    "product",
    "product_list",
    "products",
    "search",
]

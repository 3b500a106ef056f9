"""What visitors see of products: text, price, stock, pictures and reviews joined.

Each costs a constant number of queries. Knows no visitor: whoever looks sees the same.
"""

from shop.showcase.queries.details import opinions, product
from shop.showcase.queries.items import item, items_but_for_stock
from shop.showcase.queries.lists import (
    Cards,
    cards_of,
    category,
    home,
    product_ids,
    product_list,
    search,
)
from shop.showcase.queries.pictures import (
    picture_of_category,
    pictures_by_product,
    pictures_by_variant,
)

__all__ = [
    "Cards",
    "cards_of",
    "category",
    "home",
    "item",
    "items_but_for_stock",
    "opinions",
    "picture_of_category",
    "pictures_by_product",
    "pictures_by_variant",
    "product",
    "product_ids",
    "product_list",
    "search",
]

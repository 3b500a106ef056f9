"""Reads about the catalogue, each with a constant number of queries."""

from shop.catalog.queries.browsing import (
    OptionChoice,
    named,
    narrowed,
    options_of_products,
    product_on_show,
    products_in_stock,
    products_on_show,
    published_product,
)
from shop.catalog.queries.families import (
    Member,
    any_product,
    members,
    page_of_categories,
    parents_of,
    pictures_of_products,
)
from shop.catalog.queries.pictures import (
    first_pictures,
    picture,
    pictures_of,
    pictures_of_variants,
)
from shop.catalog.queries.reading import (
    breaches,
    has_products,
    limits_of,
    offers,
    product_ids_by_code,
    ratings,
    stock_flags,
    variant_ids_by_sku,
    variant_ids_by_title,
)
from shop.catalog.queries.shelves import around, category, category_paths, top_categories, way_to

__all__ = [
    "Member",
    "OptionChoice",
    "any_product",
    "around",
    "breaches",
    "category",
    "category_paths",
    "first_pictures",
    "has_products",
    "limits_of",
    "members",
    "named",
    "narrowed",
    "offers",
    "options_of_products",
    "page_of_categories",
    "parents_of",
    "picture",
    "pictures_of",
    "pictures_of_products",
    "pictures_of_variants",
    "product_ids_by_code",
    "product_on_show",
    "products_in_stock",
    "products_on_show",
    "published_product",
    "ratings",
    "stock_flags",
    "top_categories",
    "variant_ids_by_sku",
    "variant_ids_by_title",
    "way_to",
]

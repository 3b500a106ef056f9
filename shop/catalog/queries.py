"""Reads about the catalogue, each with a constant number of queries."""

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from django.db.models import Exists, OuterRef, QuerySet

from shop.catalog.errors import UnknownCategory, UnknownProduct
from shop.catalog.models import Category, Product, Variant
from shop.catalog.rules import Offer, lowest_price
from shop.lib.batches import in_chunks
from shop.lib.breaches import Breach

# Databases limit the parameters of a query; SQLite's oldest limit is 999.
_SKUS_AT_ONCE = 900
_ROWS_AT_ONCE = 2000


def offers(variant_ids: Collection[int]) -> dict[int, Offer]:
    """Return what the variants are called and cost now, in one query; unknown ones left out."""
    rows = Variant.objects.filter(id__in=variant_ids).values_list(
        "id",
        "product_id",
        "sku",
        "product__name",
        "title",
        "price",
        "is_published",
        "product__is_published",
    )
    return {
        id_: Offer(
            variant_id=id_,
            product_id=product_id,
            sku=sku,
            name=name,
            title=title,
            price=price,
            is_sold=variant_is_published and product_is_published,
        )
        for (
            id_,
            product_id,
            sku,
            name,
            title,
            price,
            variant_is_published,
            product_is_published,
        ) in rows
    }


def variant_ids_by_sku(skus: Iterable[str]) -> dict[str, int]:
    """Return the ids of the variants with these SKUs, one query for every 900; unknown left out."""
    found: dict[str, int] = {}
    for chunk in in_chunks(dict.fromkeys(skus), _SKUS_AT_ONCE):
        found.update(Variant.objects.filter(sku__in=chunk).values_list("sku", "id"))
    return found


def stock_flags() -> Iterator[tuple[int, str, bool]]:
    """Yield what every product says of its stock: its id, its code, whether it can be bought."""
    products = Product.objects.order_by("id").values_list("id", "code", "in_stock")
    yield from products.iterator(chunk_size=_ROWS_AT_ONCE)


def breaches() -> Iterator[Breach]:
    """Yield every product whose price is not the lowest of its published variants."""
    rows = Product.objects.order_by("id").values_list(
        "code", "price", "variants__price", "variants__is_published"
    )
    for (code, price), variants in groupby(
        rows.iterator(chunk_size=_ROWS_AT_ONCE), itemgetter(0, 1)
    ):
        lowest = lowest_price((row[2], row[3]) for row in variants if row[2] is not None)
        if price != lowest:
            yield Breach("product-price", f"product {code}", f"says {price}, but is {lowest}")


def top_categories() -> "QuerySet[Category]":
    """Return the shelves nearest to the door and those right on them, in the order of the tree."""
    found: QuerySet[Category] = Category.objects.filter(depth__lte=2).order_by("path")
    return found


def category(category_id: int) -> Category:
    """Return one category, in one query. Raises UnknownCategory."""
    found: Category | None = Category.objects.filter(id=category_id).first()
    if found is None:
        raise UnknownCategory(category_id=category_id)
    return found


def way_to(category: Category) -> list[Category]:
    """Return the categories above one, the highest first; at most one query."""
    return [] if category.is_root() else list(Category.objects.get_ancestors(category))


def right_below(category: Category) -> list[Category]:
    """Return the categories that stand right on one, in order; at most one query."""
    return [] if category.is_leaf() else list(Category.objects.get_children(category))


def products_on_show() -> "QuerySet[Product]":
    """Return what lists show: published products that have a price, in no particular order.

    `costs_more` tells whether another variant of the product has a higher price.
    """
    dearer = Variant.objects.filter(
        product_id=OuterRef("id"), is_published=True, price__gt=OuterRef("price")
    )
    # `IN (1)` and not Django's bare `WHERE is_published`, by which SQLite finds no index.
    return (
        Product.objects.filter(is_published__in=[True], price__isnull=False)
        .annotate(costs_more=Exists(dearer))
        .defer("description")
    )


def products_in_stock() -> "QuerySet[Product]":
    """Select the products on show of which one can be had."""
    return products_on_show().filter(in_stock__in=[True])


def products_on_show_in(category: Category) -> "QuerySet[Product]":
    """Return what the list of a category shows: its products and those of all below it."""
    if category.is_leaf():
        return products_on_show().filter(category_id=category.id)
    return products_on_show().filter(category__in=Category.objects.get_tree(category).values("id"))


def published_product(product_id: int) -> Product:
    """Return a product with its category, in one query. Raises UnknownProduct if it is hidden."""
    found = Product.objects.filter(id=product_id, is_published=True).select_related("category")
    product = found.first()
    if product is None:
        raise UnknownProduct(product_id=product_id)
    return product


def published_variants(product_id: int) -> list[Variant]:
    """Return what a product can be bought as, in the merchant's order, in one query."""
    found = Variant.objects.filter(product_id=product_id, is_published=True)
    return list(found.order_by("position", "id"))


def has_products() -> bool:
    """Tell whether anything was ever put into the catalogue."""
    return Product.objects.exists()

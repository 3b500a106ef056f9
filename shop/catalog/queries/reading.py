"""Reads about products and variants, and of all the catalogue, for those who work with it."""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from shop.catalog.models import Product, Variant
from shop.catalog.rules import Limits, Offer, lowest_price
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
        "product__order_limit",
        "product__customer_limit",
        "product__hold_minutes",
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
            limits=Limits(*limits),
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
            *limits,
        ) in rows
    }


def limits_of(product: Product) -> Limits:
    """Return how much of a product, as it was read, people may buy."""
    return Limits(product.order_limit, product.customer_limit, product.hold_minutes)


def variant_ids_by_sku(skus: Iterable[str]) -> dict[str, int]:
    """Return the ids of the variants with these SKUs, one query for every 900; unknown left out."""
    found: dict[str, int] = {}
    for chunk in in_chunks(dict.fromkeys(skus), _SKUS_AT_ONCE):
        found.update(Variant.objects.filter(sku__in=chunk).values_list("sku", "id"))
    return found


def product_ids_by_code(codes: Collection[str]) -> dict[str, int]:
    """Return the ids of the products with these codes, in one query; unknown ones left out."""
    return dict(Product.objects.filter(code__in=codes).values_list("code", "id"))


def variant_ids_by_title(product_id: int) -> dict[str, int]:
    """Return the ids of a product's variants by the names of their values, in its order."""
    variants = Variant.objects.filter(product_id=product_id).order_by("position", "id")
    return dict(variants.values_list("title", "id"))


def stock_flags() -> Iterator[tuple[int, str, bool]]:
    """Yield what every product says of its stock: its id, its code, whether it can be bought."""
    products = Product.objects.order_by("id").values_list("id", "code", "in_stock")
    yield from products.iterator(chunk_size=_ROWS_AT_ONCE)


def ratings() -> Iterator[tuple[int, str, Decimal | None, Decimal, int]]:
    """Yield what products say of their reviews: id, code, rating, what sorts them, count."""
    products = Product.objects.order_by("id").values_list(
        "id", "code", "rating", "rating_rank", "review_count"
    )
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


def has_products() -> bool:
    """Tell whether anything was ever put into the catalogue."""
    return Product.objects.exists()

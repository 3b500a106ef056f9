"""The one place that locks products and keeps what they remember of their variants."""

from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter

from django.db.models import QuerySet
from django.utils import timezone

from shop.catalog.actions._telling import tell_repriced
from shop.catalog.models import Product, Variant
from shop.catalog.rules import lowest_price


def lock_products(product_ids: "Collection[int] | QuerySet[Variant, int]") -> dict[int, Product]:
    """Lock products in key order and return them as they are now."""
    locked = Product.objects.select_for_update().filter(id__in=product_ids).order_by("id")
    return {product.id: product for product in locked}


def product_ids_of(variant_ids: Collection[int]) -> "QuerySet[Variant, int]":
    """Return the products of variants, as a subquery: a join would lock the variants as well."""
    return Variant.objects.filter(id__in=variant_ids).values_list("product_id", flat=True)


def variants_of(product_ids: Collection[int]) -> dict[int, list[Variant]]:
    """Return the variants of locked products, in their order."""
    found: dict[int, list[Variant]] = {product_id: [] for product_id in product_ids}
    rows = Variant.objects.filter(product_id__in=product_ids)
    for variant in sorted(rows, key=attrgetter("position", "id")):
        found[variant.product_id].append(variant)
    return found


def reprice(products: Mapping[int, Product], variants: Mapping[int, Iterable[Variant]]) -> None:
    """Keep the lowest price of locked products, given all their variants, and tell of it."""
    before = {}
    for product_id, product in products.items():
        price = lowest_price((item.price, item.is_published) for item in variants[product_id])
        if price != product.price:
            before[product] = product.price
            product.price = price
    write_products(before, {"price"})
    tell_repriced(before)


def write_products(products: Collection[Product], fields: Collection[str]) -> None:
    """Write some fields of locked products in one query."""
    if not products:
        return
    now = timezone.now()
    for product in products:
        product.updated_at = now
    Product.objects.bulk_update(products, sorted({*fields, "updated_at"}))

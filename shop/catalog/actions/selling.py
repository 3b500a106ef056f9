"""What things cost now, and whether they are shown and can be had."""

from collections.abc import Collection, Sequence

from django.db.models import Exists
from django.utils import timezone

from shop.catalog.actions._products import lock_products, product_ids_of, reprice, variants_of
from shop.catalog.actions._telling import tell_products
from shop.catalog.actions.showing import show_anew
from shop.catalog.errors import UnknownProduct, UnknownVariant
from shop.catalog.models import Product, Variant
from shop.catalog.rules import LEAVE, PriceChange, check_prices
from shop.events import actions as events
from shop.lib.transactions import durable, require_transaction


def mark_in_stock(*, variant_ids: Collection[int], when: Exists) -> list[int]:
    """Write down whether the products of these variants can be bought; return the products' ids.

    They can where `when` holds, which asks about a product by `OuterRef("pk")`. Raises
    OutsideTransactionError.
    """
    require_transaction()
    products = Product.objects.select_for_update().filter(id__in=product_ids_of(variant_ids))
    locked = list(products.order_by("id").values_list("id", flat=True))
    # A statement of its own, so that it sees what others wrote while we waited for the lock.
    Product.objects.filter(id__in=locked).update(in_stock=when)
    show_anew(locked)
    return locked


@durable
def set_prices(*, prices: Sequence[PriceChange]) -> None:
    """Change what variants cost, all or none.

    Raises UnknownVariant, InvalidProduct or RegularPriceBelowPrice.
    """
    products = lock_products(product_ids_of([change.variant_id for change in prices]))
    families = variants_of(products)
    variants = {variant.id: variant for family in families.values() for variant in family}
    for change in prices:
        if change.variant_id not in variants:
            raise UnknownVariant(change.variant_id)
        _set_price(variants[change.variant_id], change)
    changed = [variants[change.variant_id] for change in prices]
    Variant.objects.bulk_update(changed, ["price", "regular_price"])
    with events.told_together():
        tell_products("changed", products)
        reprice(products, families)


@durable
def set_published(*, product_ids: Collection[int], is_published: bool) -> None:
    """Show products to visitors, or hide them, all or none. Raises UnknownProduct."""
    products = lock_products(product_ids)
    for product_id in product_ids:
        if product_id not in products:
            raise UnknownProduct(product_id)
    Product.objects.filter(id__in=product_ids).update(
        is_published=is_published, updated_at=timezone.now()
    )
    tell_products("changed", products)


def _set_price(variant: Variant, change: PriceChange) -> None:
    regular = variant.regular_price if change.regular_price is LEAVE else change.regular_price
    check_prices(variant.sku, change.price, regular)
    variant.price = change.price
    variant.regular_price = regular

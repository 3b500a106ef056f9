"""One product at a time, as people edit it: adding, changing and removing it and its variants."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from shop.catalog.actions._options import choices
from shop.catalog.actions._products import lock_products, reprice, variants_of
from shop.catalog.actions._telling import tell_products, tell_shown_or_hidden
from shop.catalog.actions.clearing import tell_removed
from shop.catalog.errors import (
    ProductIsOrdered,
    SkuTaken,
    UnknownCategory,
    UnknownProduct,
    UnknownVariant,
    VariantIsOrdered,
)
from shop.catalog.models import Category, Product, Variant, VariantValue
from shop.catalog.rules import LONGEST_TITLE, ProductFacts, VariantFacts, check_facts
from shop.events import actions as events
from shop.lib.transactions import durable, require_transaction


@durable
def add_product(*, product: ProductFacts, variants: Sequence[VariantFacts]) -> int:
    """Add a product with its variants, at least one; return its id.

    Raises InvalidProduct, RegularPriceBelowPrice, RepeatedSku, UnknownCategory or SkuTaken.
    """
    check_facts(product, variants)
    _check_category(product.category_id)
    new = Product(
        code=product.code or variants[0].sku,
        name=product.name,
        category_id=product.category_id,
        description=product.description,
        is_published=product.is_published,
        order_limit=product.order_limit,
        customer_limit=product.customer_limit,
        hold_minutes=product.hold_minutes,
    )
    _save(new, sku=new.code)
    for position, facts in enumerate(variants):
        _write_variant(Variant(product=new, position=position), facts)
    settle(product_ids=[new.id], are_new=True)
    return new.id


@durable
def change_product(*, product_id: int, changes: Mapping[str, Any]) -> None:
    """Change what a product itself is; `changes` are fields of ProductFacts.

    An empty code stays what it was. Raises UnknownProduct, UnknownCategory, InvalidProduct or
    SkuTaken.
    """
    product = _lock(product_id)
    facts = replace(
        ProductFacts(
            name=product.name,
            category_id=product.category_id,
            description=product.description,
            is_published=product.is_published,
            code=product.code,
            order_limit=product.order_limit,
            customer_limit=product.customer_limit,
            hold_minutes=product.hold_minutes,
        ),
        **changes,
    )
    facts = replace(facts, code=facts.code or product.code)
    # Variants are not what changes, and there may be none: its code stands for them.
    check_facts(facts, [VariantFacts(sku=product.code, price=Decimal(0))])
    if facts.category_id != product.category_id:
        _check_category(facts.category_id)
    for name in changes:
        setattr(product, name, getattr(facts, name))
    _save(product, sku=facts.code)
    tell_products("changed", [product_id])


def remove_product(*, product_id: int) -> None:
    """Remove a product that nobody ever ordered or stocked.

    Raises UnknownProduct or ProductIsOrdered; such a one is hidden instead: `set_published`.
    """
    try:
        _remove_product(product_id)
    except IntegrityError as error:
        # What somebody writes meanwhile, the database sees, some of it only at COMMIT.
        raise ProductIsOrdered(product_id=product_id) from error


@durable
def _remove_product(product_id: int) -> None:
    product = _lock(product_id)
    tell_removed(product.images.values_list("file", flat=True))
    tell_products("removed", [product_id])
    try:
        product.delete()
    except ProtectedError:
        # As an error of a database it would be asked for its text, and that for each order line.
        raise ProductIsOrdered(product_id=product_id) from None


@durable
def add_variant(*, product_id: int, variant: VariantFacts) -> int:
    """Add a variant to a product; return its id.

    Raises UnknownProduct, InvalidProduct, RegularPriceBelowPrice or SkuTaken.
    """
    product = _lock(product_id)
    check_facts(_named(product), [variant])
    position = len(variants_of([product_id])[product_id])
    new = Variant(product=product, position=position)
    _write_variant(new, variant)
    settle(product_ids=[product_id])
    return new.id


@durable
def change_variant(*, variant_id: int, changes: Mapping[str, Any]) -> None:
    """Change what a variant is; `changes` are fields of VariantFacts.

    Raises UnknownVariant, InvalidProduct, RegularPriceBelowPrice or SkuTaken.
    """
    variant = _variant(variant_id)
    facts = replace(
        VariantFacts(
            sku=variant.sku,
            price=variant.price,
            regular_price=variant.regular_price,
            options=_options_of(variant_id),
            is_published=variant.is_published,
        ),
        **changes,
    )
    check_facts(_named(variant.product), [facts])
    _write_variant(variant, facts)
    settle(product_ids=[variant.product_id])


def remove_variant(*, variant_id: int) -> None:
    """Remove a variant that nobody ever ordered or stocked.

    Raises UnknownVariant or VariantIsOrdered; such a one is hidden instead.
    """
    try:
        _remove_variant(variant_id)
    except IntegrityError as error:
        # As with products.
        raise VariantIsOrdered(sku=Variant.objects.get(id=variant_id).sku) from error


@durable
def _remove_variant(variant_id: int) -> None:
    variant = _variant(variant_id)
    tell_removed(variant.images.values_list("file", flat=True))
    try:
        variant.delete()
    except ProtectedError:
        # As with products.
        raise VariantIsOrdered(sku=variant.sku) from None
    settle(product_ids=[variant.product_id])


def settle(*, product_ids: Collection[int], are_new: bool = False) -> None:
    """Keep what products remember of their variants, and tell that they may have changed.

    For those who have written variants or their choices by hand, in the same transaction. Raises
    OutsideTransactionError.
    """
    require_transaction()
    products = lock_products(product_ids)
    variants = variants_of(products)
    all_of_them = [variant for family in variants.values() for variant in family]
    _retitle(all_of_them)
    with events.told_together():
        if are_new:
            tell_products("added", products)
        reprice(products, variants)
        tell_products("changed", products)
        tell_shown_or_hidden([variant.id for variant in all_of_them], products)


def _lock(product_id: int) -> Product:
    product = lock_products([product_id]).get(product_id)
    if product is None:
        raise UnknownProduct(product_id)
    return product


def _variant(variant_id: int) -> Variant:
    """Lock a variant's product, and return the variant as it is then."""
    product_id = Variant.objects.filter(id=variant_id).values_list("product_id", flat=True).first()
    product = _lock(product_id) if product_id is not None else None
    variant = Variant.objects.filter(id=variant_id).first()
    if product is None or variant is None:
        raise UnknownVariant(variant_id)
    variant.product = product
    return variant


def _named(product: Product) -> ProductFacts:
    return ProductFacts(name=product.name, category_id=product.category_id)


def _check_category(category_id: int) -> None:
    # Locked, so that nobody removes it before the product stands in it.
    if not Category.objects.select_for_update().filter(id=category_id).exists():
        raise UnknownCategory(category_id=category_id)


def _write_variant(variant: Variant, facts: VariantFacts) -> None:
    is_new = variant.pk is None
    variant.sku = facts.sku
    variant.price = facts.price
    variant.regular_price = facts.regular_price
    variant.is_published = facts.is_published
    _save(variant, sku=facts.sku)
    chosen = {choice.option_id: choice.value_id for choice in choices(list(facts.options)).values()}
    known = {} if is_new else dict(variant.choices.values_list("option_id", "value_id"))
    if chosen == known:
        return
    if known:
        variant.choices.all().delete()
    VariantValue.objects.bulk_create(
        VariantValue(variant=variant, option_id=option_id, value_id=value_id)
        for option_id, value_id in chosen.items()
    )


def _options_of(variant_id: int) -> tuple[tuple[str, str], ...]:
    chosen = VariantValue.objects.filter(variant_id=variant_id).order_by("option__position", "id")
    return tuple(chosen.values_list("option__name", "value__name"))


def _retitle(variants: Collection[Variant]) -> None:
    """Call variants by the names of their values, in the order of the options."""
    names: dict[int, list[str]] = {variant.id: [] for variant in variants}
    chosen = VariantValue.objects.filter(variant_id__in=names).order_by("option__position", "id")
    for variant_id, name in chosen.values_list("variant_id", "value__name"):
        names[variant_id].append(name)
    changed = []
    for variant in variants:
        title = ", ".join(names[variant.id])[:LONGEST_TITLE]
        if title != variant.title:
            variant.title = title
            changed.append(variant)
    if changed:
        Variant.objects.bulk_update(changed, ["title"])


def _save(row: Product | Variant, *, sku: str) -> None:
    """Write a row; where the database knows its number already, say so."""
    try:
        # A savepoint, so that the refusal does not take the transaction with it.
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise SkuTaken(sku=sku) from error

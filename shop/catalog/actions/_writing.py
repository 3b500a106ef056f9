"""Writing changed families: one query for each table and kind of change."""

from collections.abc import Collection, Iterable
from itertools import chain
from operator import attrgetter
from typing import TypeVar

from shop.catalog.actions._families import Family
from shop.catalog.actions._products import write_products
from shop.catalog.models import Product, Variant, VariantValue

Made = TypeVar("Made", Product, Variant)


def write_families(families: Collection[Family]) -> None:
    """Make and change the products and variants of the families."""
    new = [family.product for family in families if family.is_new]
    changed = [family for family in families if family.changed and not family.is_new]
    _create(Product, new, key="code")
    write_products(
        [family.product for family in changed],
        set(chain.from_iterable(family.changed for family in changed)),
    )
    _write_variants(families)
    _write_choices(families)


def _write_variants(families: Iterable[Family]) -> None:
    new: list[Variant] = []
    changed: list[Variant] = []
    fields: set[str] = set()
    for family in families:
        for sku, changed_fields in family.changed_variants.items():
            variant = family.variants[sku]
            if not variant.pk:
                variant.product = family.product
                new.append(variant)
            elif changed_fields:
                changed.append(variant)
                fields |= changed_fields
    _create(Variant, new, key="sku")
    if changed:
        Variant.objects.bulk_update(changed, sorted(fields))


def _write_choices(families: Iterable[Family]) -> None:
    rechosen: dict[int, dict[int, int]] = {}
    outdated: list[int] = []
    for family in families:
        for sku, chosen in family.rechosen.items():
            variant_id = family.variants[sku].id
            rechosen[variant_id] = chosen
            if family.choices.get(sku):
                outdated.append(variant_id)
    if outdated:
        VariantValue.objects.filter(variant_id__in=outdated).delete()
    VariantValue.objects.bulk_create(
        VariantValue(variant_id=variant_id, option_id=option_id, value_id=value_id)
        for variant_id, chosen in rechosen.items()
        for option_id, value_id in chosen.items()
    )


def _create(model: type[Made], new: Iterable[Made], *, key: str) -> None:
    """Make rows in the order of their key, so that two who do it do not wait for each other."""
    rows = sorted(new, key=attrgetter(key))
    model._default_manager.bulk_create(rows)
    missing = {getattr(row, key): row for row in rows if not row.pk}
    if not missing:
        return
    # MySQL does not tell the ids of new rows.
    known = model._default_manager.filter(**{f"{key}__in": missing})
    for name, id_ in known.values_list(key, "id"):
        missing[name].pk = id_

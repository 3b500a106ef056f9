"""A product with all its variants, made in memory what rows say it is."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shop.catalog.actions._options import Choice, Pair
from shop.catalog.actions._products import lock_products, variants_of
from shop.catalog.errors import VariantOfOtherProduct
from shop.catalog.models import Product, Variant, VariantValue
from shop.catalog.rules import (
    LEAVE,
    LONGEST_TITLE,
    UNCATEGORISED,
    ProductRow,
    check_prices,
    lowest_price,
)


@dataclass(slots=True, eq=False)
class Family:
    """A product and its variants by SKU, the rows that speak of it, and what they have changed.

    `choices` has the value of each option by variant; `rechosen` those that have changed.
    """

    product: Product
    variants: dict[str, Variant] = field(default_factory=dict)
    choices: dict[str, dict[int, int]] = field(default_factory=dict)
    rows: list[ProductRow] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    changed_variants: dict[str, set[str]] = field(default_factory=dict)
    rechosen: dict[str, dict[int, int]] = field(default_factory=dict)
    price_before: Decimal | None = None

    @property
    def is_new(self) -> bool:
        """Whether the product has yet to be made."""
        return not self.product.pk

    def speakers(self) -> list[ProductRow]:
        """Return the rows that speak of the product itself.

        A row that gives no product of several variants a name means its own variant: a plain list
        of prices does not rename anything.
        """
        code, is_simple = self.product.code, len(self.variants) <= 1
        return [row for row in self.rows if is_simple or code in {row.product, row.sku}]

    def path(self) -> tuple[str, ...] | None:
        """Return the category the rows want it in; None where they do not say."""
        said = (row.category for row in self.speakers() if row.category is not None)
        return next(said, UNCATEGORISED if self.is_new else None)

    def pairs(self) -> Iterator[Pair]:
        """Return the options and values that the rows name."""
        return (pair for row in self.rows for pair in row.options or ())

    def put_product(self, *, category_id: int | None) -> None:
        """Change what the rows say of the product itself: of several, the first one counts."""
        speakers = self.speakers()
        if not speakers:
            return
        descriptions = [row.description for row in speakers if row.description is not None]
        values: dict[str, Any] = {"name": speakers[0].name}
        if category_id is not None:
            values["category_id"] = category_id
        if descriptions:
            values["description"] = descriptions[0]
        self.changed |= _assign(self.product, values)

    def put_variant(self, row: ProductRow, choices: Mapping[Pair, Choice]) -> None:
        """Change a variant, or add it."""
        variant = self.variants.get(row.sku)
        if variant is None:
            variant = Variant(sku=row.sku, position=len(self.variants))
            self.variants[row.sku] = variant
        values: dict[str, Any] = {"price": row.price}
        if row.regular_price is not LEAVE:
            values["regular_price"] = row.regular_price
        if row.is_published is not None:
            values["is_published"] = row.is_published
        if row.position is not None:
            values["position"] = row.position
        if row.options is not None:
            values["title"] = self._choose(row.sku, [choices[pair] for pair in row.options])
        self.changed_variants[row.sku] = _assign(variant, values)

    def _choose(self, sku: str, choices: Sequence[Choice]) -> str:
        """Give a variant these values; return their names, as the shop spells them."""
        chosen = {choice.option_id: choice.value_id for choice in choices}
        if chosen != self.choices.get(sku, {}):
            self.rechosen[sku] = chosen
        return ", ".join(choice.name for choice in choices)[:LONGEST_TITLE]

    def conclude(self, *, publish: bool) -> None:
        """Keep what the product remembers of its variants; `publish` it with the first of them."""
        prices = [(item.price, item.is_published) for item in self.variants.values()]
        self.price_before = self.product.price
        values: dict[str, Any] = {"price": lowest_price(prices)}
        if publish and any(row.is_published is not None for row in self.rows):
            values["is_published"] = any(is_published for _, is_published in prices)
        self.changed |= _assign(self.product, values)

    def shown_or_hidden(self) -> list[int]:
        """Return the variants that have been published, or are not any more."""
        return [
            self.variants[sku].id
            for sku, fields in self.changed_variants.items()
            if "is_published" in fields
        ]

    def is_changed(self) -> bool:
        """Tell whether anything is written of it."""
        return bool(self.changed or self.rechosen or any(self.changed_variants.values()))

    def count(self) -> tuple[int, int]:
        """Return how many rows made a variant, and how many changed it or its product."""
        created = {sku for sku, variant in self.variants.items() if not variant.pk}
        updated = {sku for sku, fields in self.changed_variants.items() if fields}
        updated |= self.rechosen.keys()
        if self.changed - {"price"}:
            updated.add(self.rows[0].sku)
        return len(created), len(updated - created)


class Families:
    """The products that rows speak of, known and new."""

    def __init__(self, known: Collection[Family]) -> None:
        self.by_code = {family.product.code: family for family in known}
        self._by_sku = {sku: family for family in known for sku in family.variants}

    def join(self, row: ProductRow) -> Family:
        """Return the family the row belongs to, a new one where there is none.

        Raises VariantOfOtherProduct or RegularPriceBelowPrice.
        """
        family = self._by_sku.get(row.sku)
        if family is None:
            code = row.product or row.sku
            family = self.by_code.setdefault(code, Family(product=Product(code=code)))
        else:
            _check_change(row, family)
        family.rows.append(row)
        return family

    def spoken_of(self) -> list[Family]:
        """Return the families that rows have joined."""
        return [family for family in self.by_code.values() if family.rows]


def _check_change(row: ProductRow, family: Family) -> None:
    if row.product not in {None, family.product.code}:
        raise VariantOfOtherProduct(row.sku, product=family.product.code)
    if row.regular_price is LEAVE:
        check_prices(row.sku, row.price, family.variants[row.sku].regular_price)


def load_families(rows: Collection[ProductRow]) -> Families:
    """Lock the products that the rows may speak of, and read them with their variants."""
    owners = dict(
        Variant.objects.filter(sku__in=[row.sku for row in rows]).values_list("sku", "product_id")
    )
    codes = [row.product or row.sku for row in rows if row.sku not in owners]
    ids = {*owners.values(), *Product.objects.filter(code__in=codes).values_list("id", flat=True)}
    products = lock_products(ids)
    variants = variants_of(products)
    choices = _read_choices(
        [variant for family in variants.values() for variant in family],
        {row.sku for row in rows if row.options is not None},
    )
    return Families(
        [
            Family(
                product=product,
                variants={variant.sku: variant for variant in variants[product.id]},
                choices=choices,
            )
            for product in products.values()
        ]
    )


def _read_choices(variants: Collection[Variant], skus: set[str]) -> dict[str, dict[int, int]]:
    """Return the value of each option by variant, for those variants whose options may change."""
    wanted = {variant.id: variant.sku for variant in variants if variant.sku in skus}
    if not wanted:
        return {}
    chosen: dict[str, dict[int, int]] = {sku: {} for sku in wanted.values()}
    rows = VariantValue.objects.filter(variant_id__in=wanted)
    for variant_id, option_id, value_id in rows.values_list("variant_id", "option_id", "value_id"):
        chosen[wanted[variant_id]][option_id] = value_id
    return chosen


def _assign(item: Product | Variant, values: Mapping[str, Any]) -> set[str]:
    """Set the fields; return the names of those that had another value."""
    changed = {name for name, value in values.items() if getattr(item, name) != value}
    for name in changed:
        setattr(item, name, values[name])
    return changed

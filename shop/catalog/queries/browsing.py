"""Reads about products for those who look at them, each with a constant number of queries."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery

from shop.catalog.errors import UnknownProduct
from shop.catalog.models import Category, OptionValue, Product, Variant, VariantValue

# So many products are asked which options they have. Of a larger category a rare value may be
# missing; asking all of a hundred thousand products would take seconds.
PRODUCTS_ASKED = 500
# And so many values are offered at most: a visitor chooses from a list, not from a register.
MOST_VALUES = 120


class OptionChoice(NamedTuple):
    """A value that products have for an option, by codes and names."""

    option: str
    option_name: str
    value: str
    value_name: str


def products_on_show(category: Category | None = None) -> "QuerySet[Product]":
    """Select what lists show: published products that have a price, in no particular order.

    Of a category these are its products and those of all below it.
    """
    return _published(category).filter(price__isnull=False) if category else _all_on_show().all()


@cache
def _all_on_show() -> "QuerySet[Product]":
    # To write this down takes Django as long as it takes the database to answer. Nobody asks it
    # itself: what would be answered would stay in it.
    return _published(None).filter(price__isnull=False)


def as_cards(products: "QuerySet[Product]") -> "QuerySet[Product]":
    """Let products say what a card shows of them, and leave out what it does not.

    `costs_more` tells whether another variant of the product has a higher price, and
    `regular_price` what the lowest price is reduced from, None where it is not.
    """
    return products.annotate(
        costs_more=Exists(_variants().filter(price__gt=OuterRef("price"))),
        regular_price=Subquery(_reduced().values("regular_price")[:1]),
    ).defer("description")


def products_in_stock() -> "QuerySet[Product]":
    """Select the products on show of which one can be had."""
    return products_on_show().filter(in_stock__in=[True])


def narrowed(
    products: "QuerySet[Product]",
    *,
    price_from: Decimal | None = None,
    price_to: Decimal | None = None,
    options: Mapping[str, Sequence[str]] | None = None,
    in_stock: bool = False,
) -> "QuerySet[Product]":
    """Leave out of some products what somebody does not look for.

    A price is a product's lowest. `options` has the codes of the values that will do, by the code
    of the option; one published variant has to meet all of them.
    """
    if price_from is not None:
        products = products.filter(price__gte=price_from)
    if price_to is not None:
        products = products.filter(price__lte=price_to)
    if options:
        products = products.filter(id__in=_variants_with(options).values("product_id"))
    if in_stock:
        products = products.filter(in_stock__in=[True])
    return products


def named(products: "QuerySet[Product]", words: Sequence[str]) -> "QuerySet[Product]":
    """Leave those products of which each word stands in the name, or in that of the category.

    Reads the names of all of them: a hundred thousand take some tens of milliseconds.
    """
    for word in words:
        products = products.filter(Q(name__icontains=word) | Q(category__name__icontains=word))
    return products


def options_of_products(category: Category | None = None) -> list[OptionChoice]:
    """Return which options products on show can be told apart by, in the merchant's order.

    One query. It asks no more than PRODUCTS_ASKED products, of a category or of all.
    """
    asked = _published(category).order_by().values("id")[:PRODUCTS_ASKED]
    found = VariantValue.objects.filter(
        variant__product__in=_Bounded(asked), variant__is_published=True
    )
    order = ("option__position", "option__name", "value__position", "value__name")
    codes = ("option__code", "option__name", "value__code", "value__name")
    rows = found.order_by(*order, "value__id").values_list(*codes, *order, "value__id").distinct()
    return [OptionChoice(*row[:4]) for row in rows[:MOST_VALUES]]


def product_on_show(product_id: int) -> tuple[Product, list[Variant]]:
    """Return a published product, with its category, and what it can be bought as.

    One query; two where it cannot be bought. Raises UnknownProduct.
    """
    if product_id > BigIntegerField.MAX_BIGINT:
        raise UnknownProduct(product_id=product_id)
    variants = Variant.objects.filter(
        product_id=product_id, is_published=True, product__is_published=True
    )
    found = list(variants.select_related("product__category").order_by("position", "id"))
    return (found[0].product if found else published_product(product_id)), found


def published_product(product_id: int) -> Product:
    """Return a product with its category, in one query. Raises UnknownProduct if it is hidden."""
    found = Product.objects.filter(id=product_id, is_published=True).select_related("category")
    product = found.first()
    if product is None:
        raise UnknownProduct(product_id=product_id)
    return product


def _published(category: Category | None) -> "QuerySet[Product]":
    # `IN (1)` and not Django's bare `WHERE is_published`, by which SQLite finds no index.
    shown = Product.objects.filter(is_published__in=[True])
    if category is None:
        return shown
    if category.is_leaf():
        return shown.filter(category_id=category.id)
    # Paths sort like the tree. By `LIKE`, as the tree itself would ask, some find no index.
    last = category.path + category.alphabet[-1] * category.steplen
    below = Category.objects.filter(path__range=(category.path, last))
    return shown.filter(category__in=below.values("id"))


def _variants() -> "QuerySet[Variant]":
    """Select what the product of the query around can be bought as."""
    return Variant.objects.filter(product_id=OuterRef("pk"), is_published=True)


def _reduced() -> "QuerySet[Variant]":
    cheapest = _variants().filter(price=OuterRef("price"), regular_price__gt=F("price"))
    return cheapest.order_by("position", "id")


def _variants_with(options: Mapping[str, Sequence[str]]) -> "QuerySet[Variant]":
    """Select what has one of the values for every option, found from the values on.

    Asking each product in turn (`EXISTS`) stops at a full page, but where hardly any variant has
    the value it asks them all: four seconds for 100,000 products, against half a second so.
    """
    found = Variant.objects.filter(is_published=True).order_by()
    for option, values in options.items():
        meant = OptionValue.objects.filter(option__code=option, code__in=list(values))
        choices = VariantValue.objects.filter(value__in=meant.values("id"))
        found = found.filter(id__in=choices.values("variant_id"))
    return found


class _Bounded(Subquery):
    """A subquery with a LIMIT, in a table of its own: MariaDB takes none right behind an IN."""

    template = "(SELECT bounded.id FROM (%(subquery)s) bounded)"

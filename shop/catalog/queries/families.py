"""Products with all that belongs to them, for those who show or edit them whole."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from shop.catalog.errors import UnknownProduct
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.catalog.queries.browsing import OptionChoice
from shop.lib.keyset import Page, page

_VARIANT = (
    "id",
    "product_id",
    "sku",
    "title",
    "price",
    "regular_price",
    "is_published",
)
_CHOICE = (
    "choices__option__code",
    "choices__option__name",
    "choices__value__code",
    "choices__value__name",
)


@dataclass(frozen=True, slots=True)
class Member:
    """A variant as one of its product's, with its choices in the merchant's order."""

    variant_id: int
    product_id: int
    sku: str
    title: str
    price: Decimal
    regular_price: Decimal | None
    is_published: bool
    options: tuple[OptionChoice, ...]


def any_product(product_id: int) -> Product:
    """Return a product with its category, hidden or not, in one query. Raises UnknownProduct."""
    found = Product.objects.filter(id=product_id).select_related("category").first()
    if found is None:
        raise UnknownProduct(product_id=product_id)
    return found


def members(product_ids: Collection[int], *, even_hidden: bool = False) -> dict[int, list[Member]]:
    """Return what products can be bought as, in the merchant's order, in one query."""
    variants = Variant.objects.filter(product_id__in=product_ids)
    if not even_hidden:
        variants = variants.filter(is_published=True)
    order = ("product_id", "position", "id", "choices__option__position", "choices__id")
    rows = variants.order_by(*order).values_list(*_VARIANT, *_CHOICE)
    found: defaultdict[int, list[Member]] = defaultdict(list)
    for facts, choices in groupby(rows, itemgetter(slice(len(_VARIANT)))):
        member = _member(facts, [row[len(_VARIANT) :] for row in choices])
        found[member.product_id].append(member)
    return found


def pictures_of_products(product_ids: Collection[int]) -> dict[int, list[ProductImage]]:
    """Return the pictures of products, in the merchant's order, in one query."""
    found: defaultdict[int, list[ProductImage]] = defaultdict(list)
    pictures = ProductImage.objects.filter(product_id__in=product_ids)
    for picture in pictures.order_by("product_id", "position", "id"):
        found[picture.product_id].append(picture)
    return found


def page_of_categories(*, cursor: str | None, size: int) -> Page[Category]:
    """Return a page of all categories, in the order of the tree. Raises InvalidCursor."""
    return page(Category.objects.all(), ordering=("path",), size=size, cursor=cursor)


def parents_of(categories: Collection[Category]) -> dict[int, int]:
    """Return the ids of the categories right above these, in one query; those at the top left out.

    Both by id: whose it is, and which it is.
    """
    above = {node.id: node.path[: -node.steplen] for node in categories if not node.is_root()}
    found = Category.objects.filter(path__in=set(above.values())).values_list("path", "id")
    ids: dict[str, int] = dict(found) if above else {}
    return {node_id: ids[path] for node_id, path in above.items()}


def _member(facts: tuple[Any, ...], choices: Iterable[tuple[Any, ...]]) -> Member:
    variant_id, product_id, sku, title, price, regular_price, is_published = facts
    return Member(
        variant_id=variant_id,
        product_id=product_id,
        sku=sku,
        title=title,
        price=price,
        regular_price=regular_price,
        is_published=is_published,
        options=tuple(OptionChoice(*choice) for choice in choices if choice[0] is not None),
    )

"""What a product is, and which values it may have."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Final

from shop.catalog.errors import (
    InvalidCategory,
    InvalidProduct,
    Problem,
    RegularPriceBelowPrice,
    RepeatedSku,
)
from shop.events.rules import AMOUNT, NUMBER, TEXT, Kind, many, optional, record
from shop.lib.refusals import Refusal

# Where products go that name no category.
UNCATEGORISED: Final = ("Uncategorised",)
# Generations (shop/lib/public/generations.py): of all lists, of categories' names, of all reviews.
CATALOGUE, CATEGORIES, REVIEWS = "catalogue", "categories", "reviews"
PRODUCT = "product:{product_id}"
# The largest amount a column of the database holds, and what its texts hold.
LARGEST_PRICE = Decimal("999999999999.99")
LONGEST_SKU = 64
LONGEST_NAME = 255
LONGEST_TITLE = 200
LONGEST_CATEGORY_NAME = 200
LONGEST_OPTION_NAME = 80
LONGEST_OPTION_CODE = 40
DEEPEST_CATEGORY = 10
LONGEST_ALT = 200
LARGEST_POSITION = 2**31 - 1
LARGEST_LIMIT = 1_000_000
# In minutes: what lies in a forgotten cart is for sale again on the same day.
LONGEST_HOLD = 240
MOST_PICTURES = 30
# How wide renditions are: a card, a large card or a phone's screen, half of a large screen.
RENDITION_WIDTHS: Final = (320, 640, 1280)
RENDITION_FORMATS: Final = ("avif", "webp")
MASTER_FORMAT: Final = "webp"
_DECIMAL_PLACES = 2
_DIGEST_LENGTH = 8
_MASTER_SUFFIX = f".{MASTER_FORMAT}"
_PICTURE_DIGEST_LENGTH = 32
_PICTURE_NAME = re.compile(
    r"pictures/([0-9a-f]{2})/\1[0-9a-f]{30}(-[1-9][0-9]{0,3}\.avif|(-[1-9][0-9]{0,3})?\.webp)"
)


_THESE_PRODUCTS: Final = {"product_ids": many(NUMBER)}
_ONE_CATEGORY: Final = {"category_id": NUMBER}
_PRICE = {"product_id": NUMBER, "before": optional(AMOUNT), "price": optional(AMOUNT)}
NEWS: Final = (
    Kind("product.added", "Products are in the catalogue.", _THESE_PRODUCTS),
    Kind("product.changed", "Products, their variants or pictures are others.", _THESE_PRODUCTS),
    Kind("product.removed", "Products are gone from the catalogue.", _THESE_PRODUCTS),
    Kind(
        "product.price_changed",
        "The lowest price that products are sold at is another; null: nothing of it is sold.",
        {"prices": many(record(_PRICE))},
    ),
    Kind(
        "product.visibility_changed",
        "Variants may have come into sight, or gone.",
        {"variant_ids": many(NUMBER)},
    ),
    Kind("picture.removed", "A row has let go of a picture's file.", {"file": TEXT}),
    Kind("catalogue.changed", "These are shown anew.", {"generations": many(TEXT)}),
    Kind("category.added", "A category is in the tree.", _ONE_CATEGORY),
    Kind("category.changed", "A category, its place or its picture is another.", _ONE_CATEGORY),
    Kind("category.removed", "A category is gone from the tree.", _ONE_CATEGORY),
)


class Leave(Enum):
    """Stands for "as it is" where None means "none"."""

    LEAVE = "leave"


LEAVE: Final = Leave.LEAVE


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a product people may buy, all its variants together; None: as they like.

    A cart holds what is put in it for `hold_minutes`; None: it holds nothing.
    """

    per_order: int | None = None
    per_customer: int | None = None
    hold_minutes: int | None = None

    @property
    def at_once(self) -> int | None:
        """The most that an order can have of it."""
        known = [limit for limit in (self.per_order, self.per_customer) if limit is not None]
        return min(known, default=None)


UNLIMITED: Final = Limits()


@dataclass(frozen=True, slots=True)
class Offer:
    """What a variant is called and costs now; `is_sold` when it and its product are published."""

    variant_id: int
    product_id: int
    sku: str
    name: str
    title: str
    price: Decimal
    is_sold: bool
    limits: Limits = UNLIMITED


def full_name(name: str, title: str) -> str:
    """Return what a variant is called, with the title that tells it from its like."""
    return f"{name}, {title}" if title else name


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """What somebody wants a variant, and the product it belongs to, to be.

    For what exists already, None (and LEAVE) mean "as it is". For something new they mean: the
    category UNCATEGORISED, no description, no regular price, no options, published, and a product
    of its own whose code is the SKU. `product` is the code of the product that variants share.
    Options are pairs of names: option, value.
    """

    sku: str
    name: str
    price: Decimal
    category: tuple[str, ...] | None = None
    product: str | None = None
    description: str | None = None
    regular_price: Decimal | Leave | None = LEAVE
    options: tuple[tuple[str, str], ...] | None = None
    is_published: bool | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class PutReport:
    """How many rows made something new, changed something, and found everything as they say.

    `refused` has the rows that were not written, by their place in the call.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: Mapping[int, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A variant's new price, and its new regular one (None: it is not reduced)."""

    variant_id: int
    price: Decimal
    regular_price: Decimal | Leave | None = LEAVE


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFacts:
    """What a product itself is; an empty code is the SKU of its first variant."""

    name: str
    category_id: int
    description: str = ""
    is_published: bool = True
    code: str = ""
    order_limit: int | None = None
    customer_limit: int | None = None
    hold_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantFacts:
    """What one variant is. Options are pairs of names: option, value."""

    sku: str
    price: Decimal
    regular_price: Decimal | None = None
    options: tuple[tuple[str, str], ...] = ()
    is_published: bool = True


@dataclass(frozen=True, slots=True)
class Stars:
    """What reviewers have given a product together."""

    sum: int
    count: int

    @property
    def rating(self) -> Decimal | None:
        """The average, rounded half up to two places; unknown where nobody has rated."""
        if not self.count:
            return None
        return (Decimal(self.sum) / self.count).quantize(Decimal("0.01"), ROUND_HALF_UP)


def check_row(row: ProductRow) -> None:
    """Raise InvalidProduct or RegularPriceBelowPrice if no product can be what the row says."""
    _check_text(row.sku, row.sku, "sku", LONGEST_SKU)
    if row.product is not None:
        _check_text(row.sku, row.product, "product", LONGEST_SKU)
    _check_text(row.sku, row.name, "name", LONGEST_NAME)
    check_prices(row.sku, row.price, row.regular_price)
    if "\0" in (row.description or ""):
        raise InvalidProduct(row.sku, "description", Problem.UNPRINTABLE)
    if row.category is not None:
        _check_category(row.sku, row.category)
    _check_options(row.sku, row.options or ())


def check_facts(product: ProductFacts, variants: Collection[VariantFacts]) -> None:
    """Raise what `check_row` raises, or RepeatedSku, unless a product can be that.

    One without variants is an InvalidProduct: it has no SKU.
    """
    if not variants:
        raise InvalidProduct(product.code, "sku", Problem.EMPTY)
    _check_limit(product.code, "order_limit", product.order_limit)
    _check_limit(product.code, "customer_limit", product.customer_limit)
    _check_limit(product.code, "hold_minutes", product.hold_minutes, largest=LONGEST_HOLD)
    seen: set[str] = set()
    for variant in variants:
        check_row(
            ProductRow(
                sku=variant.sku,
                name=product.name,
                price=variant.price,
                product=product.code or None,
                description=product.description,
                regular_price=variant.regular_price,
                options=variant.options,
            )
        )
        if variant.sku in seen:
            raise RepeatedSku(variant.sku)
        seen.add(variant.sku)


def check_category_name(name: str) -> None:
    """Raise InvalidCategory unless a category can be called that."""
    if not name.strip():
        raise InvalidCategory(Problem.EMPTY)
    if len(name) > LONGEST_CATEGORY_NAME:
        raise InvalidCategory(Problem.TOO_LONG)
    if "\0" in name:
        raise InvalidCategory(Problem.UNPRINTABLE)


def sort_rows(
    rows: Sequence[ProductRow],
) -> tuple[dict[int, ProductRow], dict[int, Refusal]]:
    """Tell the rows that can be from those that cannot, both by their place.

    Of rows with the same SKU the first one can be, the others are a RepeatedSku.
    """
    good: dict[int, ProductRow] = {}
    refused: dict[int, Refusal] = {}
    seen: set[str] = set()
    for place, row in enumerate(rows):
        try:
            check_row(row)
        except Refusal as refusal:
            refused[place] = refusal
            continue
        if row.sku in seen:
            refused[place] = RepeatedSku(row.sku)
            continue
        seen.add(row.sku)
        good[place] = row
    return good, refused


def check_prices(sku: str, price: Decimal, regular_price: Decimal | Leave | None) -> None:
    """Raise InvalidProduct or RegularPriceBelowPrice unless something can cost that."""
    _check_amount(sku, "price", price)
    if isinstance(regular_price, Decimal):
        _check_amount(sku, "regular_price", regular_price)
        if regular_price < price:
            raise RegularPriceBelowPrice(sku, price=price, regular_price=regular_price)


def lowest_price(variants: Iterable[tuple[Decimal, bool]]) -> Decimal | None:
    """Return the lowest price of (price, is published); None where nothing is published."""
    return min((price for price, is_published in variants if is_published), default=None)


def option_code(name: str) -> str:
    """Return the code of an option or a value: `Red` and ` red ` are one, `C` and `C++` are two.

    Codes hold letters, digits, dots, underscores and hyphens, so that an address can list them.
    Where that loses something, a digest of the name keeps names apart.
    """
    plain = re.sub(r"[\s-]+", "-", name.strip().casefold())
    code = re.sub(r"[^\w.-]+", "", plain)
    if code == plain and len(code) <= LONGEST_OPTION_CODE:
        return code
    digest = hashlib.sha256(plain.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{code[: LONGEST_OPTION_CODE - _DIGEST_LENGTH - 1]}-{digest}".lstrip("-")


def check_picture_facts(code: str, *, alt: str, position: int = 0) -> None:
    """Raise InvalidProduct unless a picture of a product can be described and placed like that."""
    if len(alt) > LONGEST_ALT:
        raise InvalidProduct(code, "alt", Problem.TOO_LONG)
    if "\0" in alt:
        raise InvalidProduct(code, "alt", Problem.UNPRINTABLE)
    if position < 0:
        raise InvalidProduct(code, "position", Problem.NEGATIVE)
    if position > LARGEST_POSITION:
        raise InvalidProduct(code, "position", Problem.TOO_LARGE)


def picture_name(master: bytes) -> str:
    """Return the name of a picture's file, made of its bytes: equal bytes, one file."""
    digest = hashlib.sha256(master).hexdigest()[:_PICTURE_DIGEST_LENGTH]
    return f"pictures/{digest[:2]}/{digest}{_MASTER_SUFFIX}"


def is_picture_name(name: str) -> bool:
    """Tell whether that is how a picture or a rendition is called."""
    return _PICTURE_NAME.fullmatch(name) is not None


def rendition_name(name: str, width: int, format_: str) -> str:
    """Return the name (or the address) of a rendition of a picture: it lies beside it."""
    return f"{name.removesuffix(_MASTER_SUFFIX)}-{width}.{format_}"


def rendition_widths(width: int) -> list[int]:
    """Return how wide the renditions of a picture are: the narrower ones, or as wide as it is.

    Never wider, and always at least one.
    """
    narrower = [rendition for rendition in RENDITION_WIDTHS if rendition < width]
    return [*narrower, width] if width <= RENDITION_WIDTHS[-1] else narrower


def _check_text(sku: str, text: str, name: str, longest: int) -> None:
    if not text.strip():
        raise InvalidProduct(sku, name, Problem.EMPTY)
    if len(text) > longest:
        raise InvalidProduct(sku, name, Problem.TOO_LONG)
    # A SKU that looks like another one, but for an invisible character, is never found again.
    if (name in {"sku", "product"} and not text.isprintable()) or "\0" in text:
        raise InvalidProduct(sku, name, Problem.UNPRINTABLE)


def _check_amount(sku: str, name: str, amount: Decimal) -> None:
    if not amount.is_finite():
        raise InvalidProduct(sku, name, Problem.NOT_AN_AMOUNT)
    if amount < 0:
        raise InvalidProduct(sku, name, Problem.NEGATIVE)
    if amount > LARGEST_PRICE:
        raise InvalidProduct(sku, name, Problem.TOO_LARGE)
    if amount != round(amount, _DECIMAL_PLACES):
        raise InvalidProduct(sku, name, Problem.TOO_PRECISE)


def _check_category(sku: str, path: tuple[str, ...]) -> None:
    if not path:
        raise InvalidProduct(sku, "category", Problem.EMPTY)
    if len(path) > DEEPEST_CATEGORY:
        raise InvalidProduct(sku, "category", Problem.TOO_DEEP)
    for name in path:
        _check_text(sku, name, "category", LONGEST_CATEGORY_NAME)


def _check_limit(
    sku: str, field_name: str, limit: int | None, *, largest: int = LARGEST_LIMIT
) -> None:
    if limit is not None and limit < 1:
        raise InvalidProduct(sku, field_name, Problem.TOO_SMALL)
    if limit is not None and limit > largest:
        raise InvalidProduct(sku, field_name, Problem.TOO_LARGE)


def _check_options(sku: str, options: tuple[tuple[str, str], ...]) -> None:
    for names in options:
        for name in names:
            _check_text(sku, name, "options", LONGEST_OPTION_NAME)
    codes = [option_code(name) for name, _ in options]
    if len(set(codes)) < len(codes):
        raise InvalidProduct(sku, "options", Problem.TWICE)
    if len(", ".join(value for _, value in options)) > LONGEST_TITLE:
        raise InvalidProduct(sku, "options", Problem.TOO_LONG)

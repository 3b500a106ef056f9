"""What the catalogue refuses."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from shop.lib.refusals import Refusal


class Problem(StrEnum):
    """Why a value cannot be what it is meant to be."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNPRINTABLE = "unprintable"
    NOT_AN_AMOUNT = "not_an_amount"
    NEGATIVE = "negative"
    TOO_LARGE = "too_large"
    TOO_PRECISE = "too_precise"
    TOO_DEEP = "too_deep"
    TWICE = "twice"


@dataclass(eq=False)
class InvalidProduct(Refusal):
    """A value that no product can have; `field` is the name it has in a ProductRow."""

    code: ClassVar[str] = "invalid_product"
    sku: str
    field: str
    problem: Problem


@dataclass(eq=False)
class RegularPriceBelowPrice(Refusal):
    """A reduced price has to be below the regular one."""

    code: ClassVar[str] = "regular_price_below_price"
    sku: str
    price: Decimal
    regular_price: Decimal


@dataclass(eq=False)
class RepeatedSku(Refusal):
    """Two rows of one call speak of the same SKU; the first one counts."""

    code: ClassVar[str] = "repeated_sku"
    sku: str


@dataclass(eq=False)
class VariantOfOtherProduct(Refusal):
    """The SKU belongs to another product already, and variants do not move."""

    code: ClassVar[str] = "variant_of_other_product"
    sku: str
    product: str


@dataclass(eq=False)
class UnknownVariant(Refusal):
    """There is no such variant."""

    code: ClassVar[str] = "unknown_variant"
    variant_id: int


@dataclass(eq=False)
class UnknownProduct(Refusal):
    """There is no such product."""

    code: ClassVar[str] = "unknown_product"
    product_id: int


@dataclass(eq=False)
class UnknownCategory(Refusal):
    """There is no such category."""

    code: ClassVar[str] = "unknown_category"
    category_id: int

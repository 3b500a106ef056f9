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
    TOO_SMALL = "too_small"
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


@dataclass(eq=False)
class SkuTaken(Refusal):
    """Another variant, or another product's code, has this number already."""

    code: ClassVar[str] = "sku_taken"
    sku: str


@dataclass(eq=False)
class ProductIsOrdered(Refusal):
    """Orders or the stock ledger speak of the product, so it stays; it can be hidden."""

    code: ClassVar[str] = "product_is_ordered"
    product_id: int


@dataclass(eq=False)
class VariantIsOrdered(Refusal):
    """Orders or the stock ledger speak of the variant, so it stays; it can be hidden."""

    code: ClassVar[str] = "variant_is_ordered"
    sku: str


@dataclass(eq=False)
class CategoryIsInUse(Refusal):
    """Something stands in the category still."""

    code: ClassVar[str] = "category_is_in_use"
    category_id: int


@dataclass(eq=False)
class InvalidCategoryPlace(Refusal):
    """A category cannot stand in itself, nor deeper than the tree goes."""

    code: ClassVar[str] = "invalid_category_place"
    category_id: int | None


@dataclass(eq=False)
class CategoryNameTaken(Refusal):
    """Another category stands on the same shelf under that name."""

    code: ClassVar[str] = "category_name_taken"
    name: str


@dataclass(eq=False)
class InvalidCategory(Refusal):
    """A name that no category can have."""

    code: ClassVar[str] = "invalid_category"
    problem: Problem


@dataclass(eq=False)
class UnknownPicture(Refusal):
    """There is no such picture of a product."""

    code: ClassVar[str] = "unknown_picture"
    picture_id: int


@dataclass(eq=False)
class TooManyPictures(Refusal):
    """A product has as many pictures as a page can show."""

    code: ClassVar[str] = "too_many_pictures"
    limit: int

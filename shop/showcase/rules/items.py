"""A product as a program sees it: everything at once, in lists as well."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shop.catalog.rules import Limits
from shop.showcase.rules.pictures import Picture


@dataclass(frozen=True, slots=True)
class ItemOption:
    """A choice of a variant, by codes and names: colour, red."""

    code: str
    name: str
    value: str
    value_name: str


@dataclass(frozen=True, slots=True)
class ItemVariant:
    """A variant and how much of it can be sold now."""

    id: int
    sku: str
    title: str
    price: Decimal
    regular_price: Decimal | None
    stock: int
    is_published: bool
    options: tuple[ItemOption, ...]


@dataclass(frozen=True, slots=True)
class ItemPicture:
    """A picture with what is needed to change it."""

    id: int
    variant: int | None
    position: int
    picture: Picture


@dataclass(frozen=True, slots=True)
class ItemCategory:
    """The category a product stands in."""

    id: int
    name: str
    description: str
    picture: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product with all that belongs to it.

    `price` is the lowest of its published variants, None where there is none. `stock` is what can
    be sold of them together.
    """

    id: int
    name: str
    description: str
    price: Decimal | None
    rating: Decimal | None
    review_count: int
    is_published: bool
    created_at: datetime
    category: ItemCategory
    limits: Limits
    variants: tuple[ItemVariant, ...]
    pictures: tuple[ItemPicture, ...]

    @property
    def stock(self) -> int:
        """How many units can be sold now, over all variants and locations."""
        return sum(variant.stock for variant in self.variants if variant.is_published)

    @property
    def in_stock(self) -> bool:
        """Tell whether one of it can be sold now."""
        return self.stock > 0

    @property
    def regular_price(self) -> Decimal | None:
        """What the lowest price is reduced from, None where it is not."""
        usual = (
            variant.regular_price
            for variant in self.variants
            if variant.is_published and variant.price == self.price
        )
        return next((price for price in usual if price is not None and price != self.price), None)

    @property
    def image(self) -> Picture | None:
        """The picture that stands for it."""
        return self.pictures[0].picture if self.pictures else None

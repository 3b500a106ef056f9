"""What a visitor sees of the shop's products, and in which order."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

PAGE_SIZE = 24
# Of many units nobody needs the exact number; of few it is worth knowing.
FEW = 10

Entry = TypeVar("Entry")


class Sorting(StrEnum):
    """An order of a list of products; the value is what its address says."""

    NAME = "name"
    PRICE = "price"
    NEWEST = "newest"

    @classmethod
    def named(cls, name: str) -> "Sorting":
        """Return the order of that name, by name where there is none."""
        return cls(name) if name in set(cls) else cls.NAME

    @property
    def columns(self) -> tuple[str, ...]:
        """What it sorts by, "-" before what descends; the last one is unique."""
        return _COLUMNS[self]


_COLUMNS = {
    Sorting.NAME: ("name", "id"),
    Sorting.PRICE: ("price", "id"),
    Sorting.NEWEST: ("-created_at", "-id"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a list; `costs_more` when one of its variants has a higher price."""

    product_id: int
    name: str
    price: Decimal
    costs_more: bool
    in_stock: bool


@dataclass(frozen=True, slots=True)
class Listing(Generic[Entry]):
    """One page of a list, and the cursors of the pages around it, None where there is none."""

    entries: tuple[Entry, ...]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """A category by its name."""

    category_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category and the ones right on it."""

    category_id: int
    name: str
    below: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """What the shop's first page shows."""

    shelves: tuple[Shelf, ...]
    newest: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class CategoryPage:
    """A category, the way to it, what stands on it, and a page of its products."""

    category_id: int
    name: str
    description: str
    way: tuple[Link, ...]
    below: tuple[Link, ...]
    products: Listing[Card]


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant, as somebody who may buy it sees it."""

    variant_id: int
    sku: str
    title: str
    price: Decimal
    regular_price: Decimal | None
    available: int

    @property
    def is_reduced(self) -> bool:
        """Tell whether it costs less than it usually does."""
        return self.regular_price is not None and self.regular_price > self.price

    @property
    def is_scarce(self) -> bool:
        """Tell whether so few are left that a buyer wants to know how many."""
        return 0 < self.available <= FEW


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product with its choices, in the merchant's order; without any it is not for sale now."""

    product_id: int
    name: str
    description: str
    way: tuple[Link, ...]
    choices: tuple[Choice, ...]

    @property
    def buyable(self) -> tuple[Choice, ...]:
        """The choices of which there is at least one."""
        return tuple(choice for choice in self.choices if choice.available > 0)

    @property
    def lead(self) -> Choice | None:
        """The choice whose price stands for the product: the cheapest that can be bought.

        Where nothing can be bought it is the cheapest of all.
        """
        choices = self.buyable or self.choices
        return min(choices, key=lambda choice: choice.price, default=None)

    @property
    def costs_more(self) -> bool:
        """Tell whether the lead is cheaper than another choice."""
        lead = self.lead
        return lead is not None and any(choice.price > lead.price for choice in self.choices)

    def choice(self, variant_id: int) -> Choice | None:
        """Return the choice of that id, None where the product has no such variant on show."""
        return next((item for item in self.choices if item.variant_id == variant_id), None)

"""Lists of products and of categories, as a visitor sees them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from shop.showcase.rules.pictures import Picture

PAGE_SIZE = 24

_SIZES = {
    name: place
    for place, name in enumerate(("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl", "4xl", "5xl"))
} | {"2xs": 0, "2xl": 6, "3xl": 7}
# "8 cm", "3.5 litres", "36-38"; of a range its beginning counts.
_MEASURE = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{1,9})?)(?:[-/][0-9.,]{1,9})?\s*([^0-9]{0,40})")

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A product in a list.

    `price` is its lowest one, and `costs_more` says that another of its variants has a higher one.
    `regular_price` is what the lowest one usually is, None where it is not reduced. `rating` is
    None where nobody has rated it.
    """

    product_id: int
    name: str
    category_id: int
    price: Decimal
    regular_price: Decimal | None = None
    costs_more: bool = False
    in_stock: bool = True
    rating: Decimal | None = None
    review_count: int = 0
    picture: Picture | None = None

    @property
    def is_reduced(self) -> bool:
        """Tell whether it costs less than it usually does."""
        return self.regular_price is not None


@dataclass(frozen=True, slots=True)
class Listing(Generic[Entry]):
    """One page of a list, and the cursors of the pages around it, None where there is none."""

    entries: tuple[Entry, ...]
    next: str | None
    previous: str | None


NO_CARDS: Listing[Card] = Listing(entries=(), next=None, previous=None)


@dataclass(frozen=True, slots=True)
class Link:
    """A category by its name."""

    category_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category, its picture, and the ones right on it."""

    category_id: int
    name: str
    below: tuple[Link, ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class OptionFacet:
    """An option by which a list can be narrowed down: its codes and names, and its values'."""

    code: str
    name: str
    values: tuple[tuple[str, str], ...]


def in_order(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Put the values of an option, by code and name, as people would look for them.

    Sizes of clothes from small to large, then measures by their unit and number; words stay in the
    order they are given in, which is the merchant's.
    """
    return tuple(sorted(values, key=lambda value: _place(value[1])))


def _place(name: str) -> tuple[int, str, Decimal]:
    size = _SIZES.get(name.casefold().strip())
    if size is not None:
        return 0, "", Decimal(size)
    measure = _MEASURE.fullmatch(name.strip())
    if measure is not None:
        return 1, measure[2].casefold(), Decimal(measure[1].replace(",", "."))
    return 2, "", Decimal(0)


@dataclass(frozen=True, slots=True)
class Home:
    """What the shop's first page shows."""

    shelves: tuple[Shelf, ...]
    newest: tuple[Card, ...]
    best_rated: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of all products, and by what they can be narrowed down.

    `shelves` are the categories to choose from; `category` is the one that is chosen.
    """

    products: Listing[Card]
    shelves: tuple[Shelf, ...]
    category: Link | None
    options: tuple[OptionFacet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPage:
    """A category, the way to it, what stands on it, and a page of its products."""

    category_id: int
    name: str
    description: str
    picture: Picture | None
    way: tuple[Link, ...]
    below: tuple[Link, ...]
    products: Listing[Card]
    options: tuple[OptionFacet, ...]

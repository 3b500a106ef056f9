"""A product as a visitor sees it: what it can be bought as, and which price stands for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shop.catalog.rules import UNLIMITED, Limits
from shop.inventory.rules import FEW
from shop.showcase.rules.lists import Link
from shop.showcase.rules.pictures import Picture


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant, as somebody who may buy it sees it; `picture` shows it, as far as one does."""

    variant_id: int
    sku: str
    title: str
    price: Decimal
    regular_price: Decimal | None
    available: int
    picture: Picture | None = None

    @property
    def is_reduced(self) -> bool:
        """Tell whether it costs less than it usually does."""
        return self.regular_price is not None and self.regular_price > self.price

    @property
    def is_scarce(self) -> bool:
        """Tell whether so few are left that a buyer wants to know how many."""
        return 0 < self.available <= FEW


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reviewer says; `author` is as much of the name as everybody may see."""

    review_id: int
    author: str
    rating: int
    text: str
    bought_it: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPage:
    """A product with its choices, in the merchant's order; without any it is not for sale now.

    Its pictures are in that order too, except that the one of its lead comes first.
    """

    product_id: int
    name: str
    description: str
    way: tuple[Link, ...]
    choices: tuple[Choice, ...]
    pictures: tuple[Picture, ...] = ()
    rating: Decimal | None = None
    review_count: int = 0
    limits: Limits = UNLIMITED

    @property
    def buyable(self) -> tuple[Choice, ...]:
        """The choices of which there is at least one."""
        return tuple(choice for choice in self.choices if choice.available > 0)

    @property
    def lead(self) -> Choice | None:
        """The choice whose price stands for the product: the cheapest that can be bought.

        Where nothing can be bought it is the cheapest of all.
        """
        return lead_of(self.choices)

    @property
    def costs_more(self) -> bool:
        """Tell whether the lead is cheaper than another choice."""
        lead = self.lead
        return lead is not None and any(choice.price > lead.price for choice in self.choices)

    def choice(self, variant_id: int) -> Choice | None:
        """Return the choice of that id, None where the product has no such variant on show."""
        return next((item for item in self.choices if item.variant_id == variant_id), None)


def lead_of(choices: Sequence[Choice]) -> Choice | None:
    """Return the cheapest choice that can be bought, or the cheapest of all where none can."""
    buyable = [choice for choice in choices if choice.available > 0]
    return min(buyable or choices, key=lambda choice: choice.price, default=None)


def gallery_of(pictures: Sequence[Picture], choices: Sequence[Choice]) -> tuple[Picture, ...]:
    """Return what to show: the lead's picture first, then the others; each file once.

    So the first picture is of what the first price is of, and of what is chosen beforehand.
    """
    lead = lead_of(choices)
    first = [lead.picture] if lead and lead.picture else []
    shown: dict[str, Picture] = {}
    for picture in (*first, *pictures):
        shown.setdefault(picture.url, picture)
    return tuple(shown.values())

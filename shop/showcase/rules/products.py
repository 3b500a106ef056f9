"""A product as a visitor sees it: what it can be bought as, and which price stands for it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shop.showcase.rules.lists import Link
from shop.showcase.rules.pictures import Picture

# Of many units nobody needs the exact number; of few it is worth knowing.
FEW = 10


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
    """A product with its choices, in the merchant's order; without any it is not for sale now."""

    product_id: int
    name: str
    description: str
    way: tuple[Link, ...]
    choices: tuple[Choice, ...]
    pictures: tuple[Picture, ...] = ()
    rating: Decimal | None = None
    review_count: int = 0

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

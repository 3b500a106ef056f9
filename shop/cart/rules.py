"""What fits in a cart, and what a cart looks like to those who read it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Final
from uuid import UUID

from shop.cart.errors import InvalidQuantity, OverOrderLimit
from shop.catalog.rules import UNLIMITED, Limits
from shop.events.rules import NUMBER, TEXT, Kind, optional

NEWS: Final = (
    Kind(
        "cart.abandoned",
        "Nobody has touched a cart with something in it for a day.",
        {"cart_id": TEXT, "user_id": optional(NUMBER)},
    ),
)
LARGEST_QUANTITY = 100_000
MOST_LINES = 200


class Anybody(Enum):
    """Stands for "whoever it is", where None means "somebody who is not signed in"."""

    ANYBODY = "anybody"


ANYBODY: Final = Anybody.ANYBODY
Holder = int | Anybody | None


@dataclass(frozen=True, slots=True)
class CartItem:
    """One line of a cart with what the catalogue says of it now."""

    line_id: int
    variant_id: int
    product_id: int
    sku: str
    name: str
    title: str
    quantity: int
    price: Decimal
    is_sold: bool
    limits: Limits = UNLIMITED


@dataclass(frozen=True, slots=True)
class CartContents:
    """A cart and everything in it, as it was read."""

    id: UUID
    version: int
    user_id: int | None
    is_ordered: bool
    items: tuple[CartItem, ...]
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CartFacts:
    """What a checkout must be sure of while it holds a cart's lock."""

    version: int
    is_ordered: bool
    has_held: bool = False


def check_quantity(quantity: int, *, in_cart: int = 0) -> None:
    """Raise InvalidQuantity unless somebody can buy so many, with those in the cart already."""
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise InvalidQuantity(quantity=quantity, limit=LARGEST_QUANTITY, in_cart=in_cart)


def check_order_limit(name: str, limits: Limits, wanted: int) -> None:
    """Raise OverOrderLimit if one order cannot have so many units of a product."""
    if limits.at_once is not None and wanted > limits.at_once:
        raise OverOrderLimit(name=name, limit=limits.at_once, wanted=wanted)


def over_limit(items: Collection[CartItem]) -> dict[int, OverOrderLimit]:
    """Return, by product, what is to be said where a cart has more of it than an order can have."""
    units: Counter[int] = Counter()
    for item in items:
        units[item.product_id] += item.quantity
    found: dict[int, OverOrderLimit] = {}
    for item in items:
        try:
            check_order_limit(item.name, item.limits, units[item.product_id])
        except OverOrderLimit as refusal:
            found.setdefault(item.product_id, refusal)
    return found

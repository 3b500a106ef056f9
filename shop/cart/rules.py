"""What fits in a cart, and what a cart looks like to those who read it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final
from uuid import UUID

from shop.cart.errors import InvalidQuantity

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


@dataclass(frozen=True, slots=True)
class CartContents:
    """A cart and everything in it, as it was read."""

    id: UUID
    version: int
    user_id: int | None
    is_ordered: bool
    items: tuple[CartItem, ...]


@dataclass(frozen=True, slots=True)
class CartFacts:
    """What a checkout must be sure of while it holds a cart's lock."""

    version: int
    is_ordered: bool


def check_quantity(quantity: int, *, in_cart: int = 0) -> None:
    """Raise InvalidQuantity unless somebody can buy so many, with those in the cart already."""
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise InvalidQuantity(quantity=quantity, limit=LARGEST_QUANTITY, in_cart=in_cart)

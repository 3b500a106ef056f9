"""What a draft is, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shop.checkout.rules.buyers import Buyer
from shop.lib.refusals import Refusal
from shop.orders.rules import PaymentMethod, PlacedOrder


@dataclass(frozen=True, slots=True)
class Key:
    """A buyer's own name for one purchase: the same key, the same order.

    `scope` says whose key it is; `body_hash` stands for everything else that was asked for.
    """

    scope: str
    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """A line whose price was agreed elsewhere."""

    variant_id: int
    quantity: int
    unit_price: Decimal


def _number_of(order: PlacedOrder) -> str:
    return order.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An order somebody wants to place: of a cart, or (imports and staff) of agreed lines.

    `cart_version` is that of the cart the buyer was shown, where somebody was shown one. `answer`
    turns the placed order into the answer that is stored under the key; it runs
    while the transaction is open and so must not do any I/O. `request_id` is the request that the
    order's news will name.
    """

    buyer: Buyer
    payment_method: PaymentMethod
    cart_id: UUID | None = None
    cart_version: int | None = None
    lines: tuple[AgreedLine, ...] = ()
    origin: str = ""
    placed_at: datetime | None = None
    expected_total: Decimal | None = None
    key: Key | None = None
    answer: Callable[[PlacedOrder], str] = field(default=_number_of)
    request_id: str = ""

    def __post_init__(self) -> None:
        of_cart = "" if self.cart_id is None else f"cart:{self.cart_id}"
        # A copy of a draft has its origin already.
        if (self.origin or of_cart) == "" or (of_cart and self.origin not in {"", of_cart}):
            raise ValueError("a draft has a cart, or agreed lines with their origin")
        object.__setattr__(self, "origin", of_cart or self.origin)


@dataclass(frozen=True, slots=True)
class Placed:
    """The draft has become this order."""

    order: PlacedOrder
    answer: str

    @property
    def order_id(self) -> int:
        """The id of the order."""
        return self.order.id


@dataclass(frozen=True, slots=True)
class Replayed:
    """The same draft became an order before: that order's answer again, byte for byte."""

    order_id: int
    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The draft has not become an order, and nothing was changed."""

    refusal: Refusal


Outcome = Placed | Replayed | Refused

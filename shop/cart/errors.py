"""What a cart refuses."""

from dataclasses import dataclass
from typing import ClassVar

from shop.lib.refusals import Refusal


@dataclass(eq=False)
class UnknownCart(Refusal):
    """There is no such cart, or it is somebody else's."""

    code: ClassVar[str] = "unknown_cart"


@dataclass(eq=False)
class CartIsOrdered(Refusal):
    """The cart has become an order and does not change any more."""

    code: ClassVar[str] = "cart_is_ordered"


@dataclass(eq=False)
class CartIsFull(Refusal):
    """A cart has room for so many different things."""

    code: ClassVar[str] = "cart_is_full"
    limit: int


@dataclass(eq=False)
class InvalidQuantity(Refusal):
    """A quantity nobody can buy, together with what the cart has of it already (`in_cart`)."""

    code: ClassVar[str] = "invalid_quantity"
    quantity: int
    limit: int
    in_cart: int = 0


@dataclass(eq=False)
class OverOrderLimit(Refusal):
    """More of a product was wanted than one order can have, all its variants together."""

    code: ClassVar[str] = "over_order_limit"
    name: str
    limit: int
    wanted: int


@dataclass(eq=False)
class NotForSale(Refusal):
    """The product is not sold (any more)."""

    code: ClassVar[str] = "not_for_sale"
    name: str


@dataclass(eq=False)
class UnknownLine(Refusal):
    """The cart has no such line."""

    code: ClassVar[str] = "unknown_line"
    line_id: int

"""What a checkout refuses, besides what carts and stock refuse."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from shop.inventory.errors import NotEnoughStock
from shop.lib.refusals import Refusal


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line as it would be ordered now."""

    variant_id: int
    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class QuotedPurchase:
    """What a purchase would come to now, for whoever was refused it."""

    lines: tuple[QuotedLine, ...]
    total: Decimal
    currency: str


@dataclass(eq=False)
class CartIsEmpty(Refusal):
    """There is nothing to order."""

    code: ClassVar[str] = "cart_is_empty"


@dataclass(eq=False)
class CartChanged(Refusal):
    """The cart is not the one that was shown, or was changed while it was being ordered."""

    code: ClassVar[str] = "cart_changed"
    quote: QuotedPurchase | None = None


@dataclass(eq=False)
class TotalChanged(Refusal):
    """The purchase costs something else than the buyer was shown."""

    code: ClassVar[str] = "total_changed"
    expected: Decimal
    total: Decimal
    quote: QuotedPurchase | None = None


@dataclass(eq=False)
class StockChanged(NotEnoughStock):
    """There was too little on the locked shelf; `quote` is what the purchase would have been."""

    code: ClassVar[str] = "not_enough_stock"
    quote: QuotedPurchase | None = None


@dataclass(eq=False)
class ContactIncomplete(Refusal):
    """Neither the buyer nor the account says whom to tell (`email`), or where it goes."""

    code: ClassVar[str] = "contact_incomplete"
    missing: tuple[str, ...]


@dataclass(eq=False)
class OrderTooLarge(Refusal):
    """The purchase costs more than the shop can write down."""

    code: ClassVar[str] = "order_too_large"
    total: Decimal


@dataclass(eq=False)
class OverCustomerLimit(Refusal):
    """More of a product was wanted than its buyer may have, with what was ordered before."""

    code: ClassVar[str] = "over_customer_limit"
    name: str
    limit: int


@dataclass(eq=False)
class InvalidLine(Refusal):
    """An agreed line names an unknown variant, or an impossible quantity or price."""

    code: ClassVar[str] = "invalid_line"
    position: int


@dataclass(eq=False)
class AlreadyOrdered(Refusal):
    """What this draft asks for has become an order before."""

    code: ClassVar[str] = "already_ordered"
    order_id: int


@dataclass(eq=False)
class AccountCannotOrder(Refusal):
    """The account was disabled, or the sign-in it ordered with no longer counts."""

    code: ClassVar[str] = "account_cannot_order"


@dataclass(eq=False)
class KeyReused(Refusal):
    """The idempotency key belongs to another request."""

    code: ClassVar[str] = "key_reused"


@dataclass(eq=False)
class CheckoutFailed(Refusal):
    """Something went wrong on our side; nothing was ordered."""

    code: ClassVar[str] = "checkout_failed"

"""The life of an order: its states, and which verb leads from which to which."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from shop.events.rules import AMOUNT, FLAG, NUMBER, TEXT, Kind
from shop.inventory.rules import Share
from shop.orders.errors import (
    OrderIsCanceled,
    OrderIsCompleted,
    OrderIsPaid,
    OrderIsShipped,
    OrderIsUnpaid,
    OrderIsUnshipped,
    OrderOwesNothing,
)
from shop.pricing.rules import Quote

_ONE_ORDER = {"order_id": NUMBER, "number": TEXT, "origin": TEXT}
NEWS = (
    Kind(
        "order.placed",
        "An order is there, and its stock is promised.",
        {**_ONE_ORDER, "total": AMOUNT, "currency": TEXT, "keeps_address": FLAG},
    ),
    Kind("order.paid", "The money of an order has come.", _ONE_ORDER),
    Kind("order.shipped", "An order has left.", _ONE_ORDER),
    Kind("order.completed", "Nothing is left to do for an order.", _ONE_ORDER),
    Kind("order.canceled", "An order is off, and its stock is for sale again.", _ONE_ORDER),
    Kind("order.expired", "An order was canceled, for its money did not come.", _ONE_ORDER),
    Kind("order.refunded", "The money of a canceled order was sent back.", _ONE_ORDER),
)


class OrderStatus(StrEnum):
    """Where an order stands as a whole."""

    PENDING = "Pending"
    COMPLETED = "Completed"
    CANCELED = "Canceled"


class PaymentState(StrEnum):
    """Whether the money is there."""

    UNPAID = "Unpaid"
    PAID = "Paid"
    REFUND_DUE = "Refund due"
    REFUNDED = "Refunded"


class FulfilmentState(StrEnum):
    """Whether the goods are on their way."""

    UNSHIPPED = "Unshipped"
    SHIPPED = "Shipped"


class AllocationState(StrEnum):
    """Whether stock is still promised to a line, went out, or went back."""

    LIVE = "Live"
    SHIPPED = "Shipped"
    RELEASED = "Released"


class PaymentMethod(StrEnum):
    """How a buyer pays."""

    ON_DELIVERY = "on_delivery"
    BANK_TRANSFER = "bank_transfer"
    # Settled outside the shop: orders that an import brings in.
    ELSEWHERE = "elsewhere"

    @property
    def label(self) -> str:
        """The words people read."""
        return self.value.replace("_", " ").capitalize()


# What a buyer can choose; the rest is for imports and staff.
METHODS_FOR_BUYERS = (PaymentMethod.ON_DELIVERY, PaymentMethod.BANK_TRANSFER)


@dataclass(frozen=True, slots=True)
class OrderState:
    """The three states of one order, and what else its next step depends on."""

    number: str
    method: PaymentMethod
    status: OrderStatus
    payment: PaymentState
    fulfilment: FulfilmentState


def expiry(
    method: PaymentMethod, *, placed_at: datetime, payment_wait: timedelta
) -> datetime | None:
    """Return when an unpaid order gives its stock back; None if it waits for no money."""
    return placed_at + payment_wait if method is PaymentMethod.BANK_TRANSFER else None


def mark_paid(state: OrderState) -> OrderState:
    """The money has come. Raises OrderIsCanceled or OrderIsPaid."""
    _check_alive(state)
    if state.payment is not PaymentState.UNPAID:
        raise OrderIsPaid(number=state.number)
    return replace(state, payment=PaymentState.PAID)


def ship(state: OrderState) -> OrderState:
    """The goods leave; before the money only where it is paid on delivery.

    Raises OrderIsCanceled, OrderIsShipped or OrderIsUnpaid.
    """
    _check_alive(state)
    if state.fulfilment is FulfilmentState.SHIPPED:
        raise OrderIsShipped(number=state.number)
    if state.payment is PaymentState.UNPAID and state.method is not PaymentMethod.ON_DELIVERY:
        raise OrderIsUnpaid(number=state.number)
    return replace(state, fulfilment=FulfilmentState.SHIPPED)


def complete(state: OrderState) -> OrderState:
    """Everything is done.

    Raises OrderIsCanceled, OrderIsCompleted, OrderIsUnpaid or OrderIsUnshipped.
    """
    _check_open(state)
    if state.payment is not PaymentState.PAID:
        raise OrderIsUnpaid(number=state.number)
    if state.fulfilment is not FulfilmentState.SHIPPED:
        raise OrderIsUnshipped(number=state.number)
    return replace(state, status=OrderStatus.COMPLETED)


def cancel(state: OrderState) -> OrderState:
    """The purchase is off; money that has come is due back.

    Raises OrderIsCanceled, OrderIsCompleted or OrderIsShipped.
    """
    _check_open(state)
    if state.fulfilment is FulfilmentState.SHIPPED:
        raise OrderIsShipped(number=state.number)
    paid = state.payment is PaymentState.PAID
    payment = PaymentState.REFUND_DUE if paid else state.payment
    return replace(state, status=OrderStatus.CANCELED, payment=payment)


def refund(state: OrderState) -> OrderState:
    """The money that was due back has been sent. Raises OrderOwesNothing."""
    if state.payment is not PaymentState.REFUND_DUE:
        raise OrderOwesNothing(number=state.number)
    return replace(state, payment=PaymentState.REFUNDED)


def _check_alive(state: OrderState) -> None:
    if state.status is OrderStatus.CANCELED:
        raise OrderIsCanceled(number=state.number)


def _check_open(state: OrderState) -> None:
    _check_alive(state)
    if state.status is OrderStatus.COMPLETED:
        raise OrderIsCompleted(number=state.number)


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where an order goes; empty where an import knows no address."""

    name: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to be recorded, with the levels its units are promised from."""

    variant_id: int
    sku: str
    name: str
    variant_title: str
    quantity: int
    unit_price: Decimal
    amount: Decimal
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Everything that was agreed; the record adds a number and an id."""

    origin: str
    user_id: int | None
    email: str
    address: PostalAddress
    payment_method: PaymentMethod
    quote: Quote
    lines: tuple[NewLine, ...]
    placed_at: datetime
    expires_at: datetime | None
    # Whether the buyer wants the address in the account's book, and in which request it was said.
    keeps_address: bool = False
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order as it was written down, whole, for whoever has to show it."""

    id: int
    number: str
    order: NewOrder

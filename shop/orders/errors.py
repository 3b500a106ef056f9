"""What orders refuse."""

from dataclasses import dataclass
from typing import ClassVar

from shop.lib.refusals import Refusal


@dataclass(eq=False)
class UnknownOrder(Refusal):
    """There is no such order."""

    code: ClassVar[str] = "unknown_order"
    order_id: int


@dataclass(eq=False)
class UnknownNumber(Refusal):
    """There is no order of this number, or whoever asks does not have the link to it."""

    code: ClassVar[str] = "unknown_number"
    number: str


@dataclass(eq=False)
class OrderIsCanceled(Refusal):
    """Nothing can be done with a canceled order."""

    code: ClassVar[str] = "order_is_canceled"
    number: str


@dataclass(eq=False)
class OrderIsCompleted(Refusal):
    """A completed order does not change any more."""

    code: ClassVar[str] = "order_is_completed"
    number: str


@dataclass(eq=False)
class OrderIsPaid(Refusal):
    """The order has been paid already."""

    code: ClassVar[str] = "order_is_paid"
    number: str


@dataclass(eq=False)
class OrderIsUnpaid(Refusal):
    """The order has to be paid first."""

    code: ClassVar[str] = "order_is_unpaid"
    number: str


@dataclass(eq=False)
class OrderOwesNothing(Refusal):
    """There is no money to give back for this order."""

    code: ClassVar[str] = "order_owes_nothing"
    number: str


@dataclass(eq=False)
class OrderIsShipped(Refusal):
    """The order has been shipped already."""

    code: ClassVar[str] = "order_is_shipped"
    number: str


@dataclass(eq=False)
class OrderIsUnshipped(Refusal):
    """The order has to be shipped first."""

    code: ClassVar[str] = "order_is_unshipped"
    number: str

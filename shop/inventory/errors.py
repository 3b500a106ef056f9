"""What inventory refuses."""

from dataclasses import dataclass
from typing import ClassVar

from shop.lib.refusals import Refusal


@dataclass(eq=False)
class NotEnoughStock(Refusal):
    """More was wanted than is there for sale; `name` is what buyers call it."""

    code: ClassVar[str] = "not_enough_stock"
    sku: str
    variant_id: int
    wanted: int
    available: int
    name: str = ""


@dataclass(eq=False)
class StockIsPromised(Refusal):
    """Stock would fall below what buyers have been promised."""

    code: ClassVar[str] = "stock_is_promised"
    sku: str
    on_hand: int
    promised: int


@dataclass(eq=False)
class InvalidStockQuantity(Refusal):
    """A quantity no movement can have: none or too many units."""

    code: ClassVar[str] = "invalid_stock_quantity"
    quantity: int


@dataclass(eq=False)
class SameLocation(Refusal):
    """Stock was to be moved to where it lies."""

    code: ClassVar[str] = "same_location"
    location: str


@dataclass(eq=False)
class UnknownLocation(Refusal):
    """There is no such location."""

    code: ClassVar[str] = "unknown_location"
    location: str

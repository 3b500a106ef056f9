"""What a purchase costs: pure arithmetic on amounts that the caller has loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
# The largest amount a column of the database holds.
LARGEST_AMOUNT = Decimal("999999999999.99")


def round_money(amount: Decimal) -> Decimal:
    """Round to two places, halves away from zero: the one place where the shop rounds."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its currency, for people to read and machines to compare."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Item:
    """So many units at a price, both from the caller."""

    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a quote depends on besides its items."""

    currency: str
    shipping: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Quote:
    """What the items cost together. `total` is `goods + shipping + tax - discount`."""

    currency: str
    amounts: tuple[Decimal, ...]
    goods: Decimal
    shipping: Decimal
    tax: Decimal
    discount: Decimal

    @property
    def total(self) -> Decimal:
        """What the buyer pays."""
        return self.goods + self.shipping + self.tax - self.discount


def quote(items: Sequence[Item], *, terms: Terms) -> Quote:
    """Price the items; `amounts` has one entry for each of them, in their order.

    Each line is rounded by itself and the goods are the sum of the rounded lines, so that an
    invoice adds up (docs/promises/price.md). Prices include tax until tax rates exist.
    """
    amounts = tuple(round_money(item.unit_price * item.quantity) for item in items)
    return Quote(
        currency=terms.currency,
        amounts=amounts,
        goods=sum(amounts, ZERO),
        shipping=terms.shipping,
        tax=ZERO,
        discount=ZERO,
    )

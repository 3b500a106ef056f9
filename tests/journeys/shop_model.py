"""A shop small enough to be seen through: what stock and orders should be after every verb.

It knows nothing of the code it predicts. What leads where in the life of an order it takes from
the table of the orders' own tests.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from shop.orders.rules import PaymentMethod
from shop.orders.tests.test_rules import LIFE, expected

PRICES = {"mug": Decimal("12.50"), "tea": Decimal("0.99")}
# In the order in which they sell; what was returned is kept apart, and not sold.
SELLING = ("main", "shed")
PLACES = (*SELLING, "returns")
NEW = "Pending, Unpaid, Unshipped"

Want = tuple[str, int]
# So many units of a SKU from a place.
Part = tuple[str, str, int]


@dataclass
class ModelOrder:
    """What should stand in an order."""

    method: PaymentMethod
    parts: list[Part]
    total: Decimal
    expires_at: datetime | None
    state: str = NEW
    news: list[str] = field(default_factory=lambda: ["placed"])


class ModelShop:
    """What should lie where, what of it is promised, and how every order stands."""

    def __init__(self) -> None:
        self.on_hand: Counter[tuple[str, str]] = Counter()
        self.promised: Counter[tuple[str, str]] = Counter()
        self.orders: dict[int, ModelOrder] = {}

    def free(self, sku: str, place: str) -> int:
        return self.on_hand[sku, place] - self.promised[sku, place]

    def available(self, sku: str) -> int:
        return sum(self.free(sku, place) for place in SELLING)

    def short_of(self, wants: Iterable[Want]) -> str | None:
        """Return the first SKU of which more is wanted than there is, all lines together."""
        wants = list(wants)
        wanted: Counter[str] = Counter()
        for sku, units in wants:
            wanted[sku] += units
        short = (sku for sku, _ in wants if wanted[sku] > self.available(sku))
        return next(short, None)

    def place(
        self, order_id: int, wants: Iterable[Want], method: PaymentMethod, *, now: datetime
    ) -> None:
        wants = list(wants)
        waits = method is PaymentMethod.BANK_TRANSFER
        self.orders[order_id] = ModelOrder(
            method=method,
            parts=[part for sku, units in wants for part in self._promise(sku, units)],
            total=sum((PRICES[sku] * units for sku, units in wants), Decimal(0)),
            expires_at=now + timedelta(days=7) if waits else None,
        )

    def _promise(self, sku: str, units: int) -> list[Part]:
        """The first place with enough gives all; else each gives what it has, in order."""
        enough = [place for place in SELLING if self.free(sku, place) >= units]
        parts = []
        for place in enough[:1] or SELLING:
            taken = min(units, self.free(sku, place))
            if taken:
                parts.append((sku, place, taken))
                self.promised[sku, place] += taken
                units -= taken
        assert units == 0, "a test that lets more be ordered than there is"
        return parts

    def refusal(self, verb: str, order_ids: Iterable[int]) -> str | None:
        """Return the name of the refusal for which none of these orders takes the step."""
        outcomes = (self._outcome(verb, self.orders[id_]) for id_ in sorted(set(order_ids)))
        return next((name for name in outcomes if name not in LIFE), None)

    def advance(self, verb: str, kind: str, order_ids: Iterable[int]) -> None:
        """Take orders that can be a step on."""
        for order_id in set(order_ids):
            order = self.orders[order_id]
            order.state = self._outcome(verb, order)
            order.expires_at = None
            order.news.append(kind)
            for sku, place, units in order.parts if verb in {"ship", "cancel"} else ():
                self.promised[sku, place] -= units
                self.on_hand[sku, place] -= units if verb == "ship" else 0

    def _outcome(self, verb: str, order: ModelOrder) -> str:
        return expected(order.state, verb, order.method)

    def due(self, now: datetime) -> list[int]:
        """Return the orders that have waited for their money long enough."""
        return [
            order_id
            for order_id, order in self.orders.items()
            if order.expires_at is not None and order.expires_at <= now
        ]

    def steps_to_the_end(self, order_id: int) -> Sequence[tuple[str, str]]:
        """Return what is left to be done to an order that is settled elsewhere."""
        status, payment, fulfilment = self.orders[order_id].state.split(", ")
        if status != "Pending":
            return []
        return [
            *([("mark_paid", "paid")] if payment == "Unpaid" else []),
            *([("ship", "shipped")] if fulfilment == "Unshipped" else []),
            ("complete", "completed"),
        ]

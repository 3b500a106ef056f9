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

PRICES = {"mug": Decimal("12.50"), "tea": Decimal("0.99"), "ring": Decimal("80.00")}
# What everybody wants at once: an order can have so much of it, a customer so much in all, and a
# cart holds it for a while.
LIMITED = "ring"
PER_ORDER, PER_CUSTOMER, HELD_FOR = 3, 4, timedelta(minutes=30)
# After a day a cart can hold it anew.
REMEMBERED_FOR = timedelta(days=1)
# As whom people are counted: Beth lives where Bob does.
CUSTOMERS = {"ann": ("ann", "High Street"), "bob": ("bob", "Mill"), "beth": ("beth", "Mill")}
# In the order in which they sell; what was returned is kept apart, and not sold.
SELLING = ("main", "shed")
PLACES = (*SELLING, "returns")
NEW = "Pending, Unpaid, Unshipped"

Want = tuple[str, int]
# So many units of a SKU from a place.
Part = tuple[str, str, int]


@dataclass
class ModelCart:
    """What is in it, in the order in which it came, and what of that is held until when."""

    basket: dict[str, int] = field(default_factory=dict)
    held: list[Part] = field(default_factory=list)
    holds_until: datetime | None = None
    order_id: int | None = None

    def held_of(self, sku: str) -> int:
        return sum(units for held, _, units in self.held if held == sku)


@dataclass
class ModelOrder:
    """What should stand in an order."""

    method: PaymentMethod
    parts: list[Part]
    total: Decimal
    expires_at: datetime | None
    # Who takes how much of what is limited.
    buyer: str | None = None
    limited: int = 0
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

    def short_of(self, wants: Iterable[Want], cart: ModelCart | None = None) -> str | None:
        """Return the first SKU of which more is wanted than there is, all lines together.

        What a cart holds is there for it.
        """
        own = cart or ModelCart()
        wants = list(wants)
        wanted: Counter[str] = Counter()
        for sku, units in wants:
            wanted[sku] += units
        short = (s for s, _ in wants if wanted[s] > self.available(s) + own.held_of(s))
        return next(short, None)

    def is_over_order_limit(self, cart: ModelCart, sku: str, wanted: int) -> bool:
        """Tell whether so much of something is too much for a cart; less than it has never is."""
        return sku == LIMITED and wanted > max(PER_ORDER, cart.basket.get(sku, 0))

    def put_in_cart(self, cart: ModelCart, sku: str, wanted: int, *, now: datetime) -> None:
        """Let a cart have so much of something in all, and hold it, once and for its time."""
        cart.basket[sku] = wanted
        if sku != LIMITED:
            return
        cart.holds_until = cart.holds_until or now + HELD_FOR
        held, cart.held = cart.held, []
        if cart.holds_until > now:
            cart.held = self._promise(sku, wanted, held)
        self._give_back(held)

    def take_back(self, cart: ModelCart) -> None:
        """End what a cart holds."""
        self._give_back(cart.held)
        cart.held = []

    def _give_back(self, parts: Iterable[Part]) -> None:
        for sku, place, units in parts:
            self.promised[sku, place] -= units

    def let_holds_end(self, carts: Iterable[ModelCart], now: datetime) -> int:
        """End what was held for long enough; return how many places had something of it."""
        ended = 0
        for cart in carts:
            if cart.holds_until is not None and cart.holds_until <= now:
                ended += len(cart.held)
                self.take_back(cart)
                if cart.holds_until < now - REMEMBERED_FOR:
                    cart.holds_until = None
        return ended

    def is_over_limit(self, buyer: str, units: int) -> bool:
        """Tell whether somebody would have more than a customer can, under any of their names."""
        if not units:
            return False
        names = set(CUSTOMERS[buyer])
        taken = Counter[str]()
        for order in self.orders.values():
            if order.buyer is not None and not order.state.startswith("Canceled"):
                for name in names.intersection(CUSTOMERS[order.buyer]):
                    taken[name] += order.limited
        return any(taken[name] + units > PER_CUSTOMER for name in names)

    def place_cart(
        self, order_id: int, cart: ModelCart, method: PaymentMethod, *, buyer: str, now: datetime
    ) -> None:
        self.place(order_id, cart.basket.items(), method, held=cart.held, now=now)
        self.orders[order_id].buyer = buyer
        self.orders[order_id].limited = cart.basket.get(LIMITED, 0)
        self.take_back(cart)
        cart.order_id = order_id

    def place(
        self,
        order_id: int,
        wants: Iterable[Want],
        method: PaymentMethod,
        *,
        held: Sequence[Part] = (),
        now: datetime,
    ) -> None:
        """Write an order down; what its cart held is still to be taken back."""
        wants = list(wants)
        waits = method is PaymentMethod.BANK_TRANSFER
        self.orders[order_id] = ModelOrder(
            method=method,
            parts=[part for sku, units in wants for part in self._promise(sku, units, held)],
            total=sum((PRICES[sku] * units for sku, units in wants), Decimal(0)),
            expires_at=now + timedelta(days=7) if waits else None,
        )

    def _promise(self, sku: str, units: int, held: Sequence[Part]) -> list[Part]:
        """What is held comes first. Of the rest the first place with enough gives all; else each
        gives what it has, in order.
        """
        taken: Counter[str] = Counter()
        for of, place, held_units in held:
            if of == sku and units:
                taken[place] += min(units, held_units)
                units -= taken[place]
        enough = [place for place in SELLING if self.free(sku, place) >= units]
        for place in enough[:1] or SELLING:
            more = min(units, self.free(sku, place))
            if more:
                taken[place] += more
                units -= more
        assert units == 0, "a test that lets more be ordered than there is"
        for place, count in taken.items():
            self.promised[sku, place] += count
        return [(sku, place, count) for place, count in taken.items()]

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

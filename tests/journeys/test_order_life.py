"""The whole life of many orders, in any order of events: stock and states are always as foretold.

Hypothesis makes up the events; a small model foretells what comes of each. When it finds a story in
which the shop does otherwise, it prints the shortest one. `make order-life` tells it many more.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shop.cart import actions as carts
from shop.cart.errors import OverOrderLimit
from shop.cart.models import CartLine
from shop.catalog.models import Product
from shop.checkout.actions import place_order
from shop.checkout.errors import AlreadyOrdered, CartIsEmpty, OverCustomerLimit
from shop.checkout.rules import AgreedLine, Buyer, Draft
from shop.events.models import Event
from shop.inventory import actions as inventory
from shop.inventory.errors import InvalidStockQuantity, NotEnoughStock, StockIsPromised
from shop.inventory.models import StockLevel, StockLocation
from shop.orders import actions, errors
from shop.orders.models import Allocation, Order
from shop.orders.rules import PaymentMethod, PostalAddress
from tests.builders import ADDRESS, NOON, breaches, draft_of, limit_purchases, put_on_sale
from tests.journeys.shop_model import (
    CUSTOMERS,
    HELD_FOR,
    LIMITED,
    PER_CUSTOMER,
    PER_ORDER,
    PLACES,
    PRICES,
    REMEMBERED_FOR,
    SELLING,
    ModelCart,
    ModelShop,
    Want,
)

logger = logging.getLogger(__name__)

STORIES = int(os.environ.get("STORIES") or (50 if os.environ.get("CI") else 15))
STEPS = 30
STOCK_VERBS: dict[str, tuple[Callable[..., Any], str]] = {
    "receive": (inventory.receive, "units"),
    "adjust": (inventory.adjust, "changes"),
    "count": (inventory.count, "counts"),
}
VERBS: dict[str, tuple[Callable[..., None], str]] = {
    "mark_paid": (actions.mark_paid, "paid"),
    "ship": (actions.ship, "shipped"),
    "complete": (actions.complete, "completed"),
    "cancel": (actions.cancel, "canceled"),
    "refund": (actions.mark_refunded, "refunded"),
}

skus = st.sampled_from(list(PRICES))
places = st.sampled_from(PLACES)
units = st.integers(-6, 12)
baskets = st.dictionaries(skus, st.integers(1, 4), min_size=1)
agreed_lines = st.lists(st.tuples(skus, st.integers(1, 4)), min_size=1, max_size=4)
methods = st.sampled_from([PaymentMethod.BANK_TRANSFER, *PaymentMethod])
buyers = st.sampled_from(list(CUSTOMERS))
# Which of the orders there are: they are counted from the first one, round and round.
picks = st.lists(st.integers(0, 11), min_size=1, max_size=3)


class OrderLife(RuleBasedStateMachine):
    """A shop with three products in two places that sell and one that does not.

    One of the products is limited: carts hold it for a while, and nobody can have much of it.
    """

    told = 0

    def __init__(self) -> None:
        super().__init__()
        # As Django's TestCase does it: a transaction that durable verbs do not see.
        self._rollback = transaction.atomic()
        setattr(self._rollback, "_from_testcase", True)  # noqa: B010  (Django's own, not in stubs)
        self._rollback.__enter__()
        self._travel = time_machine.travel(NOON, tick=False)
        self.clock = self._travel.start()
        self.now = NOON
        self.model = ModelShop()
        self.carts: dict[UUID, ModelCart] = {}

    def teardown(self) -> None:
        try:
            self._check_the_end()
        finally:
            self._travel.stop()
            transaction.set_rollback(True)
            self._rollback.__exit__(None, None, None)
        OrderLife.told += 1
        if OrderLife.told % 100 == 0:
            logger.info("%s stories", OrderLife.told)

    @initialize(stock=st.lists(st.integers(1, 8), min_size=6, max_size=6))
    def open_the_shop(self, stock: list[int]) -> None:
        for position, place in enumerate(PLACES):
            inventory.add_location(code=place, name=place, position=position)
        StockLocation.objects.filter(code="returns").update(is_active=False)
        self.variants = {
            sku: put_on_sale(sku, price=str(price), stock=0) for sku, price in PRICES.items()
        }
        limit_purchases(
            self.variants[LIMITED],
            order_limit=PER_ORDER,
            customer_limit=PER_CUSTOMER,
            hold_minutes=int(HELD_FOR.total_seconds()) // 60,
        )
        for (sku, place), n in zip(product(PRICES, SELLING), stock, strict=True):
            self.change_stock("receive", sku, place, n)

    def expect(self, refusal: type[Exception] | None, verb: Callable[[], Any]) -> Any:
        """Do it; it is refused for this reason, or not at all."""
        if refusal is None:
            return verb()
        with pytest.raises(refusal):
            verb()
        return None

    # --- Stock ------------------------------------------------------------------------------------

    @rule(verb=st.sampled_from(["receive", "adjust", "count"]), sku=skus, place=places, n=units)
    def change_stock(self, verb: str, sku: str, place: str, n: int) -> None:
        action, argument = STOCK_VERBS[verb]
        change = n - self.model.on_hand[sku, place] if verb == "count" else n
        refusal = self._refusal_of_stock(verb, n) or self._refusal_of_change(sku, place, change)
        numbers: dict[str, Any] = {argument: {self.variants[sku]: n}}
        self.expect(refusal, lambda: action(**numbers, location_code=place, reference="story"))
        if refusal is None:
            self.model.on_hand[sku, place] += change

    def _refusal_of_stock(self, verb: str, n: int) -> type[Exception] | None:
        wrong = {"receive": n < 1, "adjust": n == 0, "count": n < 0}
        return InvalidStockQuantity if wrong[verb] else None

    def _refusal_of_change(self, sku: str, place: str, change: int) -> type[Exception] | None:
        if self.model.on_hand[sku, place] + change < 0:
            return InvalidStockQuantity
        return StockIsPromised if self.model.free(sku, place) + change < 0 else None

    # --- Orders -----------------------------------------------------------------------------------

    @rule(basket=baskets)
    def fill_a_cart(self, basket: dict[str, int]) -> None:
        """It may be ordered later, when its things are gone, or twice."""
        self._fill(basket)

    def _fill(self, basket: dict[str, int]) -> UUID:
        cart_id = carts.open_cart(user_id=None)
        self.carts[cart_id] = ModelCart()
        for sku, n in basket.items():
            self._put_in(cart_id, sku, n)
        return cart_id

    def _open_cart(self, pick: int) -> UUID | None:
        """Return one of the carts that are not ordered yet, if there is any."""
        ids = [id_ for id_, cart in self.carts.items() if cart.order_id is None]
        return ids[pick % len(ids)] if ids else None

    def _put_in(self, cart_id: UUID, sku: str, n: int) -> None:
        """Put so many more in a cart."""
        cart = self.carts[cart_id]
        wanted = cart.basket.get(sku, 0) + n
        refusal = self._refusal_in_cart(cart, sku, wanted)
        variant_id = self.variants[sku]
        self.expect(refusal, lambda: carts.add(cart_id=cart_id, variant_id=variant_id, quantity=n))
        if refusal is None:
            self.model.put_in_cart(cart, sku, wanted, now=self.now)

    def _refusal_in_cart(self, cart: ModelCart, sku: str, wanted: int) -> type[Exception] | None:
        if self.model.is_over_order_limit(cart, sku, wanted):
            return OverOrderLimit
        return NotEnoughStock if self.model.short_of([(sku, wanted)], cart) else None

    @rule(pick=st.integers(0, 11), sku=skus, n=st.integers(1, 3))
    def put_more_in_a_cart(self, pick: int, sku: str, n: int) -> None:
        cart_id = self._open_cart(pick)
        if cart_id is not None:
            self._put_in(cart_id, sku, n)

    @rule(pick=st.integers(0, 11), n=st.integers(1, 4))
    def change_a_line(self, pick: int, n: int) -> None:
        """More or less of what came into a cart first."""
        cart_id = self._open_cart(pick)
        if cart_id is None or not self.carts[cart_id].basket:
            return
        cart = self.carts[cart_id]
        sku = next(iter(cart.basket))
        line = CartLine.objects.get(cart=cart_id, variant=self.variants[sku])
        refusal = self._refusal_in_cart(cart, sku, n)
        self.expect(refusal, lambda: carts.change(cart_id=cart_id, line_id=line.id, quantity=n))
        if refusal is None:
            self.model.put_in_cart(cart, sku, n, now=self.now)

    @rule(pick=st.integers(0, 11))
    def throw_a_cart_away(self, pick: int) -> None:
        cart_id = self._open_cart(pick)
        if cart_id is not None:
            carts.discard(cart_id=cart_id)
            self.model.take_back(self.carts.pop(cart_id))

    @precondition(lambda self: self.carts)
    @rule(pick=st.integers(0, 11), method=methods, buyer=buyers)
    def order_a_cart(self, pick: int, method: PaymentMethod, buyer: str) -> None:
        self._order_cart(list(self.carts)[pick % len(self.carts)], method, buyer)

    def _order_cart(self, cart_id: UUID, method: PaymentMethod, buyer: str) -> None:
        cart = self.carts[cart_id]
        email, street = CUSTOMERS[buyer]
        draft = replace(
            draft_of(cart_id, payment=method),
            buyer=Buyer(
                email=f"{email}@example.com",
                address=replace(ADDRESS, name=buyer, line1=street),
            ),
        )
        refusal = self._refusal_of_order(cart, buyer)
        outcome = self.expect(refusal, lambda: place_order(draft=draft))
        if outcome is not None:
            self.model.place_cart(outcome.order_id, cart, method, buyer=buyer, now=self.now)

    def _refusal_of_order(self, cart: ModelCart, buyer: str) -> type[Exception] | None:
        if cart.order_id is not None:
            return AlreadyOrdered
        if not cart.basket:
            return CartIsEmpty
        if self.model.is_over_limit(buyer, cart.basket.get(LIMITED, 0)):
            return OverCustomerLimit
        return NotEnoughStock if self.model.short_of(cart.basket.items(), cart) else None

    @rule(lines=agreed_lines, method=methods)
    def order_what_was_agreed(self, lines: list[Want], method: PaymentMethod) -> None:
        draft = Draft(
            buyer=Buyer(email="", address=PostalAddress()),
            payment_method=method,
            origin=f"till:{Order.objects.count()}",
            lines=tuple(AgreedLine(self.variants[sku], n, PRICES[sku]) for sku, n in lines),
        )
        refusal = NotEnoughStock if self.model.short_of(lines) else None
        outcome = self.expect(refusal, lambda: place_order(draft=draft))
        if outcome is not None:
            self.model.place(outcome.order_id, lines, method, now=self.now)

    @rule(basket=baskets, method=methods, buyer=buyers)
    def order_at_once(self, basket: dict[str, int], method: PaymentMethod, buyer: str) -> None:
        self._order_cart(self._fill(basket), method, buyer)

    def _pick(self, picks: list[int]) -> list[int]:
        ids = list(self.model.orders)
        return [ids[pick % len(ids)] for pick in picks]

    @precondition(lambda self: self.model.orders)
    @rule(verb=st.sampled_from(list(VERBS)), picks=picks)
    def take_a_step(self, verb: str, picks: list[int]) -> None:
        order_ids = self._pick(picks)
        name = self.model.refusal(verb, order_ids)
        action, kind = VERBS[verb]
        refusal = getattr(errors, name) if name else None
        self.expect(refusal, lambda: action(order_ids=order_ids, by=None))
        if refusal is None:
            self.model.advance(verb, kind, order_ids)

    @precondition(lambda self: self.model.orders)
    @rule(verb=st.sampled_from(list(VERBS)), pick=st.integers(0, 11))
    def take_one_a_step(self, verb: str, pick: int) -> None:
        self.take_a_step(verb, [pick])

    @precondition(lambda self: self.model.orders)
    @rule(picks=picks)
    def settle(self, picks: list[int]) -> None:
        order_ids = self._pick(picks)
        actions.settle(order_ids=order_ids, by=None)
        for order_id in set(order_ids):
            for verb, kind in self.model.steps_to_the_end(order_id):
                self.model.advance(verb, kind, [order_id])

    @rule(days=st.integers(0, 5), minutes=st.sampled_from([0, 10, 30]))
    def time_goes_by(self, days: int, minutes: int) -> None:
        """What does things by itself does them at once."""
        self.now += timedelta(days=days, minutes=minutes)
        self.clock.move_to(self.now)
        due = self.model.due(self.now)
        assert actions.expire_unpaid(now=self.now) == len(due)
        self.model.advance("cancel", "expired", due)
        ended = self.model.let_holds_end(self.carts.values(), self.now)
        assert inventory.end_expired_holds(now=self.now) == ended
        inventory.forget_terms(before=self.now - REMEMBERED_FOR)

    @rule()
    def minutes_go_by(self) -> None:
        self.time_goes_by(0, 10)

    # --- As foretold ------------------------------------------------------------------------------

    @invariant()
    def stock_is_as_foretold(self) -> None:
        levels = StockLevel.objects.values_list(
            "variant__sku", "location__code", "on_hand", "promised"
        )
        for sku, place, on_hand, promised in levels:
            foretold = self.model.on_hand[sku, place], self.model.promised[sku, place]
            assert (on_hand, promised) == foretold, (sku, place)
        assert sum(row[2] for row in levels) == self.model.on_hand.total()
        flags = dict(Product.objects.values_list("code", "in_stock"))
        assert flags == {sku: self.model.available(sku) > 0 for sku in flags}

    @invariant()
    def orders_are_as_foretold(self) -> None:
        rows = Order.objects.values_list(
            "id", "status", "payment_state", "fulfilment_state", "expires_at", "total"
        )
        assert {
            order_id: (", ".join(states), expires_at, total)
            for order_id, *states, expires_at, total in rows
        } == {
            order_id: (order.state, order.expires_at, order.total)
            for order_id, order in self.model.orders.items()
        }

    def _check_the_end(self) -> None:
        assert breaches() == []
        for order_id, order in self.model.orders.items():
            parts = Allocation.objects.filter(line__order_id=order_id).order_by("id")
            found = parts.values_list("level__variant__sku", "level__location__code", "quantity")
            assert list(found) == order.parts
            news = Event.objects.filter(subject=f"order:{order_id}").order_by("id")
            assert list(news.values_list("name", flat=True)) == [f"order.{n}" for n in order.news]
            assert Order.objects.get(id=order_id).history.count() == len(order.news) - 1


@pytest.mark.django_db
def test_the_life_of_orders() -> None:
    run_state_machine_as_test(
        OrderLife,
        settings=settings(
            max_examples=STORIES,
            stateful_step_count=STEPS,
            deadline=None,
            # The shortest story that fails says enough: why is for the reader to find out.
            phases=set(Phase) - {Phase.explain},
            suppress_health_check=list(HealthCheck),
        ),
    )

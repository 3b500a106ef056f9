"""The whole life of many orders, in any order of events: stock and states are always as foretold.

Hypothesis makes up the events; a small model foretells what comes of each. When it finds a story in
which the shop does otherwise, it prints the shortest one. `make order-life` tells it many more.
"""

import logging
import os
from collections.abc import Callable
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

from shop.catalog.models import Product
from shop.checkout.actions import place_order
from shop.checkout.errors import AlreadyOrdered
from shop.checkout.rules import AgreedLine, Buyer, Draft
from shop.events.models import Event
from shop.inventory import actions as inventory
from shop.inventory.errors import InvalidStockQuantity, NotEnoughStock, StockIsPromised
from shop.inventory.models import StockLevel, StockLocation
from shop.orders import actions, errors
from shop.orders.models import Allocation, Order
from shop.orders.rules import PaymentMethod, PostalAddress
from tests.builders import NOON, breaches, draft_of, fill_cart, put_on_sale
from tests.journeys.shop_model import PLACES, PRICES, SELLING, ModelShop, Want

logger = logging.getLogger(__name__)

STORIES = int(os.environ.get("STORIES", "50"))
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
# Which of the orders there are: they are counted from the first one, round and round.
picks = st.lists(st.integers(0, 11), min_size=1, max_size=3)


class OrderLife(RuleBasedStateMachine):
    """A shop with two products in two places that sell and one that does not."""

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
        self.carts: list[tuple[UUID, dict[str, int]]] = []
        self.ordered: dict[UUID, int] = {}

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

    @initialize(stock=st.lists(st.integers(1, 8), min_size=4, max_size=4))
    def open_the_shop(self, stock: list[int]) -> None:
        for position, place in enumerate(PLACES):
            inventory.add_location(code=place, name=place, position=position)
        StockLocation.objects.filter(code="returns").update(is_active=False)
        self.variants = {
            sku: put_on_sale(sku, price=str(price), stock=0) for sku, price in PRICES.items()
        }
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
        """It may be ordered at once, later, when its things are gone, or twice."""
        lines = {self.variants[sku]: units for sku, units in basket.items()}
        refusal = NotEnoughStock if self.model.short_of(basket.items()) else None
        cart_id = self.expect(refusal, lambda: fill_cart(lines))
        if cart_id is not None:
            self.carts.append((cart_id, basket))

    @precondition(lambda self: self.carts)
    @rule(pick=st.integers(0, 11), method=methods)
    def order_it(self, pick: int, method: PaymentMethod) -> None:
        cart_id, basket = self.carts[pick % len(self.carts)]
        if cart_id in self.ordered:
            self._order(AlreadyOrdered, draft_of(cart_id, payment=method), [])
            return
        refusal = NotEnoughStock if self.model.short_of(basket.items()) else None
        order_id = self._order(refusal, draft_of(cart_id, payment=method), list(basket.items()))
        if order_id is not None:
            self.ordered[cart_id] = order_id

    @rule(lines=agreed_lines, method=methods)
    def order_what_was_agreed(self, lines: list[Want], method: PaymentMethod) -> None:
        draft = Draft(
            buyer=Buyer(email="", address=PostalAddress()),
            payment_method=method,
            origin=f"till:{Order.objects.count()}",
            lines=tuple(AgreedLine(self.variants[sku], n, PRICES[sku]) for sku, n in lines),
        )
        self._order(NotEnoughStock if self.model.short_of(lines) else None, draft, lines)

    def _order(
        self, refusal: type[Exception] | None, draft: Draft, wants: list[Want]
    ) -> int | None:
        outcome = self.expect(refusal, lambda: place_order(draft=draft))
        if outcome is None:
            return None
        order_id: int = outcome.order_id
        self.model.place(order_id, wants, draft.payment_method, now=self.now)
        return order_id

    @rule(basket=baskets, method=methods)
    def order_at_once(self, basket: dict[str, int], method: PaymentMethod) -> None:
        before = len(self.carts)
        self.fill_a_cart(basket)
        if len(self.carts) > before:
            self.order_it(before, method)

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

    @rule(days=st.integers(0, 5))
    def time_goes_by(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.clock.move_to(self.now)
        due = self.model.due(self.now)
        assert actions.expire_unpaid(now=self.now) == len(due)
        self.model.advance("cancel", "expired", due)

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

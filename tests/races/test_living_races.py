"""Orders and carts that two change at the same moment, and stock that two receive."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from shop.accounts.models import User
from shop.cart import actions as carts
from shop.cart.models import Cart, CartLine
from shop.inventory import actions as inventory
from shop.inventory.models import StockLevel, StockMovement
from shop.ops.relaying import relay_until
from shop.orders import actions as orders
from shop.orders.actions import living
from shop.orders.models import Order, OrderEvent
from shop.orders.rules import PaymentMethod
from tests.builders import breaches, fill_cart, order_states, place, put_on_sale, stock_of
from tests.races.racing import meet_after, race, without_locks

pytestmark = pytest.mark.django_db(transaction=True)

IN_A_YEAR = timezone.now() + timedelta(days=365)


def place_by_transfer(variant_id: int, *, count: int = 1) -> list[int]:
    return [place({variant_id: 1}, payment=PaymentMethod.BANK_TRANSFER) for _ in range(count)]


# --- Paid at the moment it expires ----------------------------------------------------------------


def while_it_expires(verb: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let the verb find the order first, and the clock strike before it has written anything."""
    found, expired = threading.Event(), threading.Event()
    lock = living._lock

    def lock_and_wait(order_ids: list[int]) -> Any:
        locked = lock(order_ids)
        found.set()
        expired.wait(10)
        return locked

    def expire() -> int:
        found.wait(10)
        try:
            return orders.expire_unpaid(now=IN_A_YEAR)
        finally:
            expired.set()

    monkeypatch.setattr(living, "_lock", lock_and_wait)
    return race(verb, expire)


def pay_while_it_expires(order_id: int, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    return while_it_expires(lambda: orders.mark_paid(order_ids=[order_id], by=None), monkeypatch)


@pytest.mark.overlap
def test_whoever_pays_at_the_last_moment_has_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    mug = put_on_sale("mug", stock=10)
    (order_id,) = place_by_transfer(mug)

    assert pay_while_it_expires(order_id, monkeypatch) == [None, 0]

    assert order_states(order_id) == ("Pending", "Paid", "Unshipped")
    assert stock_of(mug) == (10, 1)
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_locks_it_is_paid_and_its_stock_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=10)
    (order_id,) = place_by_transfer(mug)
    without_locks(monkeypatch)

    assert pay_while_it_expires(order_id, monkeypatch) == [None, 1]

    assert order_states(order_id) == ("Pending", "Paid", "Unshipped")
    assert stock_of(mug) == (10, 0)
    assert breaches() != []


# --- Canceled at the moment it expires ------------------------------------------------------------


def cancel_while_it_expires(order_id: int, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    return while_it_expires(lambda: orders.cancel(order_ids=[order_id], by=None), monkeypatch)


def test_an_order_is_canceled_or_expires_never_both() -> None:
    mug = put_on_sale("mug", stock=10)
    for _ in range(5):
        (order_id,) = place_by_transfer(mug)
        race(
            partial(orders.cancel, order_ids=[order_id], by=None),
            lambda: orders.expire_unpaid(now=IN_A_YEAR),
        )

        assert order_states(order_id) == ("Canceled", "Unpaid", "Unshipped")
        # On servers, whoever expires leaves alone what another has locked.
        orders.expire_unpaid(now=IN_A_YEAR)
        assert OrderEvent.objects.filter(order_id=order_id).count() == 1
    assert stock_of(mug) == (10, 0)
    assert breaches() == []


@pytest.mark.overlap
def test_whoever_cancels_at_the_last_moment_has_canceled(monkeypatch: pytest.MonkeyPatch) -> None:
    mug = put_on_sale("mug", stock=10)
    (order_id,) = place_by_transfer(mug)

    assert cancel_while_it_expires(order_id, monkeypatch) == [None, 0]

    assert OrderEvent.objects.get().kind == "canceled"
    assert stock_of(mug) == (10, 0)
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_locks_it_is_canceled_and_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    (order_id,) = place_by_transfer(put_on_sale("mug", stock=10))
    without_locks(monkeypatch)

    assert cancel_while_it_expires(order_id, monkeypatch) == [None, 1]

    assert set(OrderEvent.objects.values_list("kind", flat=True)) == {"canceled", "expired"}


# --- Expired by many ------------------------------------------------------------------------------


def test_of_many_relays_one_gives_the_stock_back() -> None:
    mug = put_on_sale("mug", stock=10)
    placed = place_by_transfer(mug, count=3)
    Order.objects.update(expires_at=timezone.now())
    stop, deadline = threading.Event(), time.monotonic() + 60

    def relay() -> None:
        relay_until(stop)

    def wait_for_the_stock() -> None:
        while stock_of(mug) != (10, 0) and time.monotonic() < deadline:
            time.sleep(0.05)
        stop.set()

    assert race(relay, relay, relay, wait_for_the_stock) == [None] * 4

    assert {order_states(order_id)[0] for order_id in placed} == {"Canceled"}
    assert list(OrderEvent.objects.values_list("kind", flat=True)) == ["expired"] * 3
    assert breaches() == []


def test_many_relays_expire_each_order_once() -> None:
    mug = put_on_sale("mug", stock=10)
    placed = place_by_transfer(mug, count=6)

    results = race(*[lambda: orders.expire_unpaid(now=IN_A_YEAR)] * 3)

    assert sum(results) == 6
    assert {order_states(order_id)[0] for order_id in placed} == {"Canceled"}
    assert OrderEvent.objects.count() == 6
    assert stock_of(mug) == (10, 0)
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_locks_an_order_expires_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    place_by_transfer(put_on_sale("mug", stock=10))
    without_locks(monkeypatch)
    both_have_found_it = threading.Barrier(2, timeout=10)
    cancel = living._cancel

    def meet_and_cancel(found: Sequence[Order], **options: Any) -> None:
        both_have_found_it.wait()
        cancel(found, **options)

    monkeypatch.setattr(living, "_cancel", meet_and_cancel)

    assert race(*[lambda: orders.expire_unpaid(now=IN_A_YEAR)] * 2) == [1, 1]

    assert OrderEvent.objects.count() == 2


# --- Filled from two windows ----------------------------------------------------------------------


def add_one(cart_id: Any, variant_id: int) -> Callable[[], None]:
    return lambda: carts.add(cart_id=cart_id, variant_id=variant_id, quantity=1)


def test_what_two_windows_put_in_adds_up() -> None:
    mug = put_on_sale("mug", stock=10)
    cart_id = fill_cart({})

    assert race(*[add_one(cart_id, mug)] * 6) == [None] * 6

    assert CartLine.objects.get().quantity == 6
    assert Cart.objects.get().version == 6


@pytest.mark.overlap
def test_twin_without_locks_one_window_forgets_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    mug = put_on_sale("mug", stock=10)
    cart_id = fill_cart({mug: 1})
    without_locks(monkeypatch)
    check = meet_after(carts._check_can_buy, parties=2)
    monkeypatch.setattr(carts, "_check_can_buy", check)

    assert race(*[add_one(cart_id, mug)] * 2) == [None] * 2

    assert CartLine.objects.get().quantity == 2


def test_somebody_who_comes_by_many_windows_has_one_cart(alice: User) -> None:
    found = race(*[lambda: carts.open_cart(user_id=alice.id)] * 6)

    assert found == [Cart.objects.get().id] * 6


# --- Received at two doors ------------------------------------------------------------------------


def test_what_comes_in_at_two_doors_adds_up() -> None:
    """Nobody had seen the mug before: both doors open its level."""
    mug = put_on_sale("mug", stock=0)

    def receive() -> None:
        inventory.receive(units={mug: 5}, location_code="main", reference="delivery")

    assert race(*[receive] * 4) == [None] * 4

    assert StockLevel.objects.get().on_hand == 20
    assert StockMovement.objects.count() == 4
    assert breaches() == []


def test_what_is_counted_while_it_comes_in_stays_in_the_ledger() -> None:
    mug = put_on_sale("mug", stock=7)

    race(
        lambda: inventory.receive(units={mug: 5}, location_code="main", reference="delivery"),
        lambda: inventory.count(counts={mug: 3}, location_code="main", reference="count"),
    )

    # Counted before the delivery, or after it.
    assert stock_of(mug) in {(8, 0), (3, 0)}
    assert breaches() == []

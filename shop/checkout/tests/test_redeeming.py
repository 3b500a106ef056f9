"""Ordering what the cart holds: the promise passes on, never twice and never lost."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from shop.cart.models import CartLine
from shop.checkout.actions import commit_orders, place_order
from shop.checkout.rules import Outcome, Refused
from shop.inventory import actions as inventory
from shop.inventory.errors import NotEnoughStock
from shop.inventory.models import Hold, StockLevel, StockLocation
from shop.orders import actions as orders
from shop.orders.models import Allocation, Order
from tests.builders import NOON, draft_of, fill_cart, limit_purchases, place, put_on_sale, stock_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def mug(clock: time_machine.Traveller) -> int:
    """Return a mug that carts hold for ten minutes; ten of it are there."""
    mug = put_on_sale("mug", stock=10)
    limit_purchases(mug, hold_minutes=10)
    return mug


def allocated() -> list[tuple[str, int]]:
    rows = Allocation.objects.order_by("level__location__code", "id")
    return list(rows.values_list("level__location__code", "quantity"))


def kinds(outcomes: list[Outcome]) -> list[str]:
    return [
        type(outcome.refusal if isinstance(outcome, Refused) else outcome).__name__
        for outcome in outcomes
    ]


def test_what_is_held_is_ordered(mug: int) -> None:
    cart_id = fill_cart({mug: 10})

    place_order(draft=draft_of(cart_id))

    assert not Hold.objects.exists()
    assert (stock_of(mug), allocated()) == ((10, 10), [("main", 10)])
    orders.cancel(order_ids=[Order.objects.get().id], by=None)
    assert stock_of(mug) == (10, 0)


def test_held_for_one_cart_is_not_there_for_another(mug: int, alice: Any) -> None:
    held = fill_cart({mug: 8})
    # Without a hold of its own: what it wants was there when it was put in.
    other = fill_cart({}, user=alice)
    CartLine.objects.create(cart_id=other, variant_id=mug, quantity=3)

    with pytest.raises(NotEnoughStock) as caught:
        place_order(draft=draft_of(other, user=alice))
    assert (caught.value.wanted, caught.value.available) == (3, 2)
    assert stock_of(mug) == (10, 8)

    place_order(draft=draft_of(held))
    assert stock_of(mug) == (10, 8)


def test_a_refused_order_keeps_what_is_held(mug: int) -> None:
    tea = put_on_sale("tea", stock=1)
    cart_id = fill_cart({mug: 4, tea: 1})
    place({tea: 1})

    with pytest.raises(NotEnoughStock):
        place_order(draft=draft_of(cart_id))

    assert list(Hold.objects.values_list("holder", "quantity")) == [(cart_id, 4)]
    assert stock_of(mug) == (10, 4)


@pytest.mark.parametrize("is_swept", [False, True])
def test_a_hold_that_has_ended_stops_nobody(
    mug: int, clock: time_machine.Traveller, *, is_swept: bool
) -> None:
    cart_id = fill_cart({mug: 10})
    clock.shift(11 * MINUTE)
    if is_swept:
        inventory.end_expired_holds(now=NOON + 11 * MINUTE)

    place_order(draft=draft_of(cart_id))

    assert not Hold.objects.exists()
    assert stock_of(mug) == (10, 10)


def test_but_what_others_have_bought_since_is_gone(mug: int, clock: time_machine.Traveller) -> None:
    cart_id = fill_cart({mug: 10})
    clock.shift(11 * MINUTE)
    inventory.end_expired_holds(now=NOON + 11 * MINUTE)
    place({mug: 1})

    with pytest.raises(NotEnoughStock):
        place_order(draft=draft_of(cart_id))


def test_a_hold_and_the_rest_from_the_shelf_are_one_allocation(mug: int) -> None:
    cart_id = fill_cart({mug: 4})
    CartLine.objects.filter(cart_id=cart_id).update(quantity=6)

    place_order(draft=draft_of(cart_id))

    assert (stock_of(mug), allocated()) == ((10, 6), [("main", 6)])


def test_what_is_held_and_not_ordered_goes_back(mug: int) -> None:
    cart_id = fill_cart({mug: 8})
    CartLine.objects.filter(cart_id=cart_id).update(quantity=3)
    other = fill_cart({})
    CartLine.objects.create(cart_id=other, variant_id=mug, quantity=7)

    outcomes = commit_orders(drafts=[draft_of(cart_id), draft_of(other)])

    assert kinds(outcomes) == ["Placed", "Placed"]
    assert (stock_of(mug), allocated()) == ((10, 10), [("main", 3), ("main", 7)])


def test_it_comes_from_where_it_is_held_even_where_nothing_is_sold_any_more(mug: int) -> None:
    shed = inventory.add_location(code="shed", name="Shed")
    inventory.receive(units={mug: 5}, location_code="shed", reference="delivery")
    cart_id = fill_cart({mug: 12})
    StockLocation.objects.filter(id=shed).update(position=0)
    inventory.set_location_active(location_id=shed, is_active=False)

    place_order(draft=draft_of(cart_id))

    assert allocated() == [("main", 10), ("shed", 2)]
    assert list(StockLevel.objects.order_by("id").values_list("promised", flat=True)) == [10, 2]


def test_a_batch_of_held_carts(mug: int) -> None:
    carts = [fill_cart({mug: 2}) for _ in range(5)]

    outcomes = commit_orders(drafts=[draft_of(cart_id) for cart_id in carts])

    assert kinds(outcomes) == ["Placed"] * 5
    assert not Hold.objects.exists()
    assert stock_of(mug) == (10, 10)

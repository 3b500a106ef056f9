"""What happens at the same moment: for each race a winner, and a twin that loses unguarded.

SQLite lets one transaction write at a time, so that nobody can race there: the twins, which need
two that overlap, run on the servers.
"""

import pytest
from django.db.models import Model

from shop.cart import actions as carts
from shop.checkout.actions import attempts, place_order, planning
from shop.checkout.errors import AlreadyOrdered
from shop.checkout.models import Attempt
from shop.checkout.rules import Placed, Replayed
from shop.inventory import actions as inventory
from shop.inventory.errors import NotEnoughStock
from shop.inventory.models import Hold, StockLevel, StockMovement
from shop.orders import actions as orders
from shop.orders.actions import living
from shop.orders.models import Allocation, Order, OrderEvent, OrderLine
from tests.builders import breaches, draft_of, fill_cart, put_on_sale, stock_of
from tests.races.racing import (
    meet_after,
    outcomes,
    race,
    take_turns_after,
    without_constraint,
    without_locks,
)

pytestmark = pytest.mark.django_db(transaction=True)


def forget(*tables: type[Model]) -> None:
    for table in tables:
        table._base_manager.all().delete()


def test_a_cart_ordered_twice_at_once_is_one_order() -> None:
    mug = put_on_sale("mug", stock=10)
    cart_id = fill_cart({mug: 2})

    results = race(
        *(lambda key=key: place_order(draft=draft_of(cart_id, key=key)) for key in "abcdefgh")
    )

    assert outcomes(results) == {"Placed": 1, "AlreadyOrdered": 7}
    (order,) = Order.objects.all()
    assert all(
        result.order_id == order.id for result in results if isinstance(result, AlreadyOrdered)
    )
    assert stock_of(mug) == (10, 2)
    assert breaches() == []


@pytest.mark.overlap
def test_without_the_carts_lock_the_database_still_makes_it_one_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=10)
    cart_id = fill_cart({mug: 2})
    _meet_at_the_cart(monkeypatch)

    results = race(*(lambda: place_order(draft=draft_of(cart_id)) for _ in range(2)))

    assert outcomes(results) == {"Placed": 1, "AlreadyOrdered": 1}
    assert stock_of(mug) == (10, 2)
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_lock_and_constraint_a_cart_becomes_two_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=10)
    cart_id = fill_cart({mug: 2})
    without_locks(monkeypatch)
    monkeypatch.setattr(planning, "read_again", take_turns_after(planning.read_again, parties=2))

    with without_constraint(Order, "order_origin_once"):
        results = race(*(lambda: place_order(draft=draft_of(cart_id)) for _ in range(2)))

        assert outcomes(results) == {"Placed": 2}
        assert f"one-order-per-origin: origin cart:{cart_id}: there are 2 of them" in breaches()
        forget(Allocation, OrderLine, OrderEvent, Order)


def test_the_last_unit_is_sold_once() -> None:
    mug = put_on_sale("mug", stock=1)
    carts = [fill_cart({mug: 1}) for _ in range(8)]

    results = race(*(lambda id_=id_: place_order(draft=draft_of(id_)) for id_ in carts))

    assert outcomes(results) == {"Placed": 1, "StockChanged": 7}
    assert {result.available for result in results if isinstance(result, NotEnoughStock)} == {0}
    assert stock_of(mug) == (1, 1)
    assert breaches() == []


@pytest.mark.overlap
def test_without_the_stocks_lock_the_database_still_refuses_to_oversell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=1)
    carts = [fill_cart({mug: 1}) for _ in range(2)]
    _meet_at_the_shelf(monkeypatch)

    results = race(*(lambda id_=id_: place_order(draft=draft_of(id_)) for id_ in carts))

    assert outcomes(results) == {"Placed": 1, "CheckoutFailed": 1}
    assert stock_of(mug) == (1, 1)
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_lock_and_constraint_the_last_unit_is_sold_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=1)
    carts = [fill_cart({mug: 1}) for _ in range(2)]
    _meet_at_the_shelf(monkeypatch)

    with without_constraint(StockLevel, "level_promised_within_on_hand"):
        results = race(*(lambda id_=id_: place_order(draft=draft_of(id_)) for id_ in carts))

        assert outcomes(results) == {"Placed": 2}
        assert "stock-bounds: variant mug at main: 1 on hand, 2 promised" in breaches()
        forget(Allocation, OrderLine, OrderEvent, Order, Hold, StockMovement)


def _meet_at_the_cart(monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch)
    monkeypatch.setattr(carts, "lock", meet_after(carts.lock, parties=2))


def _meet_at_the_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch)
    monkeypatch.setattr(inventory, "lock_shelf", meet_after(inventory.lock_shelf, parties=2))


def test_a_hundred_equal_posts_are_one_order_and_a_hundred_equal_answers() -> None:
    mug = put_on_sale("mug", stock=10)
    draft = draft_of(fill_cart({mug: 1}), key="k")

    results = [
        result
        for _ in range(5)
        for result in race(*(lambda: place_order(draft=draft) for _ in range(20)))
    ]

    assert outcomes(results) == {"Placed": 1, "Replayed": 99}
    answers = {result.answer for result in results if isinstance(result, Placed | Replayed)}
    assert len(answers) == 1
    assert Order.objects.count() == Attempt.objects.count() == 1


@pytest.mark.overlap
def test_twin_without_claiming_the_key_equal_posts_get_different_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=10)
    draft = draft_of(fill_cart({mug: 1}), key="k")
    monkeypatch.setattr(attempts, "claim", lambda *_args, **_options: {})
    monkeypatch.setattr(attempts, "settle", lambda *_args: None)

    results = race(*(lambda: place_order(draft=draft) for _ in range(4)))

    assert outcomes(results) == {"Placed": 1, "AlreadyOrdered": 3}


def test_an_order_is_canceled_once() -> None:
    mug = put_on_sale("mug", stock=5)
    outcome = place_order(draft=draft_of(fill_cart({mug: 3})))

    results = race(
        *(lambda: orders.cancel(order_ids=[outcome.order_id], by=None) for _ in range(6))
    )

    assert outcomes(results) == {"NoneType": 1, "OrderIsCanceled": 5}
    assert OrderEvent.objects.filter(kind="canceled").count() == 1
    assert stock_of(mug) == (5, 0)
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_the_orders_lock_it_is_canceled_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=5)
    outcome = place_order(draft=draft_of(fill_cart({mug: 3})))
    without_locks(monkeypatch)
    monkeypatch.setattr(living, "_lock", meet_after(living._lock, parties=2))

    results = race(
        *(lambda: orders.cancel(order_ids=[outcome.order_id], by=None) for _ in range(2))
    )

    assert outcomes(results) == {"NoneType": 2}
    assert OrderEvent.objects.filter(kind="canceled").count() == 2


def test_carts_of_the_same_things_in_any_order_do_not_deadlock() -> None:
    variants = [put_on_sale(f"mug{number}", stock=100) for number in range(6)]
    carts = [
        fill_cart(dict.fromkeys(variants if number % 2 else reversed(variants), 1))
        for number in range(12)
    ]

    results = race(*(lambda id_=id_: place_order(draft=draft_of(id_)) for id_ in carts))

    assert outcomes(results) == {"Placed": 12}
    assert [stock_of(variant) for variant in variants] == [(100, 12)] * 6
    assert breaches() == []

"""What carts hold, at the moment its time is over, it is ordered, or many want it.

SQLite lets one transaction write at a time, so that nobody can race there: the twins, which need
two that overlap, run on the servers.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from shop.cart import actions as carts
from shop.checkout.actions import place_order
from shop.inventory import actions as inventory
from shop.inventory.actions import holding
from shop.inventory.models import Hold
from shop.orders.models import Order
from tests.builders import breaches, draft_of, fill_cart, limit_purchases, put_on_sale, stock_of
from tests.races.racing import outcomes, race, without_locks

pytestmark = pytest.mark.django_db(transaction=True)

TOMORROW = timezone.now() + timedelta(days=1)


@pytest.fixture
def mug() -> int:
    mug = put_on_sale("mug", stock=10)
    limit_purchases(mug, hold_minutes=10)
    return mug


def order(cart_id: UUID) -> Any:
    return place_order(draft=draft_of(cart_id))


def end_all() -> int:
    return inventory.end_expired_holds(now=TOMORROW)


def test_what_ends_while_it_is_ordered_is_ordered(mug: int) -> None:
    for _ in range(5):
        cart_id = fill_cart({mug: 2})

        placed, ended = race(partial(order, cart_id), end_all)

        assert (type(placed).__name__, ended in {0, 1}) == ("Placed", True)
        assert not Hold.objects.exists()
        assert breaches() == []
    assert stock_of(mug) == (10, 10)


def order_while_it_ends(cart_id: UUID, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let the time strike, and the cart be ordered before anything was given back."""
    found, ordered = threading.Event(), threading.Event()
    release = holding._release

    def wait_and_release(due: Any) -> int:
        found.set()
        ordered.wait(10)
        return release(due)

    def order_then() -> Any:
        found.wait(10)
        try:
            return order(cart_id)
        finally:
            ordered.set()

    monkeypatch.setattr(holding, "_release", wait_and_release)
    return race(end_all, order_then)


@pytest.mark.overlap
def test_what_was_ordered_meanwhile_does_not_end(mug: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, placed = order_while_it_ends(fill_cart({mug: 4}), monkeypatch)

    assert (ended, type(placed).__name__) == (0, "Placed")
    assert stock_of(mug) == (10, 4)
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_locks_it_is_ordered_and_given_back(
    mug: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cart_id = fill_cart({mug: 4})
    meeting = threading.Barrier(2, timeout=10)
    without_locks(monkeypatch)

    def met(function: Callable[..., Any]) -> Callable[..., Any]:
        def read(*args: Any, **options: Any) -> Any:
            found = function(*args, **options)
            meeting.wait()
            return found

        return read

    monkeypatch.setattr(inventory, "held_shares", met(inventory.held_shares))
    monkeypatch.setattr(holding, "_still_there", met(holding._still_there))

    ended, placed = race(end_all, partial(order, cart_id))

    assert (ended, type(placed).__name__) == (1, "Placed")
    assert stock_of(mug) == (10, 0)
    assert "stock-promises: variant mug at main: promised 0, but 4 allocated and 0 held" in (
        breaches()
    )


def test_of_many_relays_one_gives_a_hold_back(mug: int) -> None:
    for _ in range(5):
        fill_cart({mug: 2})

    ended = race(*[end_all] * 4)

    assert sum(ended) == 5
    assert stock_of(mug) == (10, 0)
    assert breaches() == []


def test_many_who_want_to_hold_the_last_ones(mug: int) -> None:
    empty = [fill_cart({}) for _ in range(12)]

    results = race(*(partial(carts.add, cart_id=id_, variant_id=mug, quantity=2) for id_ in empty))

    assert outcomes(results) == {"NoneType": 5, "NotEnoughStock": 7}
    assert (stock_of(mug), Hold.objects.count()) == ((10, 10), 5)
    assert breaches() == []


def test_held_carts_are_ordered_while_others_hold(mug: int) -> None:
    held = [fill_cart({mug: 1}) for _ in range(5)]
    empty = [fill_cart({}) for _ in range(6)]
    wishes: list[Callable[[], Any]] = [partial(order, id_) for id_ in held]
    wishes += [partial(carts.add, cart_id=id_, variant_id=mug, quantity=1) for id_ in empty]

    results = race(*wishes)

    assert outcomes(results) == {"Placed": 5, "NoneType": 5, "NotEnoughStock": 1}
    assert Order.objects.count() == Hold.objects.count() == 5
    assert stock_of(mug) == (10, 10)
    assert breaches() == []

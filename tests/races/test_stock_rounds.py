"""The races for stock, run time after time with one set-up: 50 times in CI.

Each has a twin with its guard off that is certain to lose: here, or where docs/consistency.md says.
SQLite lets one transaction write at a time, so that nobody can race there: the twins run on the
servers.
"""

import itertools
import threading
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from shop.inventory import actions as inventory
from shop.inventory.actions._levels import lock_levels
from shop.inventory.models import Hold, StockLevel, StockMovement
from shop.orders.models import Allocation, Order, OrderEvent, OrderLine
from tests.builders import breaches, fill_cart, limit_purchases, put_on_sale, stock_of
from tests.races.buying import buy, filled
from tests.races.racing import (
    PATIENCE_SECONDS,
    ROUNDS,
    outcomes,
    race,
    track,
    without_constraint,
    without_locks,
)

pytestmark = pytest.mark.django_db(transaction=True)


def set_stock(variant_id: int, on_hand: int) -> None:
    inventory.count(counts={variant_id: on_hand}, location_code="main", reference="before")


def forget(*tables: type[Model]) -> None:
    for table in tables:
        table._base_manager.all().delete()


# --- The last unit --------------------------------------------------------------------------------


def test_the_last_unit_is_sold_once_time_after_time() -> None:
    mug = put_on_sale("mug", stock=0)
    with track(3) as race_again:
        for number in range(1, ROUNDS + 1):
            inventory.receive(units={mug: 1}, location_code="main", reference="one more")

            results = race_again(*(buy(filled({mug: 1})) for _ in range(3)))

            assert outcomes(results) == {"Placed": 1, "StockChanged": 2}
            assert stock_of(mug) == (number, number)
    assert breaches() == []


# --- The same products, the other way round -------------------------------------------------------


# So often a twin may play before it counts as one that cannot lose.
ATTEMPTS = 10


def count_shelves(monkeypatch: pytest.MonkeyPatch, lock: Callable[..., Any]) -> list[Any]:
    """Let checkouts lock their stock by `lock`, and return a list that has who did."""
    locked: list[Any] = []

    def lock_and_count(*, variant_ids: Collection[int]) -> Any:
        locked.append(variant_ids)
        return lock(variant_ids=variant_ids)

    monkeypatch.setattr(inventory, "lock_shelf", lock_and_count)
    return locked


def crossing(mug: int, tea: int) -> list[Callable[[], Any]]:
    return [buy(filled({mug: 1, tea: 1})), buy(filled({tea: 1, mug: 1}))]


def test_carts_that_cross_never_stand_in_each_others_way(monkeypatch: pytest.MonkeyPatch) -> None:
    mug, tea = (put_on_sale(sku, stock=2 * ROUNDS) for sku in ("mug", "tea"))
    locked = count_shelves(monkeypatch, inventory.lock_shelf)
    with track(2) as race_again:
        for _ in range(ROUNDS):
            assert outcomes(race_again(*crossing(mug, tea))) == {"Placed": 2}

    assert len(locked) == 2 * ROUNDS, "the database made somebody begin again"
    assert stock_of(mug) == stock_of(tea) == (2 * ROUNDS, 2 * ROUNDS)
    assert breaches() == []


@pytest.mark.overlap
def test_twin_who_locks_in_the_order_of_the_cart_has_to_begin_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each has one of the two and waits for the other: the database makes one give way."""
    for number in range(ATTEMPTS):
        mug, tea = (put_on_sale(f"{sku}-{number}", stock=2) for sku in ("mug", "tea"))
        with monkeypatch.context() as patch:
            results, locks = _lock_one_by_one(mug, tea, patch)
        # Where it has made the same one give way too often, that one has given up.
        if outcomes(results) == {"Placed": 2}:
            assert locks > 2
            return
    pytest.fail("they have never both come through")


def _lock_one_by_one(mug: int, tea: int, patch: pytest.MonkeyPatch) -> tuple[list[Any], int]:
    ways, both_have_one = itertools.count(), threading.Barrier(2)
    lock_shelf, before = inventory.lock_shelf, threading.local()

    def lock_one_by_one(*, variant_ids: Collection[int]) -> Any:
        if not getattr(before, "locked", False):
            before.locked = True
            lock_shelf(variant_ids=[sorted(variant_ids)[next(ways)]])
            both_have_one.wait(PATIENCE_SECONDS)
        return lock_shelf(variant_ids=variant_ids)

    locked = count_shelves(patch, lock_one_by_one)
    return race(*crossing(mug, tea)), len(locked)


# --- Counted while it is sold ---------------------------------------------------------------------


def count_and_sell(variant_id: int, *, counted: int) -> list[Callable[[], Any]]:
    """Somebody does not find the last unit, and somebody buys it."""
    return [
        partial(
            inventory.count,
            counts={variant_id: counted},
            location_code="main",
            reference="stocktaking",
        ),
        buy(filled({variant_id: 1})),
    ]


def test_a_unit_is_sold_or_counted_away_time_after_time() -> None:
    mug = put_on_sale("mug", stock=0)
    sold = 0
    with track(2) as race_again:
        for _ in range(ROUNDS):
            set_stock(mug, sold + 1)

            results = race_again(*count_and_sell(mug, counted=sold))

            happened = [type(result).__name__ for result in results]
            assert happened in (["StockIsPromised", "Placed"], ["int", "StockChanged"])
            sold += happened[1] == "Placed"
            assert stock_of(mug) == (sold, sold)
    assert breaches() == []


def _meet_at_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both see the level before either writes to it."""
    without_locks(monkeypatch)
    meeting = threading.Barrier(2)

    def meet(function: Callable[..., Any]) -> Callable[..., Any]:
        def met(*args: Any, **options: Any) -> Any:
            result = function(*args, **options)
            meeting.wait(PATIENCE_SECONDS)
            return result

        return met

    monkeypatch.setattr(inventory, "lock_shelf", meet(inventory.lock_shelf))
    monkeypatch.setattr("shop.inventory.actions.stocking.lock_levels", meet(lock_levels))


@pytest.mark.overlap
def test_without_the_levels_lock_the_database_still_refuses_one_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=1)
    _meet_at_the_level(monkeypatch)

    happened = [type(result).__name__ for result in race(*count_and_sell(mug, counted=0))]

    assert happened in (["IntegrityError", "Placed"], ["int", "CheckoutFailed"])
    assert stock_of(mug) in {(1, 1), (0, 0)}
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_lock_and_constraint_what_was_counted_away_is_sold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=1)
    _meet_at_the_level(monkeypatch)

    with without_constraint(StockLevel, "level_promised_within_on_hand"):
        assert outcomes(race(*count_and_sell(mug, counted=0))) == {"int": 1, "Placed": 1}
        assert "stock-bounds: variant mug at main: 0 on hand, 1 promised" in breaches()
        forget(Allocation, OrderLine, OrderEvent, Order, Hold, StockMovement)


# --- Limited products -----------------------------------------------------------------------------


def test_a_customer_gets_what_the_limit_allows_time_after_time() -> None:
    mug = put_on_sale("mug", stock=3 * ROUNDS)
    with track(3) as race_again:
        for number in range(1, ROUNDS + 1):
            limit_purchases(mug, customer_limit=number)

            results = race_again(*(buy(filled({mug: 1})) for _ in range(3)))

            assert outcomes(results) == {"Placed": 1, "OverCustomerLimit": 2}
            assert stock_of(mug) == (3 * ROUNDS, number)
    assert breaches() == []


def test_a_cart_is_ordered_whether_or_not_its_hold_ends_time_after_time() -> None:
    mug = put_on_sale("mug", stock=ROUNDS)
    limit_purchases(mug, hold_minutes=10)
    tomorrow = timezone.now() + timedelta(days=1)
    with track(2) as race_again:
        for number in range(1, ROUNDS + 1):
            cart_id = fill_cart({mug: 1})

            ordered, ended = race_again(
                buy(cart_id), partial(inventory.end_expired_holds, now=tomorrow)
            )

            assert (type(ordered).__name__, ended in {0, 1}) == ("Placed", True)
            assert not Hold.objects.exists()
            assert stock_of(mug) == (ROUNDS, number)
    assert breaches() == []

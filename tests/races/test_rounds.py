"""The races that an order can lose, run time after time with one set-up: 50 times in CI.

Each has a twin with its guard off that is certain to lose: here, or where docs/consistency.md says.
SQLite lets one transaction write at a time, so that nobody can race there: the twins, and what has
to overlap, run on the servers.
"""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from shop.accounts import actions as accounts
from shop.accounts.models import TokenFamily, User
from shop.cart import actions as carts
from shop.cart.models import Cart, CartLine
from shop.catalog import actions as catalog
from shop.checkout.actions import place_order, planning
from shop.events import actions as events
from shop.inventory import actions as inventory
from shop.inventory.actions._levels import lock_levels
from shop.inventory.models import Hold, StockLevel, StockMovement
from shop.orders import actions as orders
from shop.orders.actions import living
from shop.orders.models import Allocation, Order, OrderEvent, OrderLine
from shop.orders.rules import PaymentMethod
from tests.builders import breaches, draft_of, order_states, place, put_on_sale, stock_of
from tests.races.racing import (
    PATIENCE_SECONDS,
    ROUNDS,
    in_turn,
    meet_after,
    race,
    track,
    without_constraint,
    without_locks,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _skip_where_nothing_overlaps(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("overlap") and connection.vendor == "sqlite":
        pytest.skip("SQLite writes one transaction after the other")


def outcomes(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def filled(lines: Mapping[int, int]) -> UUID:
    """Return a guest's new cart, in two statements: a hundred of them are made here."""
    cart = Cart.objects.create()
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant_id=variant_id, quantity=units)
        for variant_id, units in lines.items()
    )
    return cart.id


def buy(cart_id: UUID) -> Callable[[], Any]:
    return partial(place_order, draft=draft_of(cart_id))


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

            assert outcomes(results) == {"Placed": 1, "NotEnoughStock": 2}
            assert stock_of(mug) == (number, number)
    assert breaches() == []


# --- The same products, the other way round -------------------------------------------------------


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
    mug, tea = (put_on_sale(sku, stock=2) for sku in ("mug", "tea"))
    ways, both_have_one = itertools.count(), threading.Barrier(2)
    lock_shelf, before = inventory.lock_shelf, threading.local()

    def lock_one_by_one(*, variant_ids: Collection[int]) -> Any:
        if not getattr(before, "locked", False):
            before.locked = True
            lock_shelf(variant_ids=[sorted(variant_ids)[next(ways)]])
            both_have_one.wait(PATIENCE_SECONDS)
        return lock_shelf(variant_ids=variant_ids)

    locked = count_shelves(monkeypatch, lock_one_by_one)

    assert outcomes(race(*crossing(mug, tea))) == {"Placed": 2}
    assert len(locked) > 2


# --- Canceled while it is completed, or expires ---------------------------------------------------


def cancel_and_settle(order_id: int) -> list[Callable[[], Any]]:
    return [
        partial(orders.cancel, order_ids=[order_id], by=None),
        partial(orders.settle, order_ids=[order_id], by=None),
    ]


def kinds(order_id: int) -> set[str]:
    return set(OrderEvent.objects.filter(order=order_id).values_list("kind", flat=True))


def test_an_order_is_canceled_or_completed_time_after_time() -> None:
    mug = put_on_sale("mug", stock=ROUNDS)
    left = ROUNDS
    with track(2) as race_again:
        for _ in range(ROUNDS):
            order_id = place({mug: 1})

            canceled, settled = race_again(*cancel_and_settle(order_id))

            assert settled is None
            if canceled is None:
                assert order_states(order_id) == ("Canceled", "Unpaid", "Unshipped")
                assert kinds(order_id) == {"canceled"}
            else:
                assert type(canceled).__name__ == "OrderIsCompleted"
                assert order_states(order_id) == ("Completed", "Paid", "Shipped")
                assert kinds(order_id) == {"paid", "shipped", "completed"}
                left -= 1
            assert stock_of(mug) == (left, 0)
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_locks_an_order_is_canceled_and_completed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order_id = place({put_on_sale("mug", stock=5): 3})
    without_locks(monkeypatch)
    monkeypatch.setattr(living, "_lock", meet_after(living._lock, parties=2))

    assert race(*cancel_and_settle(order_id)) == [None, None]

    assert kinds(order_id) == {"canceled", "paid", "shipped", "completed"}
    assert any(said.startswith("line-allocation") for said in breaches())


def test_an_order_is_canceled_or_expires_time_after_time() -> None:
    mug = put_on_sale("mug", stock=10)
    with track(2) as race_again:
        for _ in range(ROUNDS):
            order_id = place({mug: 2}, payment=PaymentMethod.BANK_TRANSFER)
            Order.objects.filter(id=order_id).update(expires_at=timezone.now())

            race_again(
                partial(orders.cancel, order_ids=[order_id], by=None),
                lambda: orders.expire_unpaid(now=timezone.now()),
            )

            assert order_states(order_id) == ("Canceled", "Unpaid", "Unshipped")
            assert OrderEvent.objects.filter(order=order_id).count() == 1
            assert stock_of(mug) == (10, 0)
    assert breaches() == []


# --- Merged by two who sign in --------------------------------------------------------------------


def test_a_guests_cart_goes_to_one_of_two_time_after_time(alice: User, bob: User) -> None:
    mug = put_on_sale("mug", stock=10)
    with track(2) as race_again:
        for number in range(1, ROUNDS + 1):
            guests = filled({mug: 1})

            results = race_again(
                *(partial(carts.merge, cart_id=guests, user_id=user.id) for user in (alice, bob))
            )

            assert outcomes(results) == {"UUID": 1, "UnknownCart": 1}
            assert sum(CartLine.objects.values_list("quantity", flat=True)) == number


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
            assert happened in (["StockIsPromised", "Placed"], ["int", "NotEnoughStock"])
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


# --- A refresh token, used twice ------------------------------------------------------------------


def test_a_refresh_token_is_used_once_time_after_time(alice: User) -> None:
    at = timezone.now()
    with track(2) as race_again:
        for _ in range(ROUNDS):
            family = accounts.open_family(user_id=alice.id, jti="first", expires_at=at)

            results = race_again(
                *(
                    partial(
                        accounts.rotate_family,
                        family_id=family,
                        user_id=alice.id,
                        old_jti="first",
                        new_jti=new,
                        expires_at=at,
                    )
                    for new in "ab"
                )
            )

            assert outcomes(results) == {"NoneType": 1, "SessionEnded": 1}
            assert TokenFamily.objects.count() == 0


# --- Taken off the shelves while it is bought -----------------------------------------------------


def buy_while_it_is_hidden(
    variant_id: int, monkeypatch: pytest.MonkeyPatch, *, among: Callable[..., list[Any]] = race
) -> list[Any]:
    """Let the order be planned, and its cart locked, when the variant is hidden."""
    return in_turn(
        monkeypatch,
        carts,
        "lock",
        first=buy(filled({variant_id: 1})),
        then=partial(
            catalog.change_variant, variant_id=variant_id, changes={"is_published": False}
        ),
        among=among,
        is_kept=False,
    )


def show(variant_id: int) -> None:
    catalog.change_variant(variant_id=variant_id, changes={"is_published": True})


@pytest.mark.overlap
def test_what_was_hidden_meanwhile_is_not_sold_time_after_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=10)
    with track(2) as race_again:
        for _ in range(ROUNDS):
            bought, hidden = buy_while_it_is_hidden(mug, monkeypatch, among=race_again)

            assert (type(bought).__name__, hidden) == ("NotForSale", None)
            show(mug)
    assert (Order.objects.count(), stock_of(mug)) == (0, (10, 0))
    events.deliver_due(limit=10 * ROUNDS)
    assert breaches() == []


@pytest.mark.overlap
def test_twin_who_does_not_read_again_sells_what_is_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = put_on_sale("mug", stock=10)
    monkeypatch.setattr(planning, "read_again", lambda _drafts, before: before)

    bought, hidden = buy_while_it_is_hidden(mug, monkeypatch)

    assert (type(bought).__name__, hidden) == ("Placed", None)
    assert stock_of(mug) == (10, 1)

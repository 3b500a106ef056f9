"""The races of orders, carts and sign-ins, run time after time with one set-up: 50 times in CI.

Each has a twin with its guard off that is certain to lose: here, or where docs/consistency.md says.
SQLite lets one transaction write at a time, so that nobody can race there: the twins, and what has
to overlap, run on the servers.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from shop.accounts import actions as accounts
from shop.accounts.models import TokenFamily, User
from shop.cart import actions as carts
from shop.cart.models import CartLine
from shop.catalog import actions as catalog
from shop.checkout.actions import planning
from shop.events import actions as events
from shop.orders import actions as orders
from shop.orders.actions import living
from shop.orders.models import Order, OrderEvent
from shop.orders.rules import PaymentMethod
from tests.builders import breaches, order_states, place, put_on_sale, stock_of
from tests.races.buying import buy, filled
from tests.races.racing import ROUNDS, in_turn, meet_after, outcomes, race, track, without_locks

pytestmark = pytest.mark.django_db(transaction=True)


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

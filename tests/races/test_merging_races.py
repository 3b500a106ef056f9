"""Carts that are merged while somebody fills, merges or orders them; each race has a twin.

SQLite lets one transaction write at a time, so that nobody can race there: the twins, which need
two that overlap, run on the servers.
"""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from shop.accounts.models import User
from shop.cart import actions as carts
from shop.cart.models import Cart, CartLine
from shop.cart.tests.carts import lines_of
from shop.checkout.actions import place_order
from shop.orders.models import Order, OrderLine
from tests.builders import breaches, draft_of, fill_cart, put_on_sale, stock_of
from tests.races.racing import in_turn, meet_after, outcomes, race, without_locks

pytestmark = pytest.mark.django_db(transaction=True)


def merge(cart_id: UUID, user: User) -> Callable[[], UUID]:
    return lambda: carts.merge(cart_id=cart_id, user_id=user.id)


def order(cart_id: UUID, user: User | None = None) -> Any:
    return place_order(draft=draft_of(cart_id, user=user))


# --- Filled meanwhile -----------------------------------------------------------------------------


def test_what_a_guest_adds_meanwhile_is_in_the_cart_or_refused(alice: User) -> None:
    mug = put_on_sale("mug", stock=100)
    for _ in range(5):
        CartLine.objects.all().delete()
        guests = fill_cart({mug: 2})

        merged, *added = race(
            merge(guests, alice),
            *[lambda id_=guests: carts.add(cart_id=id_, variant_id=mug, quantity=1)] * 3,
        )

        outcome = outcomes(added)
        assert set(outcome) <= {"NoneType", "UnknownCart"}
        assert lines_of(merged) == {"mug": 2 + outcome["NoneType"]}
        assert list(Cart.objects.values_list("id", flat=True)) == [merged]


def add_while_it_is_merged(
    alice: User, monkeypatch: pytest.MonkeyPatch, *, is_kept: bool = True
) -> UUID:
    """Add to one's own cart when the merge has read it, and not yet written."""
    mug = put_on_sale("mug", stock=100)
    own, guests = fill_cart({mug: 1}, user=alice), fill_cart({mug: 2})
    results = in_turn(
        monkeypatch,
        carts,
        "_lines_of",
        first=merge(guests, alice),
        then=lambda: carts.add(cart_id=own, variant_id=mug, quantity=4),
        is_kept=is_kept,
    )
    assert results == [own, None]
    return own


@pytest.mark.overlap
def test_what_is_added_to_ones_own_cart_meanwhile_is_kept(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lines_of(add_while_it_is_merged(alice, monkeypatch)) == {"mug": 7}


@pytest.mark.overlap
def test_twin_without_locks_it_is_forgotten(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch)

    assert lines_of(add_while_it_is_merged(alice, monkeypatch, is_kept=False)) == {"mug": 3}


# --- Merged twice ---------------------------------------------------------------------------------


def test_a_guests_cart_is_merged_once(alice: User) -> None:
    mug = put_on_sale("mug")
    for _ in range(5):
        Cart.objects.all().delete()
        guests = fill_cart({mug: 2})

        results = race(*[merge(guests, alice)] * 4)

        assert outcomes(results) == {"UUID": 1, "UnknownCart": 3}
        cart = Cart.objects.get()
        assert (cart.open_for_id, lines_of(cart.id)) == (alice.id, {"mug": 2})


def test_two_people_do_not_both_get_a_guests_cart(alice: User, bob: User) -> None:
    mug = put_on_sale("mug")
    guests = fill_cart({mug: 2})

    results = race(merge(guests, alice), merge(guests, bob))

    assert outcomes(results) == {"UUID": 1, "UnknownCart": 1}
    assert CartLine.objects.get().quantity == 2


@pytest.mark.overlap
def test_twin_without_locks_two_people_both_get_it(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = put_on_sale("mug")
    guests = fill_cart({mug: 2})
    without_locks(monkeypatch)
    both = meet_after(carts._lock_guests_and_own, parties=2)
    monkeypatch.setattr(carts, "_lock_guests_and_own", both)

    results = race(merge(guests, alice), merge(guests, bob))

    # Both are told that it is theirs now; whether its mugs are there twice or once is chance.
    assert outcomes(results) == {"UUID": 2}
    assert set(CartLine.objects.values_list("quantity", flat=True)) == {2}


def test_two_guests_carts_of_one_person_both_arrive(alice: User) -> None:
    """Signed in on the phone and on the laptop, who had no cart yet."""
    mug, tea = put_on_sale("mug"), put_on_sale("tea")
    first, second = fill_cart({mug: 2}), fill_cart({mug: 3, tea: 1})

    results = race(merge(first, alice), merge(second, alice))

    cart = Cart.objects.get()
    assert results == [cart.id, cart.id]
    assert lines_of(cart.id) == {"mug": 5, "tea": 1}


# --- Ordered meanwhile ----------------------------------------------------------------------------


def test_a_guests_cart_is_merged_or_ordered_never_both(alice: User) -> None:
    mug = put_on_sale("mug", stock=100)
    for _ in range(5):
        guests = fill_cart({mug: 2})
        before = Order.objects.count()

        merged, ordered = race(merge(guests, alice), partial(order, guests))

        if isinstance(merged, UUID):
            assert type(ordered).__name__ in {"UnknownCart", "CartIsEmpty", "CartChanged"}
            assert Order.objects.count() == before
            assert lines_of(merged) == {"mug": 2}
            Cart.objects.filter(id=merged).delete()
        else:
            assert type(merged).__name__ == "CartIsOrdered"
            assert type(ordered).__name__ == "Placed"
            assert Order.objects.count() == before + 1
            assert lines_of(guests) == {"mug": 2}
    assert breaches() == []


@pytest.mark.overlap
def test_who_merges_while_it_is_ordered_is_told(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = put_on_sale("mug")
    guests = fill_cart({mug: 2})

    results = in_turn(
        monkeypatch,
        carts,
        "lock",
        first=lambda: place_order(draft=draft_of(guests)),
        then=merge(guests, alice),
    )

    assert outcomes(results) == {"Placed": 1, "CartIsOrdered": 1}
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_locks_it_is_ordered_and_merged(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = put_on_sale("mug")
    guests = fill_cart({mug: 2})
    without_locks(monkeypatch)

    results = in_turn(
        monkeypatch,
        carts,
        "close",
        first=lambda: place_order(draft=draft_of(guests)),
        then=merge(guests, alice),
    )

    assert outcomes(results) == {"Placed": 1, "UUID": 1}
    assert OrderLine.objects.get().quantity == CartLine.objects.get().quantity == 2


def merge_while_ones_own_is_ordered(
    alice: User, monkeypatch: pytest.MonkeyPatch, *, behind: str
) -> tuple[UUID, list[Any]]:
    """Sign in on the laptop while the phone orders."""
    mug, tea = put_on_sale("mug"), put_on_sale("tea")
    own, guests = fill_cart({mug: 1}, user=alice), fill_cart({tea: 2})
    return own, in_turn(
        monkeypatch,
        carts,
        behind,
        first=lambda: place_order(draft=draft_of(own, user=alice)),
        then=merge(guests, alice),
    )


@pytest.mark.overlap
def test_what_comes_while_ones_own_cart_is_ordered_goes_into_the_next(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, (ordered, merged) = merge_while_ones_own_is_ordered(alice, monkeypatch, behind="lock")

    assert type(ordered).__name__ == "Placed"
    assert merged == Cart.objects.get(open_for=alice).id != own
    assert lines_of(own) == {"mug": 1}
    assert lines_of(merged) == {"tea": 2}
    assert breaches() == []


@pytest.mark.overlap
def test_twin_without_locks_it_goes_into_the_ordered_one(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)
    own, (ordered, merged) = merge_while_ones_own_is_ordered(alice, monkeypatch, behind="close")

    assert type(ordered).__name__ == "Placed"
    assert merged == own
    assert lines_of(own) == {"mug": 1, "tea": 2}
    assert OrderLine.objects.get().sku == "mug"


def test_somebody_who_orders_and_signs_in_at_once(alice: User) -> None:
    mug, tea = put_on_sale("mug", stock=50), put_on_sale("tea", stock=50)
    for _ in range(5):
        Cart.objects.filter(open_for=alice).delete()
        own, guests = fill_cart({mug: 1}, user=alice), fill_cart({tea: 2})
        ordered, merged = race(partial(order, own, alice), merge(guests, alice))

        assert isinstance(merged, UUID)
        assert type(ordered).__name__ in {"Placed", "CartChanged"}
        if type(ordered).__name__ == "Placed" and merged != own:
            assert (lines_of(own), lines_of(merged)) == ({"mug": 1}, {"tea": 2})
        else:
            # Merged first; then all of it was ordered, or none.
            assert lines_of(own) == {"mug": 1, "tea": 2}
    sold = dict.fromkeys(("mug", "tea"), 0)
    for line in OrderLine.objects.all():
        sold[line.sku] += line.quantity
    assert (stock_of(mug)[1], stock_of(tea)[1]) == (sold["mug"], sold["tea"])
    assert breaches() == []

"""What a cart holds for a while: how much of it, for how long, and when it goes back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.conf import settings

from shop.cart import actions, queries
from shop.cart.models import Cart, CartLine
from shop.cart.queries import PricedLine
from shop.cart.tests.carts import lines_of
from shop.inventory import actions as inventory
from shop.inventory.errors import NotEnoughStock
from shop.inventory.models import Hold, HoldTerm
from shop.inventory.tasks import end_expired_holds, forget_hold_terms
from shop.pricing.rules import Terms
from tests.builders import NOON, fill_cart, limit_purchases, put_on_sale, stock_of
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

TERMS = Terms(currency=settings.CURRENCY)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def mug(clock: time_machine.Traveller) -> int:
    """Return a mug that carts hold for ten minutes; ten of it are there."""
    mug = put_on_sale("mug", stock=10)
    limit_purchases(mug, hold_minutes=10)
    return mug


def line_id_of(cart_id: UUID, variant_id: int) -> int:
    return CartLine.objects.get(cart_id=cart_id, variant_id=variant_id).id


def holds() -> list[tuple[UUID, int, datetime]]:
    return list(Hold.objects.order_by("id").values_list("holder", "quantity", "expires_at"))


def only_line(cart_id: UUID) -> PricedLine:
    (line,) = queries.priced(cart_id, terms=TERMS).lines
    return line


def test_what_is_put_in_is_held(mug: int) -> None:
    cart_id = fill_cart({mug: 4})

    assert holds() == [(cart_id, 4, NOON + 10 * MINUTE)]
    assert stock_of(mug) == (10, 4)
    line = only_line(cart_id)
    assert (line.held_until, line.available, line.can_be_had) == (NOON + 10 * MINUTE, 10, True)
    assert queries.priced(cart_id, terms=TERMS).held_until == NOON + 10 * MINUTE
    with pytest.raises(NotEnoughStock) as caught:
        fill_cart({mug: 7})
    assert (caught.value.wanted, caught.value.available) == (7, 6)


def test_what_carts_do_not_hold_is_not_held(clock: time_machine.Traveller) -> None:
    tea = put_on_sale("tea")

    cart_id = fill_cart({tea: 4})

    assert holds() == []
    line = only_line(cart_id)
    assert (line.held_until, line.is_let_go) == (None, False)
    assert Cart.objects.get().held_until is None


def test_more_or_less_is_held_and_never_longer(mug: int, clock: time_machine.Traveller) -> None:
    cart_id = fill_cart({mug: 4})
    line_id = line_id_of(cart_id, mug)

    clock.shift(6 * MINUTE)
    actions.change(cart_id=cart_id, line_id=line_id, quantity=10)
    assert (holds(), stock_of(mug)) == ([(cart_id, 10, NOON + 10 * MINUTE)], (10, 10))
    actions.change(cart_id=cart_id, line_id=line_id, quantity=1)
    assert (holds(), stock_of(mug)) == ([(cart_id, 1, NOON + 10 * MINUTE)], (10, 1))
    actions.add(cart_id=cart_id, variant_id=mug, quantity=2)
    assert (holds(), stock_of(mug)) == ([(cart_id, 3, NOON + 10 * MINUTE)], (10, 3))


def test_what_is_refused_changes_no_hold(mug: int) -> None:
    cart_id = fill_cart({mug: 4})

    with pytest.raises(NotEnoughStock) as caught:
        actions.add(cart_id=cart_id, variant_id=mug, quantity=7)

    assert (caught.value.wanted, caught.value.available) == (11, 10)
    assert (holds(), stock_of(mug)) == ([(cart_id, 4, NOON + 10 * MINUTE)], (10, 4))


def test_a_refused_first_time_begins_no_time(mug: int, clock: time_machine.Traveller) -> None:
    cart_id = fill_cart({})
    with pytest.raises(NotEnoughStock):
        actions.add(cart_id=cart_id, variant_id=mug, quantity=11)
    assert not HoldTerm.objects.exists()

    clock.shift(5 * MINUTE)
    actions.add(cart_id=cart_id, variant_id=mug, quantity=1)

    assert holds() == [(cart_id, 1, NOON + 15 * MINUTE)]


def test_what_is_taken_out_goes_back(mug: int) -> None:
    tea = put_on_sale("tea")
    limit_purchases(tea, hold_minutes=5)
    cart_id = fill_cart({mug: 4, tea: 2})

    actions.remove(cart_id=cart_id, line_id=line_id_of(cart_id, mug))
    assert (stock_of(mug), stock_of(tea)) == ((10, 0), (10, 2))
    assert queries.priced(cart_id, terms=TERMS).held_until == NOON + 5 * MINUTE

    actions.discard(cart_id=cart_id)
    assert (holds(), stock_of(tea)) == ([], (10, 0))


def test_taking_out_and_putting_in_does_not_make_it_longer(
    mug: int, clock: time_machine.Traveller
) -> None:
    cart_id = fill_cart({mug: 4})
    clock.shift(9 * MINUTE)

    actions.remove(cart_id=cart_id, line_id=line_id_of(cart_id, mug))
    actions.add(cart_id=cart_id, variant_id=mug, quantity=4)

    assert holds() == [(cart_id, 4, NOON + 10 * MINUTE)]


def test_when_the_time_is_over_it_is_for_everybody(mug: int, clock: time_machine.Traveller) -> None:
    cart_id = fill_cart({mug: 10})
    clock.shift(10 * MINUTE - timedelta(microseconds=1))
    end_expired_holds()
    assert stock_of(mug) == (10, 10)

    clock.shift(timedelta(microseconds=1))
    # Nothing that has ended is shown, although nobody has swept it away yet.
    assert only_line(cart_id).held_until is None
    end_expired_holds()

    assert (holds(), stock_of(mug)) == ([], (10, 0))
    assert lines_of(cart_id) == {"mug": 10}
    line = only_line(cart_id)
    assert (line.is_let_go, line.available, line.can_be_had) == (True, 10, True)


def test_and_the_same_cart_holds_it_again_a_day_later(
    mug: int, clock: time_machine.Traveller
) -> None:
    cart_id = fill_cart({mug: 4})
    clock.shift(10 * MINUTE)

    # Not swept away yet: what has ended is given back at once.
    actions.add(cart_id=cart_id, variant_id=mug, quantity=1)
    assert (holds(), stock_of(mug), lines_of(cart_id)) == ([], (10, 0), {"mug": 5})
    with pytest.raises(NotEnoughStock):
        actions.add(cart_id=cart_id, variant_id=mug, quantity=6)

    clock.shift(timedelta(hours=24))
    forget_hold_terms()
    actions.add(cart_id=cart_id, variant_id=mug, quantity=1)
    assert holds() == []

    clock.shift(timedelta(microseconds=1))
    forget_hold_terms()
    actions.add(cart_id=cart_id, variant_id=mug, quantity=1)
    assert [quantity for _, quantity, _ in holds()] == [7]


def test_many_end_a_few_at_a_time(
    mug: int, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.inventory.actions.holding.ENDED_AT_ONCE", 2)
    for _ in range(5):
        fill_cart({mug: 2})
    clock.shift(10 * MINUTE)

    assert inventory.end_expired_holds(now=NOON + 10 * MINUTE) == 5

    assert stock_of(mug) == (10, 0)


def test_ending_costs_next_to_nothing_where_there_is_nothing() -> None:
    with queries_named() as names:
        end_expired_holds()

    assert names == ["SELECT inventory_hold"]


def test_it_is_held_where_it_lies_and_sold_out_for_others(mug: int) -> None:
    inventory.add_location(code="shed", name="Shed")
    inventory.receive(units={mug: 5}, location_code="shed", reference="delivery")

    cart_id = fill_cart({mug: 12})

    assert [quantity for _, quantity, _ in holds()] == [10, 2]
    assert only_line(cart_id).held_until == NOON + 10 * MINUTE
    with pytest.raises(NotEnoughStock):
        fill_cart({mug: 4})
    actions.change(cart_id=cart_id, line_id=line_id_of(cart_id, mug), quantity=11)
    assert [quantity for _, quantity, _ in holds()] == [10, 1]


def test_what_carts_hold_no_longer_stays_held_to_its_end(mug: int) -> None:
    cart_id = fill_cart({mug: 4})

    limit_purchases(mug, hold_minutes=None)
    actions.add(cart_id=cart_id, variant_id=mug, quantity=2)

    assert holds() == [(cart_id, 6, NOON + 10 * MINUTE)]
    fill_cart({mug: 1})
    assert stock_of(mug) == (10, 6)


def test_at_sign_in_holds_come_along(mug: int, alice: Any, clock: time_machine.Traveller) -> None:
    tea = put_on_sale("tea")
    limit_purchases(tea, hold_minutes=30)
    own = fill_cart({mug: 3}, user=alice)
    clock.shift(4 * MINUTE)
    guests = fill_cart({mug: 2, tea: 1})

    actions.merge(cart_id=guests, user_id=alice.id)

    # Of the mug, the time that ends first counts.
    assert holds() == [(own, 5, NOON + 10 * MINUTE), (own, 1, NOON + 34 * MINUTE)]
    assert (stock_of(mug), stock_of(tea)) == ((10, 5), (10, 1))
    assert set(HoldTerm.objects.values_list("holder", flat=True)) == {own}
    assert Cart.objects.get().held_until == NOON + 34 * MINUTE


def test_a_time_that_is_over_does_not_begin_anew_at_sign_in(
    mug: int, alice: Any, clock: time_machine.Traveller
) -> None:
    own = fill_cart({mug: 3}, user=alice)
    clock.shift(11 * MINUTE)
    end_expired_holds()
    guests = fill_cart({mug: 2})

    actions.merge(cart_id=guests, user_id=alice.id)
    end_expired_holds()

    assert (holds(), stock_of(mug), lines_of(own)) == ([], (10, 0), {"mug": 5})


def test_holding_has_a_budget(mug: int) -> None:
    cart_id = fill_cart({})
    with queries_named() as first:
        actions.add(cart_id=cart_id, variant_id=mug, quantity=1)
    with queries_named() as again:
        actions.add(cart_id=cart_id, variant_id=mug, quantity=1)
    with queries_named() as removed:
        actions.remove(cart_id=cart_id, line_id=line_id_of(cart_id, mug))

    read = ["SELECT cart_cart", "SELECT cart_cartline", "SELECT catalog_variant"]
    locked = ["SELECT inventory_stocklevel", "SELECT inventory_holdterm"]
    assert first == [
        *read,
        *locked,
        "INSERT inventory_holdterm",
        "SELECT inventory_hold",
        "INSERT inventory_hold",
        "UPDATE inventory_stocklevel",
        "INSERT cart_cartline",
        "UPDATE cart_cart",
    ]
    assert again == [
        *read,
        *locked,
        "SELECT inventory_hold",
        "DELETE inventory_hold",
        "INSERT inventory_hold",
        "UPDATE inventory_stocklevel",
        "UPDATE cart_cartline",
        "UPDATE cart_cart",
    ]
    assert removed[-6:] == [
        "SELECT inventory_hold",
        "SELECT inventory_stocklevel",
        "SELECT inventory_hold",
        "DELETE inventory_hold",
        "UPDATE inventory_stocklevel",
        "UPDATE cart_cart",
    ]

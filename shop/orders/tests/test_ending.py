"""Orders that come to their end by themselves: unpaid too long, or settled elsewhere."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import transaction

from shop.accounts.models import User
from shop.events.models import Event
from shop.orders import actions
from shop.orders.actions import living
from shop.orders.errors import UnknownOrder
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod
from shop.orders.tasks import expire_unpaid_orders
from shop.orders.tests.records import (
    allocations,
    everything,
    history,
    news,
    shipments,
    states,
)
from tests.builders import NOON, place, put_on_sale, stock_of
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

A_WEEK_LATER = NOON + timedelta(days=7)
A_MOMENT = timedelta(microseconds=1)
by_transfer = partial(place, payment=PaymentMethod.BANK_TRANSFER)


@pytest.fixture
def mug() -> int:
    """Return a mug of which ten are there, at noon."""
    return put_on_sale("mug", stock=10)


@pytest.fixture
def waiting(mug: int) -> int:
    """Return an order of three mugs that waits for its money for a week from noon on."""
    with time_machine.travel(NOON, tick=False):
        return by_transfer({mug: 3})


# --- Nobody paid ----------------------------------------------------------------------------------


def test_an_order_is_waited_for_until_its_time_has_come(mug: int, waiting: int) -> None:
    before = everything()

    assert actions.expire_unpaid(now=A_WEEK_LATER - A_MOMENT) == 0
    assert everything() == before
    assert actions.expire_unpaid(now=A_WEEK_LATER) == 1

    assert states() == {waiting: "Canceled, Unpaid, Unshipped"}
    assert Order.objects.get().expires_at is None
    assert stock_of(mug) == (10, 0)
    assert allocations(waiting) == [("mug", "main", 3, "Released")]
    assert history(waiting) == [("expired", None)]
    order = Order.objects.get()
    assert news()[1:] == [
        (
            "order.expired",
            f"order:{waiting}",
            {"order_id": waiting, "number": order.number, "origin": order.origin},
        )
    ]


@pytest.mark.usefixtures("waiting")
def test_an_order_expires_once() -> None:
    assert actions.expire_unpaid(now=A_WEEK_LATER) == 1
    before = everything()

    assert actions.expire_unpaid(now=A_WEEK_LATER + timedelta(days=365)) == 0

    assert everything() == before


def test_only_those_that_wait_for_their_money_expire(mug: int) -> None:
    with time_machine.travel(NOON, tick=False):
        on_delivery, due, paid, canceled = (
            place({mug: 1}),
            by_transfer({mug: 1}),
            by_transfer({mug: 1}),
            by_transfer({mug: 1}),
        )
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        later = by_transfer({mug: 1})
    actions.mark_paid(order_ids=[paid], by=None)
    actions.cancel(order_ids=[canceled], by=None)

    assert actions.expire_unpaid(now=A_WEEK_LATER) == 1

    assert states() == {
        on_delivery: "Pending, Unpaid, Unshipped",
        due: "Canceled, Unpaid, Unshipped",
        paid: "Pending, Paid, Unshipped",
        canceled: "Canceled, Unpaid, Unshipped",
        later: "Pending, Unpaid, Unshipped",
    }
    assert history(canceled) == [("canceled", None)]
    assert stock_of(mug) == (10, 3)


def test_many_expire_a_few_at_a_time(mug: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "EXPIRED_AT_ONCE", 2)
    with time_machine.travel(NOON, tick=False):
        orders = [by_transfer({mug: 1}) for _ in range(5)]

    assert actions.expire_unpaid(now=A_WEEK_LATER) == 5

    assert states() == dict.fromkeys(orders, "Canceled, Unpaid, Unshipped")
    assert stock_of(mug) == (10, 0)
    assert Event.objects.filter(name="order.expired").count() == 5


def test_expiring_costs_no_more_for_many_and_next_to_nothing_for_none(mug: int) -> None:
    written = ["UPDATE orders_order", "INSERT orders_orderevent", "INSERT events_event"]
    allocated = ["SELECT orders_allocation", "UPDATE orders_allocation"]
    stock = ["SELECT inventory_stocklevel", "UPDATE inventory_stocklevel"]
    for count in (1, 8):
        with time_machine.travel(NOON, tick=False):
            for _ in range(count):
                by_transfer({mug: 1})
        with queries_named() as names:
            assert actions.expire_unpaid(now=A_WEEK_LATER) == count
        one_round = ["SELECT orders_order", *written, *allocated, *stock]
        assert names == [*one_round, "SELECT orders_order"]


def test_expiring_and_settling_have_transactions_of_their_own(waiting: int) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        actions.expire_unpaid(now=A_WEEK_LATER)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        actions.settle(order_ids=[waiting], by=None)

    assert states() == {waiting: "Pending, Unpaid, Unshipped"}


def test_the_shop_does_it_by_the_clock(waiting: int) -> None:
    with time_machine.travel(A_WEEK_LATER - A_MOMENT, tick=False):
        expire_unpaid_orders()
    assert states() == {waiting: "Pending, Unpaid, Unshipped"}

    with time_machine.travel(A_WEEK_LATER, tick=False):
        expire_unpaid_orders()
    assert states() == {waiting: "Canceled, Unpaid, Unshipped"}


def test_what_expired_can_be_sold_again() -> None:
    mug = put_on_sale("mug", stock=1)
    with time_machine.travel(NOON, tick=False):
        by_transfer({mug: 1})
    actions.expire_unpaid(now=A_WEEK_LATER)

    second = place({mug: 1})

    assert states()[second] == "Pending, Unpaid, Unshipped"
    assert stock_of(mug) == (1, 1)


# --- Settled elsewhere ----------------------------------------------------------------------------


def test_an_order_settled_elsewhere_is_paid_shipped_and_completed(
    mug: int, waiting: int, sam: User
) -> None:
    actions.settle(order_ids=[waiting], by=sam.id)

    order = Order.objects.get()
    assert states() == {waiting: "Completed, Paid, Shipped"}
    assert order.expires_at is None
    assert stock_of(mug) == (7, 0)
    assert allocations(waiting) == [("mug", "main", 3, "Shipped")]
    assert shipments() == [("mug", "main", -3, order.number, "sam")]
    assert history(waiting) == [("paid", "sam"), ("shipped", "sam"), ("completed", "sam")]
    assert [row[0] for row in news()] == [
        "order.placed",
        "order.paid",
        "order.shipped",
        "order.completed",
    ]


def test_settling_goes_on_from_wherever_an_order_stands(mug: int) -> None:
    new, paid, shipped, both, done, canceled = (place({mug: 1}) for _ in range(6))
    actions.mark_paid(order_ids=[paid, both, done], by=None)
    actions.ship(order_ids=[shipped, both, done], by=None)
    actions.complete(order_ids=[done], by=None)
    actions.cancel(order_ids=[canceled], by=None)

    actions.settle(order_ids=[new, paid, shipped, both, done, canceled], by=None)

    assert states() == {
        **dict.fromkeys([new, paid, shipped, both, done], "Completed, Paid, Shipped"),
        canceled: "Canceled, Unpaid, Unshipped",
    }
    assert stock_of(mug) == (5, 0)
    # Everything happened to each of them once.
    for order_id in (new, paid, shipped, both, done):
        assert sorted(history(order_id)) == [
            ("completed", None),
            ("paid", None),
            ("shipped", None),
        ]
    assert history(canceled) == [("canceled", None)]


def test_settling_twice_changes_nothing(waiting: int) -> None:
    actions.settle(order_ids=[waiting], by=None)
    before = everything()

    actions.settle(order_ids=[waiting], by=None)

    assert everything() == before


def test_settling_no_orders_or_an_unknown_one(waiting: int) -> None:
    before = everything()

    actions.settle(order_ids=[], by=None)
    with pytest.raises(UnknownOrder) as caught:
        actions.settle(order_ids=[waiting, 999_999], by=None)

    assert caught.value.data == {"order_id": 999_999}
    assert everything() == before


def test_settling_many_costs_as_many_queries_as_settling_one() -> None:
    mug = put_on_sale("mug", stock=30)
    one, *twenty = (place({mug: 1}) for _ in range(21))

    with queries_named() as for_one:
        actions.settle(order_ids=[one], by=None)
    with queries_named() as for_twenty:
        actions.settle(order_ids=twenty, by=None)

    assert for_twenty == for_one
    assert len(for_one) == 15

"""Orders are paid, shipped, completed and canceled: what is written, for each and for many."""

from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import transaction
from django.db.models import F

from shop.accounts.models import User
from shop.catalog.models import Product
from shop.events.models import Event
from shop.orders import actions, errors
from shop.orders.models import Order, OrderEvent
from shop.orders.rules import PaymentMethod
from shop.orders.tests.records import allocations, everything, history, news, shipments, states
from shop.orders.tests.test_rules import LIFE, expected
from tests.builders import NOON, place, put_on_sale, stock_of
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

Verb = Callable[..., None]
VERBS: dict[str, Verb] = {
    "mark_paid": actions.mark_paid,
    "ship": actions.ship,
    "complete": actions.complete,
    "cancel": actions.cancel,
    "refund": actions.mark_refunded,
}
# How an order gets where the table of the rules begins.
WAYS: dict[str, list[str]] = {
    "Pending, Unpaid, Unshipped": [],
    "Pending, Paid, Unshipped": ["mark_paid"],
    "Pending, Unpaid, Shipped": ["ship"],
    "Pending, Paid, Shipped": ["mark_paid", "ship"],
    "Completed, Paid, Shipped": ["mark_paid", "ship", "complete"],
    "Canceled, Unpaid, Unshipped": ["cancel"],
    "Canceled, Refund due, Unshipped": ["mark_paid", "cancel"],
    "Canceled, Refunded, Unshipped": ["mark_paid", "cancel", "refund"],
}
KINDS = {
    "mark_paid": "paid",
    "ship": "shipped",
    "complete": "completed",
    "cancel": "canceled",
    "refund": "refunded",
}
by_transfer = partial(place, payment=PaymentMethod.BANK_TRANSFER)


def lead(order_id: int, state: str) -> None:
    """Take an order to a state."""
    for verb in WAYS[state]:
        VERBS[verb](order_ids=[order_id], by=None)
    assert states()[order_id] == state


def assert_refused(
    verb: Verb, order_ids: Collection[int], refusal: type[Exception], **data: object
) -> None:
    """The verb is refused for this reason, with these data, and nothing changes."""
    before = everything()
    with pytest.raises(refusal) as caught:
        verb(order_ids=order_ids, by=None)
    assert getattr(caught.value, "data", None) == data
    assert everything() == before


# --- One order ------------------------------------------------------------------------------------


def test_the_money_has_come(sam: User) -> None:
    mug = put_on_sale("mug", stock=10)
    order_id = by_transfer({mug: 3})
    assert Order.objects.filter(expires_at=F("placed_at") + timedelta(days=7)).count() == 1

    with time_machine.travel(NOON, tick=False):
        actions.mark_paid(order_ids=[order_id], by=sam.id)

    order = Order.objects.get(id=order_id)
    assert states() == {order_id: "Pending, Paid, Unshipped"}
    # What is paid gives its stock back to nobody.
    assert order.expires_at is None
    assert stock_of(mug) == (10, 3)
    assert allocations(order_id) == [("mug", "main", 3, "Live")]
    assert history(order_id) == [("paid", "sam")]
    assert OrderEvent.objects.get().at == NOON
    assert news()[1:] == [
        (
            "order.paid",
            f"order:{order_id}",
            {"order_id": order_id, "number": order.number, "origin": order.origin},
        )
    ]


def test_the_goods_leave(sam: User) -> None:
    mug, tea = put_on_sale("mug", stock=2), put_on_sale("tea", stock=5)
    put_on_sale("mug", stock=9, location="shed")
    order_id = place({mug: 10, tea: 2})
    number = Order.objects.get(id=order_id).number
    assert (stock_of(mug), stock_of(tea)) == ((11, 10), (5, 2))

    actions.ship(order_ids=[order_id], by=sam.id)

    assert states() == {order_id: "Pending, Unpaid, Shipped"}
    assert (stock_of(mug), stock_of(tea)) == ((1, 0), (3, 0))
    assert allocations(order_id) == [
        ("mug", "main", 2, "Shipped"),
        ("mug", "shed", 8, "Shipped"),
        ("tea", "main", 2, "Shipped"),
    ]
    assert shipments() == [
        ("mug", "main", -2, number, "sam"),
        ("mug", "shed", -8, number, "sam"),
        ("tea", "main", -2, number, "sam"),
    ]
    assert history(order_id) == [("shipped", "sam")]
    assert [row[0] for row in news()] == ["order.placed", "order.shipped"]


def test_nothing_is_left_to_do(sam: User) -> None:
    mug = put_on_sale("mug", stock=10)
    order_id = place({mug: 3})
    lead(order_id, "Pending, Paid, Shipped")

    actions.complete(order_ids=[order_id], by=sam.id)

    assert states() == {order_id: "Completed, Paid, Shipped"}
    assert stock_of(mug) == (7, 0)
    assert history(order_id) == [("paid", None), ("shipped", None), ("completed", "sam")]
    assert [row[0] for row in news()][3:] == ["order.completed"]
    assert len(shipments()) == 1


def test_a_canceled_order_gives_its_stock_back(sam: User) -> None:
    mug = put_on_sale("mug", stock=3)
    order_id = by_transfer({mug: 3})
    assert not Product.objects.get().in_stock

    actions.cancel(order_ids=[order_id], by=sam.id)

    assert states() == {order_id: "Canceled, Unpaid, Unshipped"}
    assert Order.objects.get().expires_at is None
    assert stock_of(mug) == (3, 0)
    assert Product.objects.get().in_stock
    assert allocations(order_id) == [("mug", "main", 3, "Released")]
    assert shipments() == []
    assert history(order_id) == [("canceled", "sam")]
    assert [row[0] for row in news()] == ["order.placed", "order.canceled"]


def test_money_that_has_come_is_due_back() -> None:
    mug = put_on_sale("mug", stock=3)
    order_id = place({mug: 3})
    lead(order_id, "Canceled, Refund due, Unshipped")

    assert stock_of(mug) == (3, 0)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("before", LIFE)
def test_every_verb_in_every_state(before: str, verb: str) -> None:
    """The verbs do what the rules say, or refuse and change nothing."""
    mug = put_on_sale("mug", stock=10)
    order_id = place({mug: 3})
    lead(order_id, before)
    then = expected(before, verb, PaymentMethod.ON_DELIVERY)

    if then not in LIFE:
        number = Order.objects.get().number
        assert_refused(VERBS[verb], [order_id], getattr(errors, then), number=number)
        return
    VERBS[verb](order_ids=[order_id], by=None)

    assert states() == {order_id: then}
    on_hand = 7 if then.endswith(" Shipped") else 10
    promised = 3 if then.startswith("Pending") and then.endswith("Unshipped") else 0
    assert stock_of(mug) == (on_hand, promised)
    kinds = [KINDS[step] for step in [*WAYS[before], verb]]
    assert history(order_id) == [(kind, None) for kind in kinds]
    assert [name for name, *_ in news()] == ["order.placed", *[f"order.{kind}" for kind in kinds]]


def test_who_pays_by_transfer_pays_first() -> None:
    order_id = by_transfer({put_on_sale("mug"): 1})
    number = Order.objects.get().number

    assert_refused(actions.ship, [order_id], errors.OrderIsUnpaid, number=number)
    lead(order_id, "Completed, Paid, Shipped")


# --- Many orders ----------------------------------------------------------------------------------


def test_many_orders_take_the_step_together(sam: User) -> None:
    mug, tea = put_on_sale("mug", stock=20), put_on_sale("tea", stock=20)
    orders = [place({mug: number, tea: 1}) for number in (1, 2, 3)]
    other = place({mug: 4})

    actions.ship(order_ids=orders, by=sam.id)
    actions.mark_paid(order_ids=reversed_copy(orders), by=sam.id)

    assert states() == {
        **dict.fromkeys(orders, "Pending, Paid, Shipped"),
        other: "Pending, Unpaid, Unshipped",
    }
    assert (stock_of(mug), stock_of(tea)) == ((14, 4), (17, 0))
    assert allocations(other) == [("mug", "main", 4, "Live")]
    numbers = [Order.objects.get(id=order_id).number for order_id in orders]
    assert [row[3] for row in shipments()] == [number for number in numbers for _ in range(2)]
    assert [row[:2] for row in news()[4:]] == [
        (name, f"order:{order_id}")
        for name in ("order.shipped", "order.paid")
        for order_id in orders
    ]


def reversed_copy(ids: list[int]) -> list[int]:
    """Return the ids the other way round: the caller's order is none of the verbs' business."""
    return ids[::-1]


def test_orders_in_different_states_take_the_same_step() -> None:
    mug = put_on_sale("mug", stock=10)
    unpaid, paid = place({mug: 1}), place({mug: 2})
    lead(paid, "Pending, Paid, Unshipped")

    actions.cancel(order_ids=[unpaid, paid], by=None)

    assert states() == {
        unpaid: "Canceled, Unpaid, Unshipped",
        paid: "Canceled, Refund due, Unshipped",
    }
    assert stock_of(mug) == (10, 0)


# What stands in the way of each verb.
OBSTACLES = {
    "mark_paid": ("Pending, Paid, Unshipped", errors.OrderIsPaid),
    "ship": ("Pending, Paid, Shipped", errors.OrderIsShipped),
    "complete": ("Pending, Paid, Unshipped", errors.OrderIsUnshipped),
    "cancel": ("Pending, Unpaid, Shipped", errors.OrderIsShipped),
    "refund": ("Canceled, Unpaid, Unshipped", errors.OrderOwesNothing),
}
READY = {"complete": "Pending, Paid, Shipped", "refund": "Canceled, Refund due, Unshipped"}
every_verb = pytest.mark.parametrize("verb", VERBS)


def ready_orders(verb: str, variant_id: int, *, count: int) -> list[int]:
    """Place orders that the verb can be done to."""
    orders = [place({variant_id: 1}) for _ in range(count)]
    for order_id in orders:
        lead(order_id, READY.get(verb, "Pending, Unpaid, Unshipped"))
    return orders


@every_verb
@pytest.mark.parametrize("place_of_the_bad_one", [0, 1, 2])
def test_all_orders_take_the_step_or_none(verb: str, place_of_the_bad_one: int) -> None:
    mug = put_on_sale("mug", stock=10)
    orders = ready_orders(verb, mug, count=3)
    bad = place({mug: 1})
    state, refusal = OBSTACLES[verb]
    lead(bad, state)
    number = Order.objects.get(id=bad).number
    orders.insert(place_of_the_bad_one, bad)

    assert_refused(VERBS[verb], orders, refusal, number=number)


@every_verb
@pytest.mark.parametrize("unknown", [999_999, 0, -1])
def test_an_unknown_order_stops_the_known_ones(verb: str, unknown: int) -> None:
    orders = ready_orders(verb, put_on_sale("mug"), count=1)

    assert_refused(VERBS[verb], [*orders, unknown], errors.UnknownOrder, order_id=unknown)


@every_verb
def test_an_order_named_twice_takes_one_step(verb: str) -> None:
    (order_id,) = ready_orders(verb, put_on_sale("mug"), count=1)
    before = Event.objects.count()

    VERBS[verb](order_ids=[order_id, order_id], by=None)

    assert Event.objects.count() == before + 1
    assert history(order_id)[-1:] == [(KINDS[verb], None)]


@every_verb
def test_no_orders_at_all(verb: str) -> None:
    put_on_sale("mug")
    before = everything()

    VERBS[verb](order_ids=[], by=None)

    assert everything() == before


@every_verb
def test_the_verbs_have_a_transaction_of_their_own(verb: str) -> None:
    orders = ready_orders(verb, put_on_sale("mug"), count=1)

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        VERBS[verb](order_ids=orders, by=None)


@every_verb
def test_twenty_orders_cost_as_many_queries_as_one(verb: str) -> None:
    one, *twenty = ready_orders(verb, put_on_sale("mug", stock=30), count=21)
    written = ["UPDATE orders_order", "INSERT orders_orderevent", "INSERT events_event"]
    allocated = ["SELECT orders_allocation", "UPDATE orders_allocation"]
    stock = ["SELECT inventory_stocklevel", "UPDATE inventory_stocklevel"]
    extra = {
        "mark_paid": [],
        "ship": [*allocated, *stock, "INSERT inventory_stockmovement"],
        "complete": [],
        "cancel": [*allocated, *stock],
        "refund": [],
    }

    for order_ids in ([one], twenty):
        with queries_named() as names:
            VERBS[verb](order_ids=order_ids, by=None)
        assert names == ["SELECT orders_order", *written, *extra[verb]]

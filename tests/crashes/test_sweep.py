"""Killed at every point at which something happens, and started anew: nothing has to be repaired.

Each test walks all the points of its script, one process for each, until one lives to its end.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.db import connection

from shop.checkout.models import Attempt
from shop.events.actions import deliver_due
from shop.events.models import Event, Receipt
from shop.inventory.models import StockMovement
from shop.letters.models import Letter
from shop.orders.models import Order, OrderEvent
from shop.orders.rules import PaymentMethod
from tests.builders import breaches, fill_cart, order_states, place, put_on_sale, stock_of
from tests.crashes import nursing
from tests.crashes.dying import IN_COMMIT
from tests.crashes.nursing import Ended, Nursery
from tests.crashes.scripts import HEARD, hear
from tests.postbox import postbox

pytestmark = pytest.mark.django_db(transaction=True)

KILLED = -9
# More points than any script has: a walk that goes on for ever is a fault of this test.
MOST_POINTS = 200


@pytest.fixture(scope="module")
def nursery(django_db_setup: None) -> Iterator[Nursery]:
    with nursing.opened() as nursery:
        yield nursery


def walk(play: Callable[[int], Ended]) -> list[str]:
    """Have something played to each of its points, from the first one; return their names."""
    points: list[str] = []
    for number in count(1):
        ended = play(number)
        assert breaches() == []
        if ended.status == 0:
            return points
        assert ended.status == KILLED, "it failed by itself: see what it wrote"
        points.append(ended.point)
        assert number < MOST_POINTS
    raise AssertionError("count() ends")


def played_again(nursery: Nursery, script: str, **facts: Any) -> Ended:
    again = nursery.play(script, **facts)
    assert again.status == 0
    assert breaches() == []
    return again


@pytest.mark.parametrize(
    "threads", [1, pytest.param(32, marks=pytest.mark.long)], ids=["alone", "in a group"]
)
def test_an_order_is_there_once_wherever_its_process_was_killed(
    nursery: Nursery, threads: int
) -> None:
    mug, tea = put_on_sale("mug", stock=300), put_on_sale("tea", stock=300)

    def play(number: int) -> Ended:
        cart, key = fill_cart({mug: 2, tea: 1}), f"key-{number}"
        facts: dict[str, Any] = {"cart": str(cart), "key": key, "threads": threads}

        ended = nursery.play("order", end_at=number, **facts)

        orders = Order.objects.filter(origin=f"cart:{cart}")
        is_there = orders.count()
        if ended.answers:
            assert is_there == 1, "an order that was acknowledged is lost"
        assert stock_of(mug)[1] == 2 * Order.objects.count()
        again = played_again(nursery, "order", **facts)
        assert orders.count() == 1
        assert Attempt.objects.get(key=key).order == orders.get()
        assert ended.answers in ([], again.answers)
        assert stock_of(mug) == (300, 2 * number)
        assert stock_of(tea) == (300, number)
        return ended

    points = walk(play)

    assert {
        "before INSERT checkout_attempt",
        "before UPDATE inventory_stocklevel",
        "before INSERT orders_order",
        "before INSERT orders_orderline",
        "before INSERT orders_allocation",
        "before INSERT events_event",
        "before UPDATE cart_cart",
        "before COMMIT",
        "after COMMIT",
        "before the answer",
        "after the answer",
    } <= set(points)
    assert points.index("after COMMIT") < points.index("before the answer")


def test_twin_without_its_transaction_a_killed_order_has_to_be_repaired(nursery: Nursery) -> None:
    mug = put_on_sale("mug", stock=300)
    for number in range(1, MOST_POINTS):
        cart = str(fill_cart({mug: 1}))
        ended = nursery.play(
            "order", end_at=number, torn=True, cart=cart, key=f"key-{number}", threads=1
        )
        if ended.status == 0:
            break

    found = {said.partition(":")[0] for said in breaches()}
    assert {"acknowledged-order", "stock-promises", "order-lines", "line-allocation"} <= found


@pytest.mark.long
def test_the_last_units_are_sold_out_once_wherever_the_process_was_killed(
    nursery: Nursery,
) -> None:
    """What sells out writes to its product as well. Three carts are ordered together."""
    scarce: list[int] = []

    def play(number: int) -> Ended:
        mug = put_on_sale(f"mug-{number}", stock=3)
        scarce.append(mug)
        carts = [str(fill_cart({mug: units})) for units in (1, 2, 1)]

        ended = nursery.play("order_together", end_at=number, carts=carts)

        there = Order.objects.filter(lines__variant=mug).count()
        assert there in ({2} if ended.answers else {0, 2}), "all of them, or none"
        again = played_again(nursery, "order_together", carts=carts)
        assert again.answers[: len(ended.answers)] == ended.answers
        assert Order.objects.filter(lines__variant=mug).count() == 2
        assert stock_of(mug) == (3, 3)
        return ended

    points = walk(play)

    assert "before UPDATE catalog_product" in points
    assert "before DELETE checkout_attempt" in points
    assert points.count("after the answer") == 2


def test_news_is_heard_once_wherever_its_relay_was_killed(nursery: Nursery) -> None:
    mug = put_on_sale("mug", stock=300)
    placed: list[int] = []

    def play(number: int) -> Ended:
        placed.extend(place({mug: 1}) for _ in range(2))

        ended = nursery.play("deliver", end_at=number, turn=0, queue="events")

        heard = OrderEvent.objects.filter(kind=HEARD)
        receipts = Receipt.objects.filter(handler=f"{hear.__module__}.{hear.__name__}")
        assert heard.count() == receipts.count() <= len(placed)
        played_again(nursery, "deliver", turn=2, queue="events")
        assert sorted(heard.values_list("order_id", flat=True)) == placed
        assert not Event.objects.filter(delivered_at=None).exclude(name="letter.written").exists()
        assert Letter.objects.count() == len(placed)
        return ended

    points = walk(play)

    assert {
        "before INSERT events_receipt",
        "before INSERT orders_orderevent",
        "before UPDATE events_event",
    } <= set(points)
    # Of the claim, and of the three handlers of each of two events.
    assert points.count("after COMMIT") == 7


def test_each_letter_goes_out_wherever_its_relay_was_killed(nursery: Nursery) -> None:
    mug = put_on_sale("mug", stock=300)
    with postbox() as box:

        def play(number: int) -> Ended:
            place({mug: 1})
            while deliver_due(queue="events"):
                pass
            facts: dict[str, Any] = {"queue": "mail", "port": box.port}

            ended = nursery.play("deliver", end_at=number, turn=0, **facts)

            recorded = Letter.objects.filter(sent_at__isnull=False)
            assert recorded.count() <= len(box.copies) <= number
            played_again(nursery, "deliver", turn=2, **facts)
            assert recorded.count() == len(box.copies) == number
            assert not Event.objects.filter(delivered_at=None).exists()
            return ended

        points = walk(play)

        assert {
            "before INSERT events_effect",
            "before UPDATE letters_letter",
            "before INSERT events_receipt",
        } <= set(points)
        # The one whose relay died between sending and recording has come twice, under its number.
        assert sorted(box.copies.values()) == [1] * (len(points)) + [2]


@pytest.mark.long
@pytest.mark.parametrize(
    ("steps", "states", "left"),
    [
        (["pay", "ship", "complete"], ("Completed", "Paid", "Shipped"), (8, 0)),
        (["pay", "cancel"], ("Canceled", "Refund due", "Unshipped"), (10, 0)),
    ],
    ids=["delivered", "canceled"],
)
def test_an_order_takes_each_step_once_wherever_its_process_was_killed(
    nursery: Nursery, steps: list[str], states: tuple[str, str, str], left: tuple[int, int]
) -> None:
    def play(number: int) -> Ended:
        mug = put_on_sale(f"mug-{number}", stock=10)
        order_id = place({mug: 2})
        facts: dict[str, Any] = {"order": order_id, "steps": steps}

        ended = nursery.play("live", end_at=number, **facts)

        happened = OrderEvent.objects.filter(order=order_id)
        assert happened.count() >= len(ended.answers), "a step that was acknowledged is lost"
        played_again(nursery, "live", **facts)
        assert order_states(order_id) == states
        assert stock_of(mug) == left
        assert happened.count() == len(steps)
        return ended

    points = walk(play)

    assert points.count("after COMMIT") == len(steps)
    assert "before UPDATE orders_allocation" in points
    moved = StockMovement.objects.filter(reason="shipped").count()
    assert moved == (len(points) + 1 if "ship" in steps else 0)


@pytest.mark.long
def test_what_is_not_paid_goes_back_once_wherever_the_schedule_was_killed(
    nursery: Nursery,
) -> None:
    mug = put_on_sale("mug", stock=300)

    def play(number: int) -> Ended:
        order_id = place({mug: 2}, payment=PaymentMethod.BANK_TRANSFER)

        ended = nursery.play("expire", end_at=number, order=order_id)

        played_again(nursery, "expire", order=order_id)
        assert order_states(order_id) == ("Canceled", "Unpaid", "Unshipped")
        assert stock_of(mug) == (300, 0)
        assert OrderEvent.objects.filter(order=order_id, kind="expired").count() == 1
        return ended

    points = walk(play)

    assert {"before UPDATE orders_order", "before UPDATE inventory_stocklevel"} <= set(points)


@pytest.mark.overlap
def test_an_order_is_there_once_whatever_became_of_a_commit_that_nobody_waited_for(
    nursery: Nursery,
) -> None:
    """The process has sent COMMIT and dies: only the server knows what becomes of it."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no server: its COMMIT ends with its process")
    mug = put_on_sale("mug", stock=300)
    for number in range(1, 6):
        cart, key = fill_cart({mug: 2}), f"key-{number}"

        ended = nursery.play("order", end_at=IN_COMMIT, cart=str(cart), key=key, threads=32)

        assert (ended.status, ended.point, ended.answers) == (KILLED, IN_COMMIT, [])
        played_again(nursery, "order", cart=str(cart), key=key, threads=32)
        assert Order.objects.filter(origin=f"cart:{cart}").count() == 1
        assert stock_of(mug) == (300, 2 * number)

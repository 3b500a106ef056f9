"""Writing orders down: what is copied, how often, and what makes it impossible."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from shop.accounts.models import User
from shop.inventory import actions as inventory
from shop.inventory.rules import Share, Want
from shop.lib.transactions import OutsideTransactionError
from shop.orders import actions, queries
from shop.orders.models import Order, OrderLine
from shop.orders.rules import NewLine, NewOrder, PaymentMethod, PlacedOrder, PostalAddress
from shop.orders.tests.records import allocations, everything, history, news, states
from shop.pricing.rules import Quote
from tests.builders import ADDRESS, NOON, put_on_sale, stock_of
from tests.queries import queries_named

pytestmark = pytest.mark.django_db

MONEY = Decimal("10.00")


def new_line(variant_id: int, shares: Sequence[Share], *, price: Decimal = MONEY) -> NewLine:
    quantity = sum(share.quantity for share in shares)
    return NewLine(
        variant_id=variant_id,
        sku="mug-r",
        name="Mug",
        variant_title="Red",
        quantity=quantity,
        unit_price=price,
        amount=price * quantity,
        shares=tuple(shares),
    )


def new_order(origin: str, lines: Sequence[NewLine], *, user: User | None = None) -> NewOrder:
    goods = sum((line.amount for line in lines), Decimal("0.00"))
    return NewOrder(
        origin=origin,
        user_id=user.id if user else None,
        email="alice@example.com",
        address=ADDRESS,
        payment_method=PaymentMethod.BANK_TRANSFER,
        quote=Quote(
            currency="GBP",
            amounts=tuple(line.amount for line in lines),
            goods=goods,
            shipping=Decimal("4.95"),
            tax=Decimal("2.00"),
            discount=Decimal("1.00"),
        ),
        lines=tuple(lines),
        placed_at=NOON,
        expires_at=NOON + timedelta(days=7),
    )


def promised(variant_id: int, *quantities: int) -> list[list[Share]]:
    """Promise a line's stock, as a checkout does before it records the order."""
    with transaction.atomic():
        shelf, levels = inventory.lock_shelf(variant_ids=[variant_id])
        answers = shelf.promise([Want(variant_id, "mug", quantity) for quantity in quantities])
        inventory.promise(levels=levels, shares=[share for shares in answers for share in shares])
    return answers


@pytest.mark.usefixtures("everything_agrees")
def test_an_order_is_written_down_whole(alice: User) -> None:
    mug = put_on_sale("mug")
    (shares,) = promised(mug, 7)
    order = new_order("till:1", [new_line(mug, shares)], user=alice)

    (placed,) = actions.record(orders=[order])

    row = Order.objects.get()
    assert placed == PlacedOrder(id=row.id, number=row.number, order=order)
    assert (row.origin, row.user, row.email) == ("till:1", alice, "alice@example.com")
    assert ADDRESS == PostalAddress(  # noqa: SIM300  (a row has no address of its own)
        row.name, row.line1, row.line2, row.city, row.postcode, row.country
    )
    assert (row.placed_at, row.expires_at) == (NOON, NOON + timedelta(days=7))
    assert row.payment_method == "bank_transfer"
    assert states() == {row.id: "Pending, Unpaid, Unshipped"}
    assert (row.goods_total, row.shipping_total, row.tax_total, row.discount_total) == (
        Decimal("70.00"),
        Decimal("4.95"),
        Decimal("2.00"),
        Decimal("1.00"),
    )
    assert (row.total, row.currency) == (Decimal("75.95"), "GBP")
    assert history(row.id) == []


@pytest.mark.usefixtures("everything_agrees")
def test_its_lines_are_copies_and_name_the_levels_they_come_from() -> None:
    mug = put_on_sale("mug", stock=2)
    put_on_sale("mug", stock=9, location="shed")
    first, second = promised(mug, 10, 1)
    order = new_order("till:1", [new_line(mug, first), new_line(mug, second)])

    (placed,) = actions.record(orders=[order])

    assert list(
        OrderLine.objects.order_by("position").values_list(
            "position", "sku", "name", "variant_title", "quantity", "unit_price", "amount", "tax"
        )
    ) == [
        (1, "mug-r", "Mug", "Red", 10, MONEY, Decimal("100.00"), Decimal("0.00")),
        (2, "mug-r", "Mug", "Red", 1, MONEY, Decimal("10.00"), Decimal("0.00")),
    ]
    assert allocations(placed.id) == [
        ("mug", "main", 2, "Live"),
        ("mug", "shed", 8, "Live"),
        ("mug", "shed", 1, "Live"),
    ]


def test_others_are_told_of_it() -> None:
    mug = put_on_sale("mug")
    (shares,) = promised(mug, 1)

    (placed,) = actions.record(orders=[new_order("till:1", [new_line(mug, shares)])])

    assert news() == [
        (
            "order.placed",
            f"order:{placed.id}",
            {
                "order_id": placed.id,
                "number": placed.number,
                "origin": "till:1",
                "total": "15.95",
                "currency": "GBP",
                "keeps_address": False,
            },
        )
    ]


@pytest.mark.usefixtures("everything_agrees")
@pytest.mark.parametrize("ids_are_told", [True, False])
def test_each_order_of_many_has_its_own_lines_and_its_own_number(
    ids_are_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some databases tell the ids of new rows; MySQL does not."""
    if not ids_are_told:
        features = type(connection.features)
        monkeypatch.setattr(features, "can_return_rows_from_bulk_insert", False)
    mug = put_on_sale("mug", stock=100)
    wanted = {f"till:{number}": [number, 1, number] for number in range(1, 7)}
    orders = [
        new_order(origin, [new_line(mug, shares) for shares in promised(mug, *quantities)])
        for origin, quantities in wanted.items()
    ]

    placed = actions.record(orders=orders)

    assert [answer.order for answer in placed] == orders
    assert [answer.number for answer in placed] == [
        Order.objects.get(origin=origin).number for origin in wanted
    ]
    assert len({answer.number for answer in placed}) == 6
    assert all(len(answer.number) == 12 for answer in placed)
    for answer, quantities in zip(placed, wanted.values(), strict=True):
        lines = OrderLine.objects.filter(order_id=answer.id).order_by("position")
        assert list(lines.values_list("quantity", flat=True)) == quantities
        assert [row[2] for row in allocations(answer.id)] == quantities
    assert queries.ids_by_origin([*wanted, "till:99"]) == {
        answer.order.origin: answer.id for answer in placed
    }


def test_many_orders_cost_as_many_queries_as_one() -> None:
    mug = put_on_sale("mug", stock=1_000)
    lines = [new_line(mug, shares) for shares in promised(mug, *[1] * 40)]
    one = [new_order("till:0", lines[:1])]
    twenty = [
        new_order(f"till:{number}", lines[number * 2 - 1 : number * 2 + 1])
        for number in range(1, 20)
    ]

    with queries_named() as for_one:
        actions.record(orders=one)
    with queries_named() as for_many:
        actions.record(orders=twenty)

    assert for_one == [
        "INSERT orders_order",
        "INSERT orders_orderline",
        "INSERT orders_allocation",
        "INSERT events_event",
    ]
    assert for_many == for_one


def test_an_origin_is_one_order_for_ever() -> None:
    mug = put_on_sale("mug")
    first, second, third = promised(mug, 1, 1, 1)
    actions.record(orders=[new_order("till:1", [new_line(mug, first)])])
    before = everything()

    with pytest.raises(IntegrityError), transaction.atomic():
        actions.record(
            orders=[
                new_order("till:2", [new_line(mug, second)]),
                new_order("till:1", [new_line(mug, third)]),
            ]
        )

    # Neither of them: they were written together.
    assert everything() == before


def test_origins_differ_by_every_letter() -> None:
    mug = put_on_sale("mug")
    origins = ["till:a", "till:A", "TILL:a"]
    orders = [
        new_order(origin, [new_line(mug, shares)])
        for origin, shares in zip(origins, promised(mug, 1, 1, 1), strict=True)
    ]

    actions.record(orders=orders)

    assert set(queries.ids_by_origin(origins)) == set(origins)


@pytest.mark.django_db(transaction=True)
def test_recording_needs_its_callers_transaction() -> None:
    mug = put_on_sale("mug")
    level_id = promised(mug, 1)[0][0].level_id
    before = everything()

    with pytest.raises(OutsideTransactionError):
        actions.record(orders=[new_order("till:1", [new_line(mug, [Share(level_id, 1)])])])

    assert everything() == before
    assert stock_of(mug) == (10, 1)


def test_recording_nothing_writes_nothing() -> None:
    before = everything()

    assert actions.record(orders=[]) == []

    assert everything() == before

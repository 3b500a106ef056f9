"""A promise that the database does not keep is named, whatever the shop has answered."""

from pathlib import Path

import pytest

from load import journal
from load.journal import Acknowledged, Journal, Record
from load.promises import breaches
from load.proof import of
from shop.orders import actions as orders
from shop.orders.models import Allocation, Order
from tests.builders import place, put_on_sale


@pytest.fixture
def variant(db: None) -> int:
    """Five mugs at 12.50, of which two are ordered."""
    return put_on_sale("mug", stock=5)


@pytest.fixture
def order(variant: int) -> Order:
    return Order.objects.get(id=place({variant: 2}))


def record_of(order: Order, variant: int, *, stock: int = 5) -> Record:
    """Return what the crowd remembers of an order that is as it should be."""
    promised = Acknowledged(order.id, "25.00", {variant: 2}, order.number)
    return Record(flash_variants=(variant,), flash_stock=stock, orders={order.id: promised})


def test_promises_that_were_kept(order: Order, variant: int) -> None:
    assert list(breaches(record_of(order, variant))) == []


def test_an_order_that_was_lost(variant: int) -> None:
    record = Record(orders={7: Acknowledged(7, "25.00", {variant: 2})})

    assert list(breaches(record)) == ["order 7 was acknowledged and does not exist"]


def test_an_order_that_is_another_one(order: Order, variant: int) -> None:
    record = record_of(order, variant)
    record.orders[order.id] = Acknowledged(order.id, "24.99", {variant: 1, 99: 1}, "NUMBER")
    name = f"order {order.id} was acknowledged"

    assert list(breaches(record)) == [
        f"{name} with 24.99 and costs 25.00",
        f"{name} as NUMBER and is {order.number}",
        f"{name} with {{{variant}: 1, 99: 1}} and has {{{variant}: 2}}",
    ]


def test_an_order_that_was_not_canceled(order: Order, variant: int) -> None:
    record = record_of(order, variant)
    record.canceled.add(order.id)
    assert list(breaches(record)) == [f"order {order.id} was canceled and is Pending"]

    orders.cancel(order_ids=[order.id], by=None)

    assert list(breaches(record)) == []
    assert record.flash_units == 0


def test_more_was_sold_than_was_there(order: Order, variant: int) -> None:
    found = list(breaches(record_of(order, variant, stock=1)))

    assert found == ["oversold: 2 of the flash product are allocated, of 1"]


def test_stock_that_was_not_taken(order: Order, variant: int) -> None:
    Allocation.objects.update(quantity=1)

    assert list(breaches(record_of(order, variant))) == [
        "oversold: 2 of the flash product were promised, 1 are allocated"
    ]


def test_stock_that_came_back_is_not_sold(order: Order, variant: int) -> None:
    # Staff called it off, and the crowd does not know.
    orders.cancel(order_ids=[order.id], by=None)

    assert list(breaches(record_of(order, variant, stock=1))) == []


def test_a_journal_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "journal.jsonl"
    written = Journal(path)
    promised = Acknowledged(7, "25.00", {3: 2}, "NUMBER")

    written.begin(flash_variants=[3], flash_stock=5)
    written.acknowledged(promised)
    written.canceled(7)
    written.trouble("KeyError('stock')")
    written.end(generator_was_busy=True)

    assert journal.read(path) == Record(
        flash_variants=(3,),
        flash_stock=5,
        orders={7: promised},
        canceled={7},
        troubles=["KeyError('stock')"],
        generator_was_busy=True,
    )


def test_one_order_for_two_buyers(order: Order, variant: int, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    written = Journal(path)
    written.begin(flash_variants=[], flash_stock=0)
    for _ in range(2):
        written.acknowledged(Acknowledged(order.id, "25.00", {variant: 2}, order.number))

    found = list(breaches(journal.read(path)))

    assert found == [f"order {order.id} was acknowledged to two buyers"]


def test_a_database_out_of_reach_is_told(tmp_path: Path) -> None:
    proof = of(tmp_path / "journal.jsonl", None)

    assert proof.breaches == ()
    assert proof.sentence.startswith("The database is out of reach")

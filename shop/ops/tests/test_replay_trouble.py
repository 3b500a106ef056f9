"""`manage.py replay_orders` when others, the database or Ctrl-C get in its way."""

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from shop.catalog import actions as catalog
from shop.catalog import queries as catalog_queries
from shop.checkout import actions as checkout
from shop.checkout.rules import Draft, Outcome, Refused
from shop.inventory import actions as inventory
from shop.inventory.models import StockLocation
from shop.lib.refusals import Busy
from shop.ops import replaying
from shop.ops.management.commands import replay_orders
from shop.ops.tests.retail import Month, movements, replay
from shop.orders import actions as orders
from shop.orders.models import Order
from tests.builders import breaches, place, put_on_sale, stock_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

STOPPED = (
    "Stopped after {} orders. Run the same command again to go on: "
    "nothing is lost, and nothing will be there twice.\n"
)


@pytest.fixture
def month() -> Month:
    """What the file says: it takes three batches."""
    return Month(9)


@pytest.fixture
def file(month: Month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that says it."""
    monkeypatch.setattr(replaying, "_ORDERS_AT_ONCE", 3)
    monkeypatch.setattr(replaying, "_PRODUCTS_AT_ONCE", 4)
    return month.write(tmp_path / "december.csv")


def test_stock_that_others_buy_meanwhile_is_received_again(
    file: Path, month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = orders.settle
    sold: dict[int, int] = {}

    def settle_and_sell(**arguments: Any) -> None:
        settle(**arguments)
        if not sold:
            mug = catalog_queries.variant_ids_by_sku(["SKU1"])["SKU1"]
            sold[mug] = stock_of(mug)[0]
            place(sold)

    monkeypatch.setattr(orders, "settle", settle_and_sell)

    assert replay(file) == (0, month.summary(now=9), "")

    ((mug, units),) = sold.items()
    assert units > 0
    assert stock_of(mug) == (units, units)
    assert sum(movements("received")) == month.units + units


def test_stock_that_cannot_be_sold_is_not_received_again_and_again(
    file: Path, month: Month
) -> None:
    put_on_sale("JAR", stock=0)
    StockLocation.objects.update(is_active=False)

    result = replay(file)

    assert (result.status, Order.objects.count()) == (1, 0)
    assert result.err.splitlines()[0] == (
        "invoice 1001: others bought the 'SKU0' that was received for it; run the command again."
    )
    # Once before, and once more when it was not there.
    assert sum(movements("received")) == 2 * month.units


def reluctant(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Return the verb, which is busy twice before it does anything."""
    answers = iter([Busy(), Busy()])

    def reluctantly(**arguments: Any) -> Any:
        for busy in answers:
            raise busy
        return verb(**arguments)

    return reluctantly


def test_a_busy_database_is_asked_again(
    file: Path, month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in (
        (catalog, "put_products"),
        (inventory, "receive_missing"),
        (orders, "settle"),
    ):
        monkeypatch.setattr(module, name, reluctant(getattr(module, name)))
    commit = reluctant(checkout.commit_orders)

    def commit_or_refuse(*, drafts: Sequence[Draft]) -> list[Outcome]:
        try:
            return commit(drafts=drafts)  # type: ignore[no-any-return]
        except Busy as busy:
            return [Refused(busy) for _ in drafts]

    monkeypatch.setattr(checkout, "commit_orders", commit_or_refuse)

    assert replay(file) == (0, month.summary(now=9), "")
    month.must_have_come()


def test_invoices_that_others_keep_out_are_named(
    file: Path, month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as kept_out:
        kept_out.setattr(
            checkout, "commit_orders", lambda *, drafts: [Refused(Busy()) for _ in drafts]
        )
        result = replay(file)

    listed = result.err.splitlines()
    assert result.status == 1
    assert listed[0] == "invoice 1001: others kept the database busy; run the command again."
    assert listed[9:] == ["9 invoices were refused. The others are orders."]
    assert replay(file) == (0, month.summary(now=9), "")
    month.must_have_come()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Busy(), "Others keep the database busy. "),
        (OperationalError("disk I/O error"), "The database failed: disk I/O error. "),
        (InterfaceError("already closed"), "The database failed: already closed. "),
    ],
)
def test_a_database_that_gives_up_stops_the_replay(
    file: Path, month: Month, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    with monkeypatch.context() as broken:
        stop_at(broken, orders, "settle", call=2, error=error)
        assert replay(file) == (1, "", said + STOPPED.format(3))

    assert replay(file) == (0, month.summary(now=3, before=6), "")
    month.must_have_come()


def stop_at(
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    *,
    call: int = 1,
    after: bool = False,
    error: BaseException,
) -> None:
    """Let a verb raise the error from its so-many-eth call on, before or after its work."""
    verb = getattr(module, name)
    calls = count(1)

    def stopping(*arguments: Any, **options: Any) -> Any:
        stops = next(calls) >= call
        if stops and not after:
            raise error
        result = verb(*arguments, **options)
        if stops:
            raise error
        return result

    monkeypatch.setattr(module, name, stopping)


@pytest.mark.parametrize(
    ("module", "name", "call", "after", "placed", "counted"),
    [
        pytest.param(replay_orders, "read_ledger", 1, True, 0, 0, id="the files read"),
        pytest.param(catalog, "put_products", 1, True, 0, 0, id="half of the catalogue made"),
        pytest.param(catalog, "put_products", 2, True, 0, 0, id="all of the catalogue made"),
        pytest.param(inventory, "receive_missing", 1, True, 0, 0, id="half of the stock received"),
        pytest.param(inventory, "receive_missing", 2, True, 0, 0, id="all of the stock received"),
        pytest.param(orders, "record", 1, True, 0, 0, id="in the midst of placing"),
        pytest.param(checkout, "commit_orders", 1, True, 3, 0, id="placed but not settled"),
        pytest.param(inventory, "ship", 1, True, 3, 0, id="in the midst of settling"),
        pytest.param(orders, "settle", 1, True, 3, 0, id="settled but not counted"),
        pytest.param(checkout, "commit_orders", 2, False, 3, 3, id="between two batches"),
        pytest.param(orders, "record", 2, True, 3, 3, id="in the midst of the second batch"),
        pytest.param(orders, "settle", 2, False, 6, 3, id="the second batch not settled"),
        pytest.param(orders, "settle", 3, True, 9, 6, id="everything done but not counted"),
    ],
)
def test_interrupted_and_run_again(
    file: Path,
    month: Month,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    call: int,
    after: bool,
    placed: int,
    counted: int,
) -> None:
    with monkeypatch.context() as interrupted:
        stop_at(interrupted, module, name, call=call, after=after, error=KeyboardInterrupt())
        assert replay(file) == (130, "", STOPPED.format(counted))
    # Even now nothing is half done that must not be.
    assert breaches() == []
    assert Order.objects.count() == placed

    assert replay(file) == (0, month.summary(now=9 - placed, before=placed), "")

    month.must_have_come()

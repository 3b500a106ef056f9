"""Stock is promised, given back and sent out: by the unit, by the level, and never by halves."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from shop.accounts.models import User
from shop.inventory import actions
from shop.inventory.actions import Outgoing
from shop.inventory.models import StockLevel, StockLocation, StockMovement
from shop.inventory.rules import Level, Share, Want
from shop.inventory.tests.stock import everything, in_stock, levels, movements
from shop.lib.transactions import OutsideTransactionError
from tests.builders import put_on_sale
from tests.queries import queries_named

pytestmark = pytest.mark.django_db


def level_of(sku: str, location: str = "main") -> int:
    return StockLevel.objects.get(variant__sku=sku, location__code=location).id


def promise(variant_id: int, units: int) -> list[Share]:
    """Promise so many units, as a checkout does."""
    with transaction.atomic():
        shelf, locked = actions.lock_shelf(variant_ids=[variant_id])
        (shares,) = shelf.promise([Want(variant_id, "sku", units)])
        actions.promise(levels=locked, shares=shares)
    return shares


def assert_database_refuses(verb: Callable[[], Any], *, constraint: str) -> None:
    """The verb has forgotten something; the database has not, and nothing changes."""
    before = everything()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        verb()
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_these_verbs_need_their_callers_transaction() -> None:
    mug = put_on_sale("mug", stock=5)
    level = Level(id=level_of("mug"), variant_id=mug, location_id=1, on_hand=5, promised=0)
    share = Share(level_id=level.id, quantity=1)
    verbs: list[Callable[[], Any]] = [
        lambda: actions.lock_shelf(variant_ids=[mug]),
        lambda: actions.promise(levels={level.id: level}, shares=[share]),
        lambda: actions.release(shares=[share]),
        lambda: actions.ship(outgoing=[Outgoing(level.id, 1, "A1")], by=None),
    ]
    before = everything()

    for verb in verbs:
        with pytest.raises(OutsideTransactionError):
            verb()

    assert everything() == before


# --- The shelf ------------------------------------------------------------------------------------


def test_the_shelf_has_the_locations_in_the_merchants_order() -> None:
    for code, position in [("far", 2), ("near", 1), ("also-near", 1), ("never", 0)]:
        actions.add_location(code=code, name=code, position=position)
    StockLocation.objects.filter(code="never").update(is_active=False)
    codes = ("far", "near", "also-near", "never")
    (mug,) = {put_on_sale("mug", stock=5, location=code) for code in codes}

    shelf, locked = actions.lock_shelf(variant_ids=[mug])

    # Where two are equally near, the level that was opened first.
    order = [level_of("mug", code) for code in ("near", "also-near", "far")]
    # Locked is what does not sell as well: it may be held for somebody.
    assert list(locked) == [level_of("mug", "never"), *order]
    assert shelf.available(mug) == 15
    (shares,) = shelf.promise([Want(mug, "mug", 15)])
    assert [share.level_id for share in shares] == order


def test_the_shelf_says_what_was_read() -> None:
    mug, tea = put_on_sale("mug", stock=5), put_on_sale("tea", stock=3)
    promise(mug, 2)

    shelf, locked = actions.lock_shelf(variant_ids=[mug, tea, 999_999])

    assert (shelf.available(mug), shelf.available(tea), shelf.available(999_999)) == (3, 3, 0)
    assert {(level.variant_id, level.on_hand, level.promised) for level in locked.values()} == {
        (mug, 5, 2),
        (tea, 3, 0),
    }


def test_a_shelf_is_one_query_however_many_variants() -> None:
    variant_ids = [put_on_sale(f"sku-{number}") for number in range(10)]

    with queries_named() as names:
        actions.lock_shelf(variant_ids=variant_ids)

    assert names == ["SELECT inventory_stocklevel"]


# --- Promised -------------------------------------------------------------------------------------


def test_a_promise_changes_its_levels_and_no_other() -> None:
    mug = put_on_sale("mug", stock=5)
    put_on_sale("mug", stock=5, location="shed")
    put_on_sale("tea", stock=5)

    assert promise(mug, 7) == [
        Share(level_of("mug"), 5),
        Share(level_of("mug", "shed"), 2),
    ]

    assert levels() == [("mug", "main", 5, 5), ("mug", "shed", 5, 2), ("tea", "main", 5, 0)]
    # The ledger is of what is on hand.
    assert [row[3] for row in movements()] == ["received"] * 3
    assert in_stock() == {"mug": True, "tea": True}


def test_many_levels_change_each_by_its_own_number() -> None:
    numbers = range(1, 13)
    variant_ids = [put_on_sale(f"sku-{number:02}", stock=20) for number in numbers]
    with transaction.atomic():
        shelf, locked = actions.lock_shelf(variant_ids=variant_ids)
        wants = [Want(id_, "sku", number) for id_, number in zip(variant_ids, numbers, strict=True)]
        shares = [share for answer in shelf.promise(wants) for share in answer]
        with queries_named() as names:
            actions.promise(levels=locked, shares=shares)

    assert names == ["UPDATE inventory_stocklevel"]
    assert levels() == [(f"sku-{number:02}", "main", 20, number) for number in numbers]


def test_lines_that_share_a_level_are_added_up() -> None:
    mug = put_on_sale("mug", stock=5)
    with transaction.atomic():
        shelf, locked = actions.lock_shelf(variant_ids=[mug])
        first, second = shelf.promise([Want(mug, "mug", 2), Want(mug, "mug", 3)])
        actions.promise(levels=locked, shares=[*first, *second])

    assert levels() == [("mug", "main", 5, 5)]
    assert in_stock() == {"mug": False}


def test_the_last_unit_promised_and_given_back() -> None:
    mug = put_on_sale("mug", stock=2)
    assert in_stock() == {"mug": True}

    promise(mug, 1)
    assert in_stock() == {"mug": True}
    last = promise(mug, 1)
    assert in_stock() == {"mug": False}
    actions.release(shares=last)
    assert in_stock() == {"mug": True}


def test_stock_at_a_location_that_does_not_sell_keeps_nothing_in_stock() -> None:
    mug = put_on_sale("mug", stock=2)
    put_on_sale("mug", stock=2, location="returns")
    StockLocation.objects.filter(code="returns").update(is_active=False)

    promise(mug, 2)

    assert in_stock() == {"mug": False}


def test_nobody_promises_what_was_promised_since_the_shelf_was_read() -> None:
    """A caller that forgot its lock: the database adds, and says no."""
    mug = put_on_sale("mug", stock=5)
    _, locked = actions.lock_shelf(variant_ids=[mug])
    promise(mug, 4)

    assert_database_refuses(
        lambda: actions.promise(levels=locked, shares=[Share(level_of("mug"), 2)]),
        constraint="level_promised_within_on_hand",
    )


# --- Given back -----------------------------------------------------------------------------------


def test_stock_is_given_back_to_where_it_came_from() -> None:
    mug = put_on_sale("mug", stock=5)
    put_on_sale("mug", stock=5, location="shed")
    shares = promise(mug, 8)

    actions.release(shares=shares)

    assert levels() == [("mug", "main", 5, 0), ("mug", "shed", 5, 0)]


def test_more_given_back_than_was_promised() -> None:
    mug, _ = put_on_sale("mug", stock=5), put_on_sale("tea", stock=5)
    (share,) = promise(mug, 3)

    assert_database_refuses(
        lambda: actions.release(shares=[share, Share(share.level_id, 1)]),
        constraint="level_promised_not_negative",
    )
    assert_database_refuses(
        lambda: actions.release(shares=[share, Share(level_of("tea"), 1)]),
        constraint="level_promised_not_negative",
    )


# --- Shipped --------------------------------------------------------------------------------------


def test_shipped_units_are_neither_there_nor_promised(sam: User) -> None:
    mug, tea = put_on_sale("mug", stock=5), put_on_sale("tea", stock=5)
    promise(mug, 5)
    promise(tea, 2)
    mugs, teas = level_of("mug"), level_of("tea")
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)

    with time_machine.travel(noon, tick=False):
        actions.ship(
            outgoing=[Outgoing(mugs, 2, "A1"), Outgoing(mugs, 1, "B2"), Outgoing(teas, 2, "A1")],
            by=sam.id,
        )

    assert levels() == [("mug", "main", 2, 2), ("tea", "main", 3, 0)]
    assert movements()[2:] == [
        ("mug", "main", -2, "shipped", "A1", "sam"),
        ("mug", "main", -1, "shipped", "B2", "sam"),
        ("tea", "main", -2, "shipped", "A1", "sam"),
    ]
    assert set(StockMovement.objects.filter(reason="shipped").values_list("created_at")) == {
        (noon,)
    }
    assert in_stock() == {"mug": False, "tea": True}


def test_shipping_leaves_product_rows_alone() -> None:
    """What was promised was not for sale before either."""
    mug = put_on_sale("mug", stock=5)
    (share,) = promise(mug, 5)

    with queries_named() as names:
        actions.ship(outgoing=[Outgoing(share.level_id, 5, "A1")], by=None)

    assert names == [
        "SELECT inventory_stocklevel",
        "UPDATE inventory_stocklevel",
        "INSERT inventory_stockmovement",
    ]
    assert levels() == [("mug", "main", 0, 0)]


def test_what_was_not_promised_is_not_shipped() -> None:
    mug = put_on_sale("mug", stock=5)
    promise(mug, 3)

    assert_database_refuses(
        lambda: actions.ship(outgoing=[Outgoing(level_of("mug"), 4, "A1")], by=None),
        constraint="level_promised_not_negative",
    )


def test_nothing_shipped_and_nothing_given_back_is_nothing() -> None:
    put_on_sale("mug", stock=5)
    before = everything()

    actions.ship(outgoing=[], by=None)
    actions.release(shares=[])

    assert everything() == before

"""Stock comes, is counted and corrected; what cannot be is refused and changes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import transaction

from shop.accounts.models import User
from shop.catalog.errors import UnknownVariant
from shop.inventory import actions, queries
from shop.inventory.errors import (
    InvalidStockQuantity,
    StockIsPromised,
    UnknownLocation,
)
from shop.inventory.models import StockLevel, StockLocation, StockMovement
from shop.inventory.rules import LARGEST_STOCK
from shop.inventory.tests.stock import assert_refused, everything, in_stock, levels, movements
from tests.builders import put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]


def promise(variant_id: int, units: int) -> None:
    """Let an order have so many units: the hold that proves it is left out of the picture."""
    shelf, locked = actions.lock_shelf(variant_ids=[variant_id])
    (level_id,) = [level.id for level in locked.values()]
    assert shelf.available(variant_id) >= units
    StockLevel.objects.get(id=level_id).holds.create(
        holder="5d4ea5a1-1f3e-4ef2-a0bb-8b4aef6a1b51",
        quantity=units,
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
    StockLevel.objects.filter(id=level_id).update(promised=units)


# --- Received -------------------------------------------------------------------------------------


def test_delivered_units_lie_on_their_level_with_their_movement(sam: User) -> None:
    mug = put_on_sale("mug", stock=0)
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)

    with time_machine.travel(noon, tick=False):
        actions.receive(units={mug: 7}, location_code="main", reference="note 12", by=sam.id)

    assert levels() == [("mug", "main", 7, 0)]
    assert movements() == [("mug", "main", 7, "received", "note 12", "sam")]
    assert StockMovement.objects.get().created_at == noon
    assert in_stock() == {"mug": True}


def test_a_second_delivery_adds_to_the_first() -> None:
    mug, tea = put_on_sale("mug", stock=3), put_on_sale("tea", stock=0)

    actions.receive(units={tea: 1, mug: 4}, location_code="main", reference="2")

    assert levels() == [("mug", "main", 7, 0), ("tea", "main", 1, 0)]
    assert sorted(movements()) == [
        ("mug", "main", 3, "received", "delivery 1", None),
        ("mug", "main", 4, "received", "2", None),
        ("tea", "main", 1, "received", "2", None),
    ]


def test_each_location_has_its_own_level() -> None:
    mug = put_on_sale("mug", stock=3, location="main")
    put_on_sale("mug", stock=5, location="shed")

    assert levels() == [("mug", "main", 3, 0), ("mug", "shed", 5, 0)]
    assert queries.available([mug]) == {mug: 8}


@pytest.mark.parametrize("units", [0, -1, -(10**30)])
def test_a_delivery_brings_something(units: int) -> None:
    mug, tea = put_on_sale("mug"), put_on_sale("tea")

    assert_refused(
        lambda: actions.receive(units={tea: 1, mug: units}, location_code="main", reference=""),
        InvalidStockQuantity,
        quantity=units,
    )


@pytest.mark.parametrize("units", [LARGEST_STOCK, 2**63, 10**30])
def test_more_than_any_shelf_holds(units: int) -> None:
    mug, tea = put_on_sale("mug", stock=1), put_on_sale("tea", stock=0)

    assert_refused(
        lambda: actions.receive(units={tea: 1, mug: units}, location_code="main", reference=""),
        InvalidStockQuantity,
        quantity=units + 1,
    )


def test_as_much_as_a_shelf_holds() -> None:
    mug = put_on_sale("mug", stock=1)

    actions.receive(units={mug: LARGEST_STOCK - 1}, location_code="main", reference="")

    assert levels() == [("mug", "main", 10**12, 0)]


def test_a_delivery_of_nothing_changes_nothing() -> None:
    put_on_sale("mug")
    before = everything()

    actions.receive(units={}, location_code="main", reference="")

    assert everything() == before


# --- Adjusted -------------------------------------------------------------------------------------


def test_corrections_go_up_and_down(sam: User) -> None:
    mug, tea = put_on_sale("mug", stock=5), put_on_sale("tea", stock=5)

    actions.adjust(changes={mug: -2, tea: 1}, location_code="main", reference="broken", by=sam.id)

    assert levels() == [("mug", "main", 3, 0), ("tea", "main", 6, 0)]
    assert sorted(movements()[2:]) == [
        ("mug", "main", -2, "adjusted", "broken", "sam"),
        ("tea", "main", 1, "adjusted", "broken", "sam"),
    ]


def test_the_last_unit_gone_the_product_is_sold_out() -> None:
    mug = put_on_sale("mug", stock=5)

    actions.adjust(changes={mug: -5}, location_code="main", reference="stolen")

    assert levels() == [("mug", "main", 0, 0)]
    assert in_stock() == {"mug": False}


@pytest.mark.parametrize(
    ("change", "quantity"), [(0, 0), (-6, -1), (-(10**30), 5 - 10**30), (10**30, 5 + 10**30)]
)
def test_corrections_that_cannot_be(change: int, quantity: int) -> None:
    mug, tea = put_on_sale("mug", stock=5), put_on_sale("tea", stock=5)

    assert_refused(
        lambda: actions.adjust(changes={tea: -5, mug: change}, location_code="main", reference=""),
        InvalidStockQuantity,
        quantity=quantity,
    )


def test_promised_units_stay() -> None:
    mug, tea = put_on_sale("mug", stock=5), put_on_sale("tea", stock=5)
    promise(mug, 3)

    assert_refused(
        lambda: actions.adjust(changes={tea: -5, mug: -3}, location_code="main", reference=""),
        StockIsPromised,
        sku="mug",
        on_hand=2,
        promised=3,
    )
    actions.adjust(changes={mug: -2}, location_code="main", reference="")

    assert levels() == [("mug", "main", 3, 3), ("tea", "main", 5, 0)]
    assert in_stock() == {"mug": False, "tea": True}


# --- Counted --------------------------------------------------------------------------------------


def test_a_count_sets_what_is_there_and_tells_how_much_was_wrong(sam: User) -> None:
    mug, tea, jam = (put_on_sale(sku, stock=5) for sku in ("mug", "tea", "jam"))

    changed = actions.count(
        counts={mug: 7, tea: 5, jam: 0}, location_code="main", reference="May", by=sam.id
    )

    assert changed == 2
    assert levels() == [("jam", "main", 0, 0), ("mug", "main", 7, 0), ("tea", "main", 5, 0)]
    assert sorted(movements()[3:]) == [
        ("jam", "main", -5, "counted", "May", "sam"),
        ("mug", "main", 2, "counted", "May", "sam"),
    ]
    assert in_stock() == {"jam": False, "mug": True, "tea": True}


def test_what_is_counted_for_the_first_time() -> None:
    mug = put_on_sale("mug", stock=0)

    assert actions.count(counts={mug: 3}, location_code="main", reference="") == 1

    assert levels() == [("mug", "main", 3, 0)]
    assert in_stock() == {"mug": True}


def test_nothing_counted_where_nothing_was_moves_nothing() -> None:
    mug = put_on_sale("mug", stock=0)

    assert actions.count(counts={mug: 0}, location_code="main", reference="") == 0

    assert movements() == []
    assert in_stock() == {"mug": False}


@pytest.mark.parametrize("counted", [-1, LARGEST_STOCK + 1, 10**30])
def test_counts_that_cannot_be(counted: int) -> None:
    mug, tea = put_on_sale("mug", stock=5), put_on_sale("tea", stock=5)

    assert_refused(
        lambda: actions.count(counts={tea: 1, mug: counted}, location_code="main", reference=""),
        InvalidStockQuantity,
        quantity=counted,
    )


def test_fewer_counted_than_promised() -> None:
    mug = put_on_sale("mug", stock=5)
    promise(mug, 3)

    assert_refused(
        lambda: actions.count(counts={mug: 2}, location_code="main", reference=""),
        StockIsPromised,
        sku="mug",
        on_hand=2,
        promised=3,
    )


# --- Wherever, whatever ---------------------------------------------------------------------------

VERBS: list[Callable[[dict[int, int], str], Any]] = [
    lambda units, code: actions.receive(units=units, location_code=code, reference=""),
    lambda units, code: actions.adjust(changes=units, location_code=code, reference=""),
    lambda units, code: actions.count(counts=units, location_code=code, reference=""),
]
every_verb = pytest.mark.parametrize("verb", VERBS, ids=["receive", "adjust", "count"])


@every_verb
@pytest.mark.parametrize("code", ["", "nowhere", "MAIN"])
def test_an_unknown_location(verb: Callable[[dict[int, int], str], Any], code: str) -> None:
    mug = put_on_sale("mug")

    assert_refused(lambda: verb({mug: 1}, code), UnknownLocation, location=code)


@every_verb
def test_an_unknown_variant(verb: Callable[[dict[int, int], str], Any]) -> None:
    """Neither the known ones nor their levels are touched, although they come first."""
    mug, tea = put_on_sale("mug"), put_on_sale("tea", stock=0)

    assert_refused(
        lambda: verb({mug: 1, tea: 1, 999_999: 1}, "main"), UnknownVariant, variant_id=999_999
    )


@every_verb
def test_the_verbs_have_a_transaction_of_their_own(
    verb: Callable[[dict[int, int], str], Any],
) -> None:
    mug = put_on_sale("mug")
    before = everything()

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        verb({mug: 1}, "main")

    assert everything() == before


@every_verb
def test_many_variants_cost_as_many_queries_as_one(
    verb: Callable[[dict[int, int], str], Any],
) -> None:
    ids = [put_on_sale(f"sku-{number}", stock=0) for number in range(20)]
    with queries_named() as for_one:
        verb({ids[0]: 1}, "main")
    with queries_named() as for_many:
        verb(dict.fromkeys(ids[1:], 1), "main")

    assert for_one == [
        "SELECT inventory_stocklocation",
        "SELECT inventory_stocklevel",
        # New levels, whether their variants exist, and nobody opens or closes the place meanwhile.
        "SELECT catalog_variant",
        "SELECT inventory_stocklocation",
        "INSERT inventory_stocklevel",
        "SELECT inventory_stocklevel",
        # Locked, and written.
        "SELECT inventory_stocklevel",
        "UPDATE inventory_stocklevel",
        # Now there is something to sell.
        "SELECT catalog_product",
        "UPDATE catalog_product",
        "INSERT events_event",
        "INSERT events_event",
        "INSERT inventory_stockmovement",
    ]
    assert for_many == for_one


def test_a_product_row_is_written_only_when_selling_begins_or_ends() -> None:
    mug = put_on_sale("mug", stock=5)

    with queries_named() as names:
        actions.adjust(changes={mug: -4}, location_code="main", reference="")
        actions.receive(units={mug: 1}, location_code="main", reference="")

    assert [name for name in names if "catalog_product" in name] == []


def test_a_location_that_does_not_sell_has_stock_and_nothing_for_sale() -> None:
    mug = put_on_sale("mug", stock=0)
    actions.add_location(code="returns", name="Returns")
    StockLocation.objects.filter(code="returns").update(is_active=False)

    actions.receive(units={mug: 5}, location_code="returns", reference="")

    assert levels() == [("mug", "returns", 5, 0)]
    assert in_stock() == {"mug": False}
    assert queries.available([mug]) == {mug: 0}


def test_variants_of_one_product_make_it_buyable_together() -> None:
    red = put_on_sale("mug-red", stock=1, product="mug", options=(("Colour", "Red"),))
    blue = put_on_sale("mug-blue", stock=1, product="mug", options=(("Colour", "Blue"),))

    actions.adjust(changes={red: -1}, location_code="main", reference="")
    assert in_stock() == {"mug": True}
    actions.adjust(changes={blue: -1}, location_code="main", reference="")
    assert in_stock() == {"mug": False}


def test_a_location_is_opened_once() -> None:
    first = actions.add_location(code="main", name="Main", position=3)

    assert actions.add_location(code="main", name="Other", position=9) == first
    assert actions.add_location(code="Main", name="Other") != first
    location = StockLocation.objects.get(id=first)
    assert (location.name, location.position, location.is_active) == ("Main", 3, True)
    assert StockLocation.objects.get(code="Main").position == 0


def test_what_is_available_is_asked_in_one_query() -> None:
    mug, tea = put_on_sale("mug", stock=5), put_on_sale("tea", stock=0)
    promise(mug, 2)

    with queries_named() as names:
        found = queries.available([mug, tea, 999_999])

    assert found == {mug: 3, tea: 0, 999_999: 0}
    assert names == ["SELECT inventory_stocklevel"]
    assert queries.available([]) == {}

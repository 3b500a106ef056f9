"""Stock is carried from one location to another: both ends are in the ledger, or neither is."""

from typing import Any

import pytest

from shop.accounts.models import User
from shop.catalog.errors import UnknownVariant
from shop.inventory import actions
from shop.inventory.errors import (
    InvalidStockQuantity,
    SameLocation,
    StockIsPromised,
    UnknownLocation,
)
from shop.inventory.tests.stock import assert_refused, in_stock, levels, movements
from shop.lib.refusals import Refusal
from tests.builders import place, put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]


@pytest.fixture
def mug(db: None) -> int:
    """Ten mugs in the main place, three in the shed."""
    put_on_sale("mug", location="shed", stock=3)
    return put_on_sale("mug", stock=10)


def move(variant_id: int, units: int, *, to: str = "shed", from_: str = "main") -> None:
    actions.move(units={variant_id: units}, from_code=from_, to_code=to, reference="fair")


def test_what_goes_there_comes_here(mug: int, sam: User) -> None:
    before = movements()

    actions.move(
        units={mug: 4}, from_code="main", to_code="shed", reference="for the fair", by=sam.id
    )

    assert levels() == [("mug", "main", 6, 0), ("mug", "shed", 7, 0)]
    assert movements()[len(before) :] == [
        ("mug", "main", -4, "moved", "for the fair", "sam"),
        ("mug", "shed", 4, "moved", "for the fair", "sam"),
    ]
    assert in_stock() == {"mug": True}


def test_the_first_of_its_kind_opens_a_level(mug: int) -> None:
    actions.add_location(code="attic", name="Attic")

    move(mug, 10, to="attic")

    assert levels() == [("mug", "attic", 10, 0), ("mug", "main", 0, 0), ("mug", "shed", 3, 0)]
    assert in_stock() == {"mug": True}


def test_carried_to_where_nothing_is_sold_it_cannot_be_bought(mug: int) -> None:
    attic = actions.add_location(code="attic", name="Attic")
    actions.set_location_active(location_id=attic, is_active=False)

    move(mug, 3, from_="shed", to="attic")
    assert in_stock() == {"mug": True}
    move(mug, 10, to="attic")
    assert in_stock() == {"mug": False}
    move(mug, 1, from_="attic", to="main")
    assert in_stock() == {"mug": True}


def test_what_is_promised_stays_where_it_is(mug: int) -> None:
    place({mug: 8})

    assert_refused(lambda: move(mug, 3), StockIsPromised, sku="mug", on_hand=7, promised=8)
    move(mug, 2)
    assert levels() == [("mug", "main", 8, 8), ("mug", "shed", 5, 0)]


@pytest.mark.parametrize(
    ("options", "refusal", "data"),
    [
        ({"to": "main"}, SameLocation, {"location": "main"}),
        ({"to": "moon"}, UnknownLocation, {"location": "moon"}),
        ({"from_": "moon"}, UnknownLocation, {"location": "moon"}),
        ({"units": 0}, InvalidStockQuantity, {"quantity": 0}),
        ({"units": -1}, InvalidStockQuantity, {"quantity": -1}),
        ({"units": 11}, InvalidStockQuantity, {"quantity": -1}),
        ({"variant_id": 999_999}, UnknownVariant, {"variant_id": 999_999}),
    ],
)
def test_what_cannot_be_changes_nothing(
    mug: int, options: dict[str, Any], refusal: type[Refusal], data: dict[str, object]
) -> None:
    assert_refused(lambda: move(**({"variant_id": mug, "units": 1} | options)), refusal, **data)


def test_it_asks_the_same_for_one_kind_and_for_three(mug: int) -> None:
    kinds = [mug, *(put_on_sale(name, stock=5) for name in ("tea", "jug"))]
    for kind in kinds:
        move(kind, 1)

    with queries_named() as few:
        actions.move(units={mug: 1}, from_code="main", to_code="shed", reference="x")
    with queries_named() as many:
        actions.move(units=dict.fromkeys(kinds, 1), from_code="main", to_code="shed", reference="x")

    assert len(few) == len(many)

"""Places where stock lies: which of them sell, what lies where, and who is told of it."""

import threading
from typing import Any

import pytest
from django.db import connection

from shop.catalog.models import Product
from shop.inventory import actions, queries
from shop.inventory.actions import stocking
from shop.inventory.actions._levels import write_levels
from shop.inventory.errors import UnknownLocation
from shop.inventory.models import StockLevel, StockLocation
from shop.inventory.tests.stock import everything, in_stock, levels
from tests.builders import breaches, place, put_on_sale
from tests.queries import queries_named
from tests.races.racing import PATIENCE_SECONDS, race, without_locks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

NOBODY = 10**9


def location(code: str = "main") -> int:
    return StockLocation.objects.get(code=code).id


def close(code: str = "main") -> None:
    actions.set_location_active(location_id=location(code), is_active=False)


def reopen(code: str = "main") -> None:
    actions.set_location_active(location_id=location(code), is_active=True)


# --- Selling, and not -----------------------------------------------------------------------------


def test_a_closed_location_keeps_its_stock_and_sells_nothing() -> None:
    mug = put_on_sale("mug", stock=5)
    before = levels()

    close()
    assert queries.available([mug]) == {mug: 0}
    assert in_stock() == {"mug": False}
    assert levels() == before
    assert not StockLocation.objects.get().is_active

    reopen()
    assert queries.available([mug]) == {mug: 5}
    assert in_stock() == {"mug": True}
    assert levels() == before


def test_what_lies_elsewhere_sells_on() -> None:
    mug = put_on_sale("mug", stock=5)
    put_on_sale("tea", stock=5)
    put_on_sale("mug", stock=2, location="shed")

    close()

    assert queries.available([mug]) == {mug: 2}
    assert in_stock() == {"mug": True, "tea": False}


def test_what_is_sold_out_or_hidden_does_not_come_back_with_it() -> None:
    mug, tea, jug = put_on_sale("mug", stock=1), put_on_sale("tea"), put_on_sale("jug")
    put_on_sale("a", product="shirt", stock=4, is_published=False)
    put_on_sale("b", product="shirt", stock=0)
    place({mug: 1})

    close()
    reopen()

    assert in_stock() == {"mug": False, "tea": True, "jug": True, "shirt": False}
    assert tea != jug


def test_as_it_is_already_is_nothing_to_do() -> None:
    put_on_sale("mug", stock=5)
    before = everything()

    with queries_named() as names:
        reopen()

    assert "UPDATE inventory_stocklocation" not in names
    assert "UPDATE catalog_product" not in names
    assert everything() == before


def test_an_unknown_location() -> None:
    put_on_sale("mug", stock=5)
    before = everything()

    with pytest.raises(UnknownLocation) as caught:
        actions.set_location_active(location_id=NOBODY, is_active=False)

    assert caught.value.location == str(NOBODY)
    assert everything() == before
    assert StockLocation.objects.get().is_active


def test_products_are_written_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        put_on_sale(f"mug{number}", stock=1)
    monkeypatch.setattr(stocking, "_VARIANTS_AT_ONCE", 2)

    with queries_named() as names:
        close()

    assert names.count("UPDATE catalog_product") == 3
    assert set(in_stock().values()) == {False}


# --- What lies where ------------------------------------------------------------------------------


def test_places_come_in_the_merchants_order() -> None:
    actions.add_location(code="shed", name="Shed", position=2)
    actions.add_location(code="main", name="Main", position=1)
    actions.add_location(code="attic", name="Attic", position=2)
    close("shed")

    with queries_named() as names:
        found = queries.locations()

    assert names == ["SELECT inventory_stocklocation"]
    assert [(place.code, place.is_active) for place in found] == [
        ("main", True),
        ("shed", False),
        ("attic", True),
    ]


def test_what_lies_where_the_preferred_place_first_in_one_query() -> None:
    actions.add_location(code="shed", name="Shed", position=5)
    mug, tea = put_on_sale("mug", stock=3, location="shed"), put_on_sale("tea", stock=0)
    put_on_sale("mug", stock=4)
    jug = put_on_sale("jug", stock=1)
    place({mug: 1})

    with queries_named() as names:
        found = [
            (level.variant_id, level.location.code, level.on_hand, level.promised)
            for level in queries.levels_of([jug, tea, mug, NOBODY])
        ]

    assert names == ["SELECT inventory_stocklevel"]
    assert found == [(mug, "main", 4, 1), (mug, "shed", 3, 0), (jug, "main", 1, 0)]
    assert queries.levels_of([]) == []


# --- At the same moment ---------------------------------------------------------------------------


def receive(variant_id: int) -> None:
    actions.receive(units={variant_id: 5}, location_code="main", reference="delivery 2")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_level", [True, False])
def test_what_comes_in_while_its_place_closes_is_not_for_sale(has_level: bool) -> None:
    mug = put_on_sale("mug", stock=0)
    for _ in range(4):
        assert race(lambda: receive(mug), close) == [None, None]

        assert in_stock() == {"mug": False}
        assert breaches() == []
        reopen()
        actions.count(counts={mug: 0}, location_code="main", reference="count")
        if not has_level:
            forget_the_level()


def forget_the_level() -> None:
    for level in StockLevel.objects.all():
        level.movements.all().delete()
        level.delete()
    Product.objects.update(in_stock=False)


def close_while_it_comes_in(variant_id: int, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Close the place when the delivery is written down and not yet committed."""
    written, closed = threading.Event(), threading.Event()

    def write_and_wait(**options: Any) -> None:
        write_levels(**options)
        written.set()
        closed.wait(1)

    def then_close() -> None:
        written.wait(PATIENCE_SECONDS)
        try:
            close()
        finally:
            closed.set()

    monkeypatch.setattr("shop.inventory.actions.stocking.write_levels", write_and_wait)
    return race(lambda: receive(variant_id), then_close)


@pytest.mark.overlap
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_level", [True, False])
def test_who_closes_a_place_sees_what_is_just_coming_in(
    has_level: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = put_on_sale("mug", stock=0)
    if has_level:
        StockLevel.objects.create(variant_id=mug, location_id=location())

    assert close_while_it_comes_in(mug, monkeypatch) == [None, None]

    assert levels() == [("mug", "main", 5, 0)]
    assert in_stock() == {"mug": False}


@pytest.mark.overlap
@pytest.mark.django_db(transaction=True)
def test_twin_without_locks_a_closed_place_seems_to_sell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor == "mysql":
        pytest.skip("a foreign key locks the location as well")
    mug = put_on_sale("mug", stock=0)
    without_locks(monkeypatch)

    assert close_while_it_comes_in(mug, monkeypatch) == [None, None]

    assert in_stock() == {"mug": True}
    assert breaches() != []
    # As it should be, for the audit at the end.
    Product.objects.update(in_stock=False)

"""The catalogue written by two at the same moment; each race has a twin that loses unguarded.

SQLite lets one transaction write at a time, so that nobody can race there: the twins, which need
two that overlap, run on the servers.
"""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shop.catalog.actions import put_products, set_prices
from shop.catalog.actions._families import load_families
from shop.catalog.actions._products import variants_of
from shop.catalog.actions.putting import _put
from shop.catalog.models import Category, Option, OptionValue, Product, Variant
from shop.catalog.rules import PriceChange, ProductRow
from tests.races.racing import PATIENCE_SECONDS, meet_after, race, without_locks

pytestmark = pytest.mark.django_db(transaction=True)

PUTTING = "shop.catalog.actions.putting"
SELLING = "shop.catalog.actions.selling"
ROWS = [
    ProductRow(
        sku=f"shirt-{number}",
        name="Shirt",
        price=Decimal("20.00"),
        product=f"shirt-{number % 3}",
        category=("Clothes", f"Shelf {number % 4}"),
        options=(("Size", f"{number}"),),
    )
    for number in range(12)
]


def meet_first_time(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, in which two threads wait for each other when they first come by."""
    meeting, met = threading.Barrier(2), threading.local()

    def waiting(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        if not getattr(met, "once", False):
            met.once = True
            meeting.wait(PATIENCE_SECONDS)
        return result

    return waiting


def counts() -> list[int]:
    return [model.objects.count() for model in (Product, Variant, Category, Option, OptionValue)]


def put_twice_at_once() -> list[Any]:
    return race(lambda: put_products(rows=ROWS), lambda: put_products(rows=list(reversed(ROWS))))


def test_the_same_rows_twice_at_once_are_made_once() -> None:
    results = put_twice_at_once()
    assert sorted(result.created for result in results) == [0, 12]
    assert counts() == [3, 12, 5, 1, 12]
    assert Category.objects.find_problems() == ([], [], [], [], [])


@pytest.mark.overlap
def test_who_finds_nothing_and_then_collides_starts_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{PUTTING}.load_families", meet_first_time(load_families))
    results = put_twice_at_once()
    assert sorted(result.created for result in results) == [0, 12]
    assert counts() == [3, 12, 5, 1, 12]
    assert Category.objects.find_problems() == ([], [], [], [], [])


@pytest.mark.overlap
def test_twin_who_does_not_start_over_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{PUTTING}.load_families", meet_first_time(load_families))
    results = race(*(lambda: _put(rows=ROWS, update=True) for _ in range(2)))
    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "PutReport"]
    assert counts() == [3, 12, 4, 1, 12]


def two_variants() -> list[int]:
    put_products(
        rows=[
            ProductRow(sku=sku, name="Shirt", price=Decimal("10.00"), product="shirt")
            for sku in "ab"
        ]
    )
    return list(Variant.objects.order_by("sku").values_list("id", flat=True))


def reprice_at_once(variant_ids: list[int]) -> list[Any]:
    first, second = variant_ids
    return race(
        lambda: set_prices(prices=[PriceChange(first, Decimal("20.00"))]),
        lambda: set_prices(prices=[PriceChange(second, Decimal("30.00"))]),
    )


def test_two_variants_repriced_at_once_leave_the_product_at_the_lowest() -> None:
    assert reprice_at_once(two_variants()) == [None, None]
    assert Product.objects.get().price == Decimal("20.00")


@pytest.mark.overlap
def test_twin_without_the_products_lock_its_price_is_nobodys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variant_ids = two_variants()
    without_locks(monkeypatch)
    monkeypatch.setattr(f"{SELLING}.variants_of", meet_after(variants_of, parties=2))
    assert reprice_at_once(variant_ids) == [None, None]
    assert set(Variant.objects.values_list("price", flat=True)) == {Decimal(20), Decimal(30)}
    assert Product.objects.get().price == Decimal("10.00")

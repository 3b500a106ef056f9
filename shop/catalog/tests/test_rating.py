"""What products remember of their reviews: counted by others, kept here."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from shop.catalog import actions
from shop.catalog.models import Product
from shop.catalog.rules import Stars
from shop.catalog.tests.rows import everything, put, row
from shop.lib.transactions import OutsideTransactionError
from tests.queries import queries_named

pytestmark = pytest.mark.django_db


def rate(product_ids: Collection[int], stars: dict[int, Stars]) -> None:
    with transaction.atomic():
        actions.rate(product_ids=product_ids, stars=lambda _: stars)


def remembered() -> dict[str, tuple[Any, ...]]:
    rows = Product.objects.values_list("code", "rating", "rating_rank", "review_count")
    return {code: tuple(rest) for code, *rest in rows}


def rows() -> list[dict[str, Any]]:
    """Return of every product what its reviews have nothing to do with."""
    ours = {"rating", "rating_rank", "review_count", "updated_at"}
    names = [field.attname for field in Product._meta.concrete_fields]
    return list(Product.objects.order_by("id").values(*set(names) - ours))


def ids() -> dict[str, int]:
    return dict(Product.objects.values_list("code", "id"))


@pytest.mark.parametrize(
    ("stars", "rating"),
    [
        (Stars(sum=0, count=0), None),
        (Stars(sum=5, count=1), Decimal("5.00")),
        (Stars(sum=14, count=3), Decimal("4.67")),
        (Stars(sum=13, count=3), Decimal("4.33")),
        # Half up: 3.125 and 4.005 exactly.
        (Stars(sum=25, count=8), Decimal("3.13")),
        (Stars(sum=801, count=200), Decimal("4.01")),
        (Stars(sum=10**12, count=10**12), Decimal("1.00")),
    ],
)
def test_the_average_is_rounded_half_up(stars: Stars, rating: Decimal | None) -> None:
    assert stars.rating == rating


def test_what_is_counted_is_kept_and_nothing_else_changes() -> None:
    put(row("mug"), row("bowl"), row("jug"))
    products = ids()
    before = rows()

    rate(
        [products["mug"], products["jug"]],
        {products["mug"]: Stars(sum=14, count=3), products["bowl"]: Stars(sum=1, count=1)},
    )

    assert remembered() == {
        "mug": (Decimal("4.67"), Decimal("4.67"), 3),
        "bowl": (None, Decimal("0.00"), 0),
        "jug": (None, Decimal("0.00"), 0),
    }
    assert rows() == before


def test_a_rating_that_is_gone_is_unknown_and_not_zero() -> None:
    put(row("mug"))
    mug = ids()["mug"]
    rate([mug], {mug: Stars(sum=4, count=1)})

    rate([mug], {})

    assert remembered() == {"mug": (None, Decimal("0.00"), 0)}


def test_stars_are_counted_once_the_products_are_locked() -> None:
    put(row("mug"), row("bowl"))
    asked: list[list[int]] = []

    def stars(product_ids: Collection[int]) -> dict[int, Stars]:
        asked.append(sorted(product_ids))
        return {}

    products = list(ids().values())
    with transaction.atomic(), queries_named() as names:
        actions.rate(product_ids=[*products, 10**9], stars=stars)

    # Of products that are gone nobody asks.
    assert asked == [sorted(products)]
    told = "INSERT events_event"
    assert names == ["SELECT catalog_product", "UPDATE catalog_product", told]


@pytest.mark.parametrize("count", [1, 50])
def test_rating_is_as_many_queries_for_one_product_and_fifty(count: int) -> None:
    put(*(row(f"mug{number}") for number in range(count)))
    products = list(ids().values())

    with transaction.atomic(), queries_named() as names:
        actions.lock(product_ids=products)
        actions.rate(
            product_ids=products, stars=lambda found: dict.fromkeys(found, Stars(sum=3, count=1))
        )

    lock, told = "SELECT catalog_product", "INSERT events_event"
    assert names == [lock, lock, "UPDATE catalog_product", told]


@pytest.mark.django_db(transaction=True)
def test_rating_and_locking_need_their_callers_transaction() -> None:
    put(row("mug"))
    products = list(ids().values())
    before = everything()

    with pytest.raises(OutsideTransactionError):
        actions.rate(product_ids=products, stars=lambda _: {})
    with pytest.raises(OutsideTransactionError):
        actions.lock(product_ids=products)

    assert everything() == before

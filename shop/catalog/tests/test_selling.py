"""What things cost now, and whether they are shown and can be had."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Exists, OuterRef
from pytest_django import DjangoAssertNumQueries

from shop.catalog.actions import mark_in_stock, put_products, set_prices, set_published
from shop.catalog.errors import (
    InvalidProduct,
    RegularPriceBelowPrice,
    UnknownProduct,
    UnknownVariant,
)
from shop.catalog.models import Product, Variant
from shop.catalog.queries import offers, variant_ids_by_sku
from shop.catalog.rules import Offer, PriceChange, ProductRow
from shop.lib.refusals import Refusal
from shop.lib.transactions import OutsideTransactionError

pytestmark = pytest.mark.django_db

NOBODY = 10**9


def put(sku: str, price: str = "10.00", **facts: Any) -> int:
    facts.setdefault("name", sku)
    put_products(rows=[ProductRow(sku=sku, price=Decimal(price), **facts)])
    return Variant.objects.get(sku=sku).id


def prices() -> dict[str, tuple[Decimal, Decimal | None, Decimal | None]]:
    """Return price, regular price and the product's price by SKU."""
    columns = ("sku", "price", "regular_price", "product__price")
    return {sku: tuple(rest) for sku, *rest in Variant.objects.values_list(*columns)}


# --- Offers ---------------------------------------------------------------------------------------


def test_offers_say_what_variants_are_called_and_cost(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    mug = put("mug", "12.50", name="Blue mug")
    shirt = put("shirt-m", name="Shirt", product="shirt", options=(("Size", "M"),))
    product_ids = dict(Product.objects.values_list("code", "id"))

    with django_assert_num_queries(1):
        found = offers([mug, shirt, NOBODY])

    assert found == {
        mug: Offer(mug, product_ids["mug"], "mug", "Blue mug", "", Decimal("12.50"), True),
        shirt: Offer(shirt, product_ids["shirt"], "shirt-m", "Shirt", "M", Decimal("10.00"), True),
    }


def test_what_is_hidden_is_not_sold() -> None:
    mug, bowl = put("mug"), put("bowl")
    hidden = put("a", product="shirt", is_published=False)
    shown = put("b", product="shirt", is_published=True)
    set_published(product_ids=[Product.objects.get(code="mug").id], is_published=False)

    sold = {id_: offer.is_sold for id_, offer in offers([mug, bowl, hidden, shown]).items()}
    assert sold == {mug: False, bowl: True, hidden: False, shown: True}


def test_ids_by_sku_in_as_many_queries_as_a_database_needs(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    mug, other = put("mug"), put("MUG")
    with django_assert_num_queries(1):
        assert variant_ids_by_sku(["mug", "MUG", "Mug", "mug"]) == {"mug": mug, "MUG": other}
    with django_assert_num_queries(3):
        assert variant_ids_by_sku(f"sku-{number}" for number in range(1801)) == {}
    with django_assert_num_queries(0):
        assert variant_ids_by_sku([]) == {}


# --- Prices ---------------------------------------------------------------------------------------


def test_a_price_changes_with_its_products(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    mug = put("mug", regular_price=Decimal(15))
    small, large = put("s", "20.00", product="shirt"), put("l", "22.00", product="shirt")

    # Lock the products; their variants; write variants; write products; tell.
    with django_assert_num_queries(5 + 2):
        set_prices(
            prices=[
                PriceChange(mug, Decimal("8.00")),
                PriceChange(small, Decimal("25.00"), regular_price=Decimal("30.00")),
            ]
        )

    assert prices() == {
        "mug": (Decimal(8), Decimal(15), Decimal(8)),
        "s": (Decimal(25), Decimal(30), Decimal(22)),
        "l": (Decimal(22), None, Decimal(22)),
    }
    set_prices(
        prices=[
            PriceChange(mug, Decimal("20.00"), regular_price=None),
            PriceChange(large, Decimal("26.00")),
        ]
    )
    assert prices() == {
        "mug": (Decimal(20), None, Decimal(20)),
        "s": (Decimal(25), Decimal(30), Decimal(25)),
        "l": (Decimal(26), None, Decimal(25)),
    }


@pytest.mark.parametrize(
    ("price", "regular_price", "refusal"),
    [
        ("-0.01", None, InvalidProduct),
        ("0.001", None, InvalidProduct),
        ("NaN", None, InvalidProduct),
        ("1e12", None, InvalidProduct),
        ("10.00", "9.99", RegularPriceBelowPrice),
    ],
)
def test_when_one_price_cannot_be_none_changes(
    price: str, regular_price: str | None, refusal: type[Refusal]
) -> None:
    mug, bowl = put("mug"), put("bowl")
    before = prices()
    regular = None if regular_price is None else Decimal(regular_price)
    with pytest.raises(refusal):
        set_prices(
            prices=[
                PriceChange(mug, Decimal("1.00")),
                PriceChange(bowl, Decimal(price), regular_price=regular),
            ]
        )
    assert prices() == before


def test_a_price_above_the_regular_one_that_stays_is_refused() -> None:
    mug = put("mug", regular_price=Decimal(15))
    with pytest.raises(RegularPriceBelowPrice):
        set_prices(prices=[PriceChange(mug, Decimal("15.01"))])
    assert prices() == {"mug": (Decimal(10), Decimal(15), Decimal(10))}


def test_the_price_of_nothing_cannot_change() -> None:
    mug = put("mug")
    with pytest.raises(UnknownVariant) as refusal:
        set_prices(prices=[PriceChange(mug, Decimal("1.00")), PriceChange(NOBODY, Decimal("1.00"))])
    assert refusal.value.variant_id == NOBODY
    assert prices() == {"mug": (Decimal(10), None, Decimal(10))}


# --- Shown and hidden -----------------------------------------------------------------------------


def shown() -> dict[str, bool]:
    return dict(Product.objects.values_list("code", "is_published"))


def test_products_are_hidden_and_shown_again() -> None:
    ids = [Variant.objects.get(id=put(sku)).product_id for sku in ("mug", "bowl", "jug")]
    set_published(product_ids=ids[:2], is_published=False)
    assert shown() == {"mug": False, "bowl": False, "jug": True}
    set_published(product_ids=ids[:1], is_published=True)
    assert shown() == {"mug": True, "bowl": False, "jug": True}


def test_when_one_product_is_unknown_none_is_hidden() -> None:
    mug = Variant.objects.get(id=put("mug")).product_id
    with pytest.raises(UnknownProduct) as refusal:
        set_published(product_ids=[mug, NOBODY], is_published=False)
    assert refusal.value.product_id == NOBODY
    assert shown() == {"mug": True}


# --- In stock -------------------------------------------------------------------------------------

CHEAP = Exists(Variant.objects.filter(product_id=OuterRef("pk"), price__lt=10))


def flags() -> dict[str, bool]:
    return dict(Product.objects.values_list("code", "in_stock"))


def test_products_are_marked_by_the_condition_in_three_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    cheap, dear, left_alone = put("cheap", "5.00"), put("dear", "50.00"), put("alone", "5.00")
    assert left_alone
    Product.objects.filter(code="dear").update(in_stock=True)

    # The last one tells that they are to be shown anew.
    with transaction.atomic(), django_assert_num_queries(3):
        mark_in_stock(variant_ids=[cheap, dear], when=CHEAP)

    assert flags() == {"cheap": True, "dear": False, "alone": False}


@pytest.mark.django_db(transaction=True)
def test_marking_needs_its_callers_transaction() -> None:
    cheap = put("cheap", "5.00")
    with pytest.raises(OutsideTransactionError):
        mark_in_stock(variant_ids=[cheap], when=CHEAP)
    assert flags() == {"cheap": False}

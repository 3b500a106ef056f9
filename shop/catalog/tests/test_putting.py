"""Making the catalogue say what rows say."""

from decimal import Decimal
from typing import Any

import pytest

from shop.catalog.actions import set_published
from shop.catalog.errors import (
    InvalidProduct,
    RegularPriceBelowPrice,
    RepeatedSku,
    VariantOfOtherProduct,
)
from shop.catalog.models import Product, Variant
from shop.catalog.rules import PutReport
from shop.catalog.tests.rows import BLUE_M, RED_M, everything, place_of, put, row, shirt

pytestmark = pytest.mark.django_db


# --- New products ---------------------------------------------------------------------------------


def test_a_row_makes_a_product_with_its_one_variant() -> None:
    report = put(
        row(
            name="Blue mug",
            category=("Home", "Kitchen"),
            description="Holds a pint.",
            regular_price=Decimal("15.00"),
        )
    )

    assert report == PutReport(created=1)
    product = Product.objects.get()
    assert (product.code, product.name, product.description) == ("mug", "Blue mug", "Holds a pint.")
    assert (product.price, product.is_published, product.in_stock) == (
        Decimal("12.50"),
        True,
        False,
    )
    assert place_of(product) == ["Home", "Kitchen"]
    variant = product.variants.get()
    assert (variant.sku, variant.title, variant.is_published) == ("mug", "", True)
    assert (variant.price, variant.regular_price) == (Decimal("12.50"), Decimal("15.00"))


def test_what_a_new_row_does_not_say() -> None:
    put(row())
    product = Product.objects.get()
    assert place_of(product) == ["Uncategorised"]
    assert (product.description, product.variants.get().regular_price) == ("", None)


def test_rows_of_one_product_make_its_variants() -> None:
    report = put(
        shirt("shirt-red-m", "20.00", options=RED_M),
        shirt("shirt-blue-m", "18.00", options=BLUE_M),
    )

    assert report == PutReport(created=2)
    product = Product.objects.get()
    assert (product.code, product.name, product.price) == ("shirt", "Shirt", Decimal("18.00"))
    variants = product.variants.order_by("position").values_list("sku", "title", "position")
    assert list(variants) == [("shirt-red-m", "Red, M", 0), ("shirt-blue-m", "Blue, M", 1)]


def test_the_first_row_that_says_something_of_a_product_counts() -> None:
    put(
        shirt("a", name="Shirt"),
        shirt("b", name="Jersey", category=("Clothes",), description="Warm."),
        shirt("c", name="Coat", category=("Wood",), description="Cold."),
    )
    product = Product.objects.get()
    assert (product.name, product.description) == ("Shirt", "Warm.")
    assert place_of(product) == ["Clothes"]


def test_skus_that_differ_in_case_are_different_products() -> None:
    assert put(row("85123a"), row("85123A")) == PutReport(created=2)
    assert sorted(Product.objects.values_list("code", flat=True)) == ["85123A", "85123a"]
    assert put(row("85123a"), row("85123A")) == PutReport(unchanged=2)


def test_a_product_is_not_published_when_none_of_its_variants_is() -> None:
    put(
        row("mug", is_published=False),
        shirt("a", "20.00", is_published=True),
        shirt("b", "10.00", is_published=False),
    )
    found = dict(Product.objects.values_list("code", "is_published"))
    assert found == {"mug": False, "shirt": True}
    prices = dict(Product.objects.values_list("code", "price"))
    assert prices == {"mug": None, "shirt": Decimal("20.00")}


# --- Known products -------------------------------------------------------------------------------


def test_the_same_rows_again_change_nothing() -> None:
    rows = [
        row(category=("Home",), description="Holds a pint.", regular_price=Decimal("15.00")),
        shirt("shirt-red-m", options=RED_M, is_published=True),
        shirt("shirt-blue-m", "18.00", options=BLUE_M, is_published=False),
    ]
    put(*rows)
    before = everything()

    assert put(*rows) == PutReport(unchanged=3)
    assert everything() == before


@pytest.mark.parametrize(
    ("facts", "field", "value"),
    [
        ({"price": "9.99"}, "price", Decimal("9.99")),
        ({"regular_price": Decimal(30)}, "regular_price", Decimal(30)),
        ({"regular_price": None}, "regular_price", None),
        ({"name": "Cup"}, "product__name", "Cup"),
        ({"description": ""}, "product__description", ""),
        ({"category": ("Office",)}, "product__category__name", "Office"),
        ({"options": RED_M}, "title", "Red, M"),
        ({"is_published": False}, "product__is_published", False),
        ({"position": 7}, "position", 7),
    ],
)
def test_a_row_changes_what_it_says_and_nothing_else(
    facts: dict[str, Any], field: str, value: object
) -> None:
    columns = (
        "price",
        "regular_price",
        "title",
        "position",
        "product__name",
        "product__description",
        "product__category__name",
        "product__is_published",
    )
    put(
        row(category=("Home",), description="Holds a pint.", regular_price=Decimal("15.00")),
        row("jug"),
    )
    before = Variant.objects.values(*columns).get(sku="mug")
    jug = Variant.objects.values(*columns).get(sku="jug")

    assert put(row(**facts), row("jug")) == PutReport(updated=1, unchanged=1)
    assert Variant.objects.values(*columns).get(sku="mug") == before | {field: value}
    assert Variant.objects.values(*columns).get(sku="jug") == jug


def test_the_products_price_follows_its_variants() -> None:
    put(shirt("a", "20.00"), shirt("b", "18.00"))
    put(shirt("b", "22.00"))
    assert Product.objects.get().price == Decimal("20.00")
    put(shirt("a", "20.00", is_published=False))
    assert Product.objects.get().price == Decimal("22.00")
    put(shirt("c", "5.00"))
    assert Product.objects.get().price == Decimal("5.00")


def test_a_product_is_published_again_with_the_first_of_its_variants() -> None:
    put(shirt("a", is_published=False), shirt("b", is_published=False))
    put(shirt("b", is_published=True))
    assert Product.objects.get().is_published is True
    assert Variant.objects.get(sku="a").is_published is False


def test_a_row_that_does_not_say_leaves_hidden_what_staff_has_hidden() -> None:
    put(row())
    set_published(product_ids=[Product.objects.get().id], is_published=False)
    put(row(price="9.99"))
    assert Product.objects.get().is_published is False


def test_a_price_list_does_not_rename_a_product_of_several_variants() -> None:
    put(shirt("a", category=("Clothes",)), shirt("b"))
    report = put(
        row("a", "19.00", name="Shirt, red", category=("Red",), description="Red."),
        row("b", "19.00", name="Shirt, blue"),
    )
    assert report == PutReport(updated=2)
    product = Product.objects.get()
    assert (product.name, product.description, product.price) == ("Shirt", "", Decimal("19.00"))
    assert place_of(product) == ["Clothes"]


def test_without_update_only_new_skus_are_added() -> None:
    put(row(), shirt("a", "20.00"))
    report = put(
        row(price="1.00", name="Cup"),
        shirt("a", "1.00"),
        shirt("b", "15.00", name="Jersey", category=("Clothes",)),
        row("jug"),
        update=False,
    )
    assert report == PutReport(created=2, unchanged=2)
    prices = dict(Variant.objects.values_list("sku", "price"))
    assert prices == {
        "mug": Decimal("12.50"),
        "a": Decimal("20.00"),
        "b": Decimal("15.00"),
        "jug": Decimal("12.50"),
    }
    product = Product.objects.get(code="shirt")
    assert (product.name, product.price) == ("Shirt", Decimal("15.00"))
    assert place_of(product) == ["Uncategorised"]


def test_when_a_row_changes_a_product_that_is_when_it_was_updated() -> None:
    put(row())
    before = Product.objects.get().updated_at
    put(row())
    assert Product.objects.get().updated_at == before
    put(row(price="9.99"))
    assert Product.objects.get().updated_at > before


# --- Rows that are refused ------------------------------------------------------------------------


def test_a_row_that_cannot_be_does_not_hurt_its_neighbours() -> None:
    put(shirt("a"), row("lamp", "10.00", regular_price=Decimal("15.00")))
    report = put(
        row("bowl"),
        row("jug", price="-1"),
        row("bowl", price="2.00"),
        row("a", product="trousers"),
        row("lamp", "15.01"),
        row("cup"),
    )
    assert (report.created, report.updated, report.unchanged) == (2, 0, 0)
    assert {place: type(refusal) for place, refusal in report.refused.items()} == {
        1: InvalidProduct,
        2: RepeatedSku,
        3: VariantOfOtherProduct,
        4: RegularPriceBelowPrice,
    }
    assert report.refused[3].data == {"sku": "a", "product": "shirt"}
    assert report.refused[4].data == {
        "sku": "lamp",
        "price": Decimal("15.01"),
        "regular_price": Decimal("15.00"),
    }
    assert sorted(Variant.objects.values_list("sku", "price")) == [
        ("a", Decimal("20.00")),
        ("bowl", Decimal("12.50")),
        ("cup", Decimal("12.50")),
        ("lamp", Decimal("10.00")),
    ]
    assert not Product.objects.filter(code="trousers").exists()


def test_when_every_row_is_refused_nothing_is_made() -> None:
    put(row())
    before = everything()
    report = put(row(sku="", category=("New",)), row(price="NaN", category=("New",)))
    assert (report.created, report.updated, report.unchanged) == (0, 0, 0)
    assert list(report.refused) == [0, 1]
    assert everything() == before


def test_no_rows_are_no_work() -> None:
    assert put() == PutReport()

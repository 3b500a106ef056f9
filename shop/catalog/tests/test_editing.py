"""One product at a time, as people edit it: what changes, what stays, and who is told."""

from decimal import Decimal
from typing import Any

import pytest

from shop.catalog import actions
from shop.catalog.errors import (
    InvalidProduct,
    Problem,
    RegularPriceBelowPrice,
    RepeatedSku,
    SkuTaken,
    UnknownCategory,
)
from shop.catalog.models import Product, Variant, VariantValue
from shop.catalog.rules import LARGEST_PRICE, ProductFacts, VariantFacts
from shop.catalog.tests.desk import add, news, refused, titles, told_of, variant, variant_id
from shop.catalog.tests.rows import BLUE_M, RED_M, everything

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

NOBODY = 10**9


@pytest.fixture
def shelf(db: None) -> int:
    """A category to put things in."""
    return actions.add_category(name="Clothes")


# --- Adding ---------------------------------------------------------------------------------------


def test_a_product_with_its_variants(shelf: int) -> None:
    product_id = add(
        shelf,
        variant("a", "20.00", regular_price=Decimal("25.00"), options=RED_M),
        variant("b", "18.50", options=BLUE_M),
        variant("c", "1.00", is_published=False),
        description="Soft.",
    )

    product = Product.objects.get(id=product_id)
    assert (product.code, product.name, product.description) == ("a", "Shirt", "Soft.")
    assert (product.category_id, product.is_published, product.in_stock) == (shelf, True, False)
    assert (product.price, product.rating, product.review_count) == (Decimal("18.50"), None, 0)
    rows = Variant.objects.order_by("position").values_list(
        "sku", "title", "price", "regular_price", "is_published", "product_id"
    )
    assert list(rows) == [
        ("a", "Red, M", Decimal("20.00"), Decimal("25.00"), True, product_id),
        ("b", "Blue, M", Decimal("18.50"), None, True, product_id),
        ("c", "", Decimal("1.00"), None, False, product_id),
    ]
    ids = [variant_id(sku) for sku in "abc"]
    added = ("product.added", f"product:{product_id}", {"product_ids": [product_id]})
    assert news() == [
        ("category.added", f"category:{shelf}", {"category_id": shelf}),
        added,
        *told_of(product_id, before=None, price="18.50", variant_ids=ids),
    ]


def test_a_code_of_its_own(shelf: int) -> None:
    product_id = add(shelf, code="SHIRT", is_published=False)

    product = Product.objects.get(id=product_id)
    assert (product.code, product.is_published) == ("SHIRT", False)


def test_options_are_found_by_what_they_are_called(shelf: int) -> None:
    add(shelf, variant("a", options=RED_M), variant("b", options=(("colour", " red "),)))

    values = VariantValue.objects.order_by("variant__sku").values_list("variant__sku", "value_id")
    by_sku = [value for sku, value in values if sku == "b"]
    assert titles() == {"a": "Red, M", "b": "Red"}
    assert set(by_sku) <= {value for sku, value in values if sku == "a"}


@pytest.mark.parametrize(
    ("facts", "field", "problem"),
    [
        ({"name": " "}, "name", Problem.EMPTY),
        ({"name": "x" * 256}, "name", Problem.TOO_LONG),
        ({"name": "x\0"}, "name", Problem.UNPRINTABLE),
        ({"code": "x" * 65}, "product", Problem.TOO_LONG),
        ({"code": "x\u200b"}, "product", Problem.UNPRINTABLE),
        ({"description": "x\0"}, "description", Problem.UNPRINTABLE),
    ],
)
def test_what_no_product_can_be(
    shelf: int, facts: dict[str, str], field: str, problem: Problem
) -> None:
    refusal = refused(lambda: add(shelf, **facts))

    assert isinstance(refusal, InvalidProduct)
    assert (refusal.sku, refusal.field, refusal.problem) == ("shirt-m", field, problem)

    product_id = add(shelf)
    refusal = refused(lambda: actions.change_product(product_id=product_id, changes=facts))
    assert isinstance(refusal, InvalidProduct)
    assert (refusal.field, refusal.problem) == (field, problem)


@pytest.mark.parametrize(
    ("facts", "field", "problem"),
    [
        ({"sku": ""}, "sku", Problem.EMPTY),
        ({"sku": "x" * 65}, "sku", Problem.TOO_LONG),
        ({"sku": "a\u200bb"}, "sku", Problem.UNPRINTABLE),
        ({"price": Decimal("-0.01")}, "price", Problem.NEGATIVE),
        ({"price": Decimal("0.001")}, "price", Problem.TOO_PRECISE),
        ({"price": LARGEST_PRICE + 1}, "price", Problem.TOO_LARGE),
        ({"price": Decimal("NaN")}, "price", Problem.NOT_AN_AMOUNT),
        ({"regular_price": Decimal("Infinity")}, "regular_price", Problem.NOT_AN_AMOUNT),
        ({"options": (("Size", ""),)}, "options", Problem.EMPTY),
        ({"options": (("Size", "M"), ("size", "L"))}, "options", Problem.TWICE),
        ({"options": (("Size", "x" * 81),)}, "options", Problem.TOO_LONG),
    ],
)
def test_what_no_variant_can_be(
    shelf: int, facts: dict[str, Any], field: str, problem: Problem
) -> None:
    product_id = add(shelf, variant("other"))
    values: dict[str, Any] = {"sku": "a", "price": Decimal(20)} | facts
    wrong = VariantFacts(**values)
    for verb in (
        lambda: add(shelf, variant("fine"), wrong),
        lambda: actions.add_variant(product_id=product_id, variant=wrong),
        lambda: actions.change_variant(variant_id=variant_id("other"), changes=facts),
    ):
        refusal = refused(verb)
        assert isinstance(refusal, InvalidProduct)
        assert (refusal.field, refusal.problem) == (field, problem)


def test_a_product_without_variants_is_none(shelf: int) -> None:
    product = ProductFacts(name="Shirt", category_id=shelf, code="shirt")

    refusal = refused(lambda: actions.add_product(product=product, variants=[]))

    assert isinstance(refusal, InvalidProduct)
    assert (refusal.field, refusal.problem) == ("sku", Problem.EMPTY)


def test_a_reduced_price_is_below_the_regular_one(shelf: int) -> None:
    wrong = variant(regular_price=Decimal("19.99"))

    refusal = refused(lambda: add(shelf, wrong))

    assert isinstance(refusal, RegularPriceBelowPrice)
    add(shelf)
    changes = {"price": Decimal("30.00"), "regular_price": Decimal("29.00")}
    refusal = refused(lambda: actions.change_variant(variant_id=variant_id(), changes=changes))
    assert isinstance(refusal, RegularPriceBelowPrice)
    assert (refusal.price, refusal.regular_price) == (Decimal("30.00"), Decimal("29.00"))


def test_one_number_twice(shelf: int) -> None:
    refusal = refused(lambda: add(shelf, variant("a"), variant("b"), variant("a")))

    assert isinstance(refusal, RepeatedSku)
    assert refusal.sku == "a"


def test_a_number_that_another_one_has(shelf: int) -> None:
    add(shelf, variant("a"), code="shirt")
    add(shelf, variant("b"))

    for verb, sku in (
        (lambda: add(shelf, variant("c"), variant("a")), "a"),
        (lambda: add(shelf, variant("c"), code="shirt"), "shirt"),
        # A code that is made up is the first SKU, and that is a code of another product.
        (lambda: add(shelf, variant("shirt")), "shirt"),
        (
            lambda: actions.add_variant(
                product_id=Product.objects.get(code="b").id, variant=variant("a")
            ),
            "a",
        ),
        (lambda: actions.change_variant(variant_id=variant_id("b"), changes={"sku": "a"}), "a"),
        (
            lambda: actions.change_product(
                product_id=Product.objects.get(code="b").id, changes={"code": "shirt"}
            ),
            "shirt",
        ),
    ):
        refusal = refused(verb)
        assert isinstance(refusal, SkuTaken)
        assert refusal.sku == sku


def test_numbers_that_differ_in_case_are_two(shelf: int) -> None:
    add(shelf, variant("85123a"), variant("85123A"))

    assert set(titles()) == {"85123a", "85123A"}


def test_nowhere_to_put_it(shelf: int) -> None:
    refusal = refused(lambda: add(NOBODY))
    assert isinstance(refusal, UnknownCategory)
    assert refusal.category_id == NOBODY

    product_id = add(shelf)
    refusal = refused(
        lambda: actions.change_product(product_id=product_id, changes={"category_id": NOBODY})
    )
    assert isinstance(refusal, UnknownCategory)


# --- Changing a product ---------------------------------------------------------------------------


def test_a_product_changes_in_what_is_named(shelf: int) -> None:
    other = actions.add_category(name="Sale")
    product_id = add(shelf, description="Soft.", code="shirt")
    before: dict[str, Any] = dict(Product.objects.values().get())

    actions.change_product(
        product_id=product_id, changes={"name": "Vest", "category_id": other, "description": ""}
    )

    after: dict[str, Any] = dict(Product.objects.values().get())
    assert after.pop("updated_at") > before.pop("updated_at")
    assert after == before | {"name": "Vest", "category_id": other, "description": ""}


def test_a_product_is_hidden_and_shown(shelf: int) -> None:
    product_id = add(shelf)

    actions.change_product(product_id=product_id, changes={"is_published": False})
    assert not Product.objects.get().is_published
    actions.change_product(product_id=product_id, changes={"is_published": True})
    assert Product.objects.get().is_published


def test_an_empty_code_stays_what_it_was(shelf: int) -> None:
    product_id = add(shelf, code="shirt")

    actions.change_product(product_id=product_id, changes={"code": "", "name": "Vest"})

    product = Product.objects.get()
    assert (product.code, product.name) == ("shirt", "Vest")


def test_a_product_that_has_no_variants_any_more_changes_by_the_same_rules(shelf: int) -> None:
    product_id = add(shelf)
    actions.remove_variant(variant_id=variant_id())

    refusal = refused(lambda: actions.change_product(product_id=product_id, changes={"name": ""}))
    assert isinstance(refusal, InvalidProduct)
    actions.change_product(product_id=product_id, changes={"name": "Vest"})
    assert Product.objects.get().name == "Vest"


def test_what_a_product_remembers_nobody_sets(shelf: int) -> None:
    product_id = add(shelf)
    before = everything()

    for name in ("price", "in_stock", "rating", "id"):
        with pytest.raises(TypeError, match=name):
            actions.change_product(product_id=product_id, changes={name: 1})

    assert everything() == before

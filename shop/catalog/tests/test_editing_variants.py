"""One variant at a time: what changes, what is removed, and what the product makes of it."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from shop.catalog import actions
from shop.catalog.errors import (
    ProductIsOrdered,
    UnknownProduct,
    UnknownVariant,
    VariantIsOrdered,
)
from shop.catalog.models import Category, Product, Variant, VariantValue
from shop.catalog.tests.desk import (
    add,
    news,
    price_of,
    refused,
    titles,
    told_of,
    variant,
    variant_id,
)
from shop.catalog.tests.rows import BLUE_M, RED_M
from shop.events.models import Event
from shop.lib.transactions import OutsideTransactionError
from tests.builders import breaches, place, put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

NOBODY = 10**9


@pytest.fixture
def shelf(db: None) -> int:
    """A category to put things in."""
    return actions.add_category(name="Clothes")


# --- Variants -------------------------------------------------------------------------------------


def test_a_variant_comes_last_and_may_be_the_cheapest(shelf: int) -> None:
    product_id = add(shelf, variant("a", "20.00"), variant("b", "30.00"))
    Event.objects.all().delete()

    new = actions.add_variant(product_id=product_id, variant=variant("c", "9.99", options=RED_M))

    assert list(Variant.objects.order_by("position").values_list("sku", flat=True)) == list("abc")
    assert new == variant_id("c")
    assert price_of(product_id) == "9.99"
    assert titles()["c"] == "Red, M"
    ids = [variant_id(sku) for sku in "abc"]
    assert news() == told_of(product_id, before="20.00", price="9.99", variant_ids=ids)


def test_a_variant_changes_in_what_is_named(shelf: int) -> None:
    product_id = add(shelf, variant("a", "20.00", options=RED_M), variant("b", "30.00"))
    before = Variant.objects.values().get(sku="a")

    actions.change_variant(
        variant_id=before["id"],
        changes={"price": Decimal("35.00"), "regular_price": Decimal("40.00")},
    )

    after = Variant.objects.values().get(sku="a")
    changed = {"price": Decimal("35.00"), "regular_price": Decimal("40.00")}
    assert after == before | changed
    assert titles()["a"] == "Red, M"
    assert price_of(product_id) == "30.00"


def test_a_variant_gets_another_number(shelf: int) -> None:
    product_id = add(shelf, variant("a"))

    actions.change_variant(variant_id=variant_id("a"), changes={"sku": "z"})

    assert titles() == {"z": ""}
    assert Product.objects.get(id=product_id).code == "a"


def test_a_hidden_variant_has_no_part_in_the_price(shelf: int) -> None:
    product_id = add(shelf, variant("a", "20.00"), variant("b", "30.00"))

    actions.change_variant(variant_id=variant_id("a"), changes={"is_published": False})
    assert price_of(product_id) == "30.00"
    actions.change_variant(variant_id=variant_id("b"), changes={"is_published": False})
    assert price_of(product_id) is None
    actions.change_variant(variant_id=variant_id("a"), changes={"is_published": True})
    assert price_of(product_id) == "20.00"


def test_options_change_and_go(shelf: int) -> None:
    add(shelf, variant("a", options=RED_M))

    actions.change_variant(variant_id=variant_id("a"), changes={"options": BLUE_M})
    assert titles() == {"a": "Blue, M"}
    assert VariantValue.objects.count() == 2

    actions.change_variant(variant_id=variant_id("a"), changes={"options": ()})
    assert titles() == {"a": ""}
    assert VariantValue.objects.count() == 0


def test_options_that_stay_keep_their_rows(shelf: int) -> None:
    add(shelf, variant("a", options=RED_M))
    before = list(VariantValue.objects.values_list())

    actions.change_variant(variant_id=variant_id("a"), changes={"price": Decimal(7)})

    assert list(VariantValue.objects.values_list()) == before


# --- Removing -------------------------------------------------------------------------------------


def test_what_nobody_ever_had_goes_with_all_its_rows(shelf: int) -> None:
    product_id = add(shelf, variant("a", options=RED_M), variant("b"))

    actions.remove_product(product_id=product_id)

    assert (Product.objects.count(), Variant.objects.count()) == (0, 0)
    assert VariantValue.objects.count() == 0
    assert Category.objects.count() == 1


def test_a_variant_goes_and_the_price_follows(shelf: int) -> None:
    product_id = add(shelf, variant("a", "20.00"), variant("b", "30.00"))
    Event.objects.all().delete()

    actions.remove_variant(variant_id=variant_id("a"))
    assert price_of(product_id) == "30.00"
    ids = [variant_id("b")]
    assert news() == told_of(product_id, before="20.00", price="30.00", variant_ids=ids)

    actions.remove_variant(variant_id=variant_id("b"))
    assert price_of(product_id) is None
    # Of variants there is nothing left to tell.
    assert [name for name, _, _ in news()[3:]] == ["product.price_changed", "product.changed"]


def test_what_was_stocked_or_ordered_stays() -> None:
    stocked, ordered = put_on_sale("stocked", stock=3), put_on_sale("ordered", stock=3)
    place({ordered: 1})

    for sku, id_ in (("stocked", stocked), ("ordered", ordered)):
        product_id = Product.objects.get(code=sku).id
        refusal = refused(partial(actions.remove_variant, variant_id=id_))
        assert isinstance(refusal, VariantIsOrdered)
        assert refusal.sku == sku
        refusal = refused(partial(actions.remove_product, product_id=product_id))
        assert isinstance(refusal, ProductIsOrdered)
        assert refusal.product_id == product_id


@pytest.mark.parametrize("orders", [1, 5])
def test_finding_that_out_costs_the_same_for_one_order_and_five(orders: int) -> None:
    ordered = put_on_sale("ordered", stock=5)
    for _ in range(orders):
        place({ordered: 1})

    with queries_named() as of_variant:
        refused(partial(actions.remove_variant, variant_id=ordered))
    with queries_named() as of_product:
        product_id = Product.objects.values_list("id", flat=True).get()
        refused(partial(actions.remove_product, product_id=product_id))

    assert of_variant.count("SELECT orders_orderline") <= 1
    assert of_product.count("SELECT orders_orderline") <= 1


@pytest.mark.parametrize("variants", [1, 5])
def test_a_new_product_is_not_asked_for_what_its_variants_were(shelf: int, variants: int) -> None:
    with queries_named() as names:
        add(shelf, *(variant(f"v{number}", "20.00", options=RED_M) for number in range(variants)))

    assert names.count("DELETE catalog_variantvalue") == 0
    # What the titles are made of, for all of them at once.
    assert names.count("SELECT catalog_variantvalue") == 1


def test_what_is_stocked_at_the_last_moment_stays(
    shelf: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django saw nothing that names it; the database does."""
    product_id = add(shelf)

    def delete(*_: Any, **__: Any) -> None:
        raise IntegrityError("violates foreign key constraint")

    monkeypatch.setattr(Product, "delete", delete)
    monkeypatch.setattr(Variant, "delete", delete)

    refusal = refused(lambda: actions.remove_product(product_id=product_id))
    assert isinstance(refusal, ProductIsOrdered)
    refusal = refused(lambda: actions.remove_variant(variant_id=variant_id()))
    assert isinstance(refusal, VariantIsOrdered)
    assert refusal.sku == "shirt-m"


# --- What is not there ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "verb",
    [
        lambda: actions.change_product(product_id=NOBODY, changes={"name": "Vest"}),
        lambda: actions.remove_product(product_id=NOBODY),
        lambda: actions.add_variant(product_id=NOBODY, variant=variant()),
    ],
)
def test_an_unknown_product(shelf: int, verb: Callable[[], Any]) -> None:
    add(shelf)

    refusal = refused(verb)

    assert isinstance(refusal, UnknownProduct)
    assert refusal.product_id == NOBODY


@pytest.mark.parametrize(
    "verb",
    [
        lambda: actions.change_variant(variant_id=NOBODY, changes={"price": Decimal(1)}),
        lambda: actions.remove_variant(variant_id=NOBODY),
    ],
)
def test_an_unknown_variant(shelf: int, verb: Callable[[], Any]) -> None:
    add(shelf)

    refusal = refused(verb)

    assert isinstance(refusal, UnknownVariant)
    assert refusal.variant_id == NOBODY


# --- By hand --------------------------------------------------------------------------------------


def test_what_was_written_by_hand_is_settled(shelf: int) -> None:
    product_id = add(shelf, variant("a", "20.00", options=RED_M), variant("b", "30.00"))
    other_id = add(shelf, variant("c"))
    Event.objects.all().delete()
    other = Product.objects.values().get(id=other_id)

    with transaction.atomic():
        Variant.objects.filter(sku="a").update(price=Decimal("50.00"))
        VariantValue.objects.filter(variant__sku="a", option__name="Size").delete()
        actions.settle(product_ids=[product_id])

    assert price_of(product_id) == "30.00"
    assert titles() == {"a": "Red", "b": "", "c": ""}
    ids = [variant_id("a"), variant_id("b")]
    assert news() == told_of(product_id, before="20.00", price="30.00", variant_ids=ids)
    assert Product.objects.values().get(id=other_id) == other
    assert breaches() == []


@pytest.mark.django_db(transaction=True)
def test_settling_needs_its_callers_transaction() -> None:
    with pytest.raises(OutsideTransactionError):
        actions.settle(product_ids=[])

"""Staff add, change, show, hide and remove products with their variants."""

from decimal import Decimal
from typing import Any

import pytest

from shop.backoffice.tests.desk import (
    add_page,
    boss_desk,
    errors,
    filled_in,
    list_of,
    page_of,
    sentences,
)
from shop.catalog.models import Category, Option, OptionValue, Product, Variant, VariantValue
from shop.catalog.tests.rows import everything
from shop.events.models import Event
from tests import builders

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def shirt() -> Product:
    """A shirt in two colours, one of them reduced."""
    common: dict[str, Any] = {"name": "Shirt", "product": "shirt"}
    builders.put_on_sale("s-red", price="20.00", options=(("Colour", "Red"),), **common)
    builders.put_on_sale("s-blue", price="18.00", options=(("Colour", "Blue"),), **common)
    return Product.objects.get(code="shirt")


def new_product(**more: str) -> dict[str, str]:
    category: Any = Category.objects.add_root({"name": "Kitchen"})
    return {
        "name": "Mug",
        "category": str(category.pk),
        "is_published": "on",
        "variants-TOTAL_FORMS": "1",
        "variants-INITIAL_FORMS": "0",
        "variants-0-sku": "mug-1",
        "variants-0-price": "12.50",
        "variants-0-position": "0",
        "variants-0-is_published": "on",
        **more,
    }


def test_a_product_is_added_with_its_variant() -> None:
    response = boss_desk().post(add_page(Product), new_product())
    assert response.status_code == 302
    product = Product.objects.get()
    assert (product.code, product.name, product.price) == ("mug-1", "Mug", Decimal("12.50"))
    assert list(product.variants.values_list("sku", "price")) == [("mug-1", Decimal("12.50"))]
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == [
        "product.added",
        "product.price_changed",
        "product.changed",
        "product.visibility_changed",
    ]
    assert builders.breaches() == []


def test_a_product_needs_a_variant() -> None:
    said = new_product() | {"variants-TOTAL_FORMS": "0"}
    response = boss_desk().post(add_page(Product), said)
    assert response.status_code == 200
    assert "A product needs at least one variant." in errors(response)
    assert not Product.objects.exists()


def test_limits_are_set_and_taken_away(shirt: Product) -> None:
    desk = boss_desk()
    limits = {"order_limit": "2", "customer_limit": "3", "hold_minutes": "15"}
    desk.post(page_of(shirt), filled_in(desk.get(page_of(shirt))) | limits)
    shirt.refresh_from_db()
    assert (shirt.order_limit, shirt.customer_limit, shirt.hold_minutes) == (2, 3, 15)

    refused = desk.post(page_of(shirt), filled_in(desk.get(page_of(shirt))) | {"order_limit": "0"})
    assert "Ensure this value is greater than or equal to 1." in errors(refused)

    desk.post(page_of(shirt), filled_in(desk.get(page_of(shirt))) | {"order_limit": ""})
    shirt.refresh_from_db()
    assert (shirt.order_limit, shirt.customer_limit) == (None, 3)


def test_prices_and_options_are_changed_and_the_product_remembers(shirt: Product) -> None:
    desk = boss_desk()
    green = OptionValue.objects.create(
        option=Option.objects.get(), code="green", name="Green", position=9
    )
    said = filled_in(desk.get(page_of(shirt)))
    said |= {
        "name": "Linen shirt",
        "variants-1-price": "15.00",
        "variants-1-regular_price": "18.00",
        "variants-1-options": [str(green.pk)],
    }
    response = desk.post(page_of(shirt), said)
    assert response.status_code == 302
    shirt.refresh_from_db()
    assert (shirt.name, shirt.price) == ("Linen shirt", Decimal("15.00"))
    blue = Variant.objects.get(sku="s-blue")
    assert (blue.title, blue.regular_price) == ("Green", Decimal("18.00"))
    assert list(VariantValue.objects.filter(variant=blue).values_list("value__code")) == [
        ("green",)
    ]
    assert Variant.objects.get(sku="s-red").title == "Red"
    assert builders.breaches() == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": ""}, "required"),
        ({"category": "999"}, "valid choice"),
        ({"category": "abc"}, "valid choice"),
        ({"category": "99999999999999999999999"}, "valid choice"),
        ({"variants-0-price": "-1"}, "A price cannot be below zero."),
        ({"variants-0-price": "abc"}, "number"),
        ({"variants-0-price": "1.005"}, "decimal places"),
        ({"variants-0-price": "9" * 30}, "digits"),
        ({"variants-0-price": "NaN"}, "number"),
        ({"variants-0-regular_price": "1"}, "below its price"),
        ({"variants-0-sku": ""}, "required"),
        ({"variants-0-sku": "a\u200bb"}, "unprintable"),
        ({"variants-0-sku": "a\x00b"}, "Null characters"),
        ({"variants-0-sku": "s-blue"}, "s-blue is the SKU of Shirt already."),
        ({"variants-0-sku": "other"}, "other is the SKU of Teapot already."),
        ({"code": "other"}, "other is the code of Teapot already."),
        ({"variants-0-sku": "x" * 65}, "at most 64"),
        ({"variants-0-position": "-1"}, "greater than or equal to 0"),
        ({"variants-0-options": ["999999"]}, "no such value"),
        ({"variants-0-options": ["abc"]}, "valid choice"),
        ({"variants-0-options": ["9" * 30]}, "valid choice"),
    ],
)
def test_what_cannot_be_saved_says_why_and_changes_nothing(
    shirt: Product, changes: dict[str, Any], complaint: str
) -> None:
    builders.put_on_sale("other", name="Teapot")
    desk = boss_desk()
    said = filled_in(desk.get(page_of(shirt))) | changes
    before = everything()
    response = desk.post(page_of(shirt), said)
    assert response.status_code == 200
    assert complaint in errors(response)
    assert everything() == before


def test_a_variant_has_one_value_of_each_option(shirt: Product) -> None:
    desk = boss_desk()
    said = filled_in(desk.get(page_of(shirt)))
    said["variants-0-options"] = [str(value.pk) for value in OptionValue.objects.all()]
    response = desk.post(page_of(shirt), said)
    assert "one value of each option" in errors(response)
    assert Variant.objects.get(sku="s-red").title == "Red"


def test_a_refusal_while_saving_keeps_what_was_typed(
    shirt: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop.catalog import actions
    from shop.lib.refusals import Busy

    def busy(*, product_ids: list[int], are_new: bool) -> None:
        raise Busy

    monkeypatch.setattr(actions, "settle", busy)
    desk = boss_desk()
    said = filled_in(desk.get(page_of(shirt))) | {"name": "Typed with care"}
    before = everything()
    response = desk.post(page_of(shirt), said)
    assert response.status_code == 200
    assert "very busy" in errors(response)
    assert b"Typed with care" in response.content
    assert everything() == before


def test_what_the_database_refuses_is_a_sentence(
    shirt: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else takes the SKU between the look and the leap."""
    from django.db.models import Model

    monkeypatch.setattr(Model, "validate_unique", lambda *_, **__: None)
    monkeypatch.setattr(Model, "validate_constraints", lambda *_, **__: None)
    desk = boss_desk()
    said = filled_in(desk.get(page_of(shirt))) | {"variants-0-sku": "s-blue-2"}
    builders.put_on_sale("s-blue-2")
    before = everything()
    response = desk.post(page_of(shirt), said)
    assert response.status_code == 200
    assert "Somebody else has saved" in errors(response)
    assert everything() == before


def test_a_form_does_not_overwrite_what_the_shop_keeps(shirt: Product) -> None:
    """Stock may run out while a form is open."""
    desk = boss_desk()
    said = filled_in(desk.get(page_of(shirt)))
    Product.objects.filter(pk=shirt.pk).update(in_stock=False, review_count=7)
    desk.post(page_of(shirt), said | {"name": "Other"})
    shirt.refresh_from_db()
    assert (shirt.name, shirt.in_stock, shirt.review_count) == ("Other", False, 7)


def test_products_are_hidden_and_shown_by_a_button(shirt: Product) -> None:
    desk = boss_desk()
    assert page_of(shirt, "show") not in desk.get(page_of(shirt)).content.decode()
    response = desk.post(page_of(shirt, "hide"))
    assert sentences(response) == ["Shirt is not in the shop any more."]
    shirt.refresh_from_db()
    assert not shirt.is_published
    page = desk.get(page_of(shirt)).content.decode()
    assert page_of(shirt, "hide") not in page
    assert page_of(shirt, "show") in page


def test_products_are_hidden_in_bulk(shirt: Product) -> None:
    builders.put_on_sale("mug")
    ids = list(Product.objects.values_list("pk", flat=True))
    said = {"action": "hide_from_shop", "index": "0", "_selected_action": ids}
    response = boss_desk().post(list_of(Product), said)
    assert sentences(response) == ["2 not in the shop any more."]
    assert set(Product.objects.values_list("is_published", flat=True)) == {False}


def test_more_than_a_hundred_at_once_are_refused(shirt: Product) -> None:
    template = Product.objects.get(pk=shirt.pk)
    Product.objects.bulk_create(
        Product(code=f"p{n}", name=f"P{n}", category_id=template.category_id) for n in range(101)
    )
    said = {
        "action": "hide_from_shop",
        "index": "0",
        "select_across": "1",
        "_selected_action": [shirt.pk],
    }
    response = boss_desk().post(list_of(Product), said)
    assert sentences(response) == ["Please choose 100 at most. Nothing was changed."]
    assert set(Product.objects.values_list("is_published", flat=True)) == {True}


def test_a_product_that_was_stocked_stays(shirt: Product) -> None:
    before = everything()
    response = boss_desk().post(page_of(shirt, "remove"))
    assert response.status_code == 302
    assert sentences(response) == [
        "This product has been ordered or stocked, so it can be hidden but not removed."
    ]
    assert everything() == before


def test_a_product_that_nobody_stocked_goes() -> None:
    builders.put_on_sale("mug", stock=0)
    desk = boss_desk()
    product = Product.objects.get()
    assert b"can be hidden" in desk.get(page_of(product, "remove")).content
    assert Product.objects.exists()
    response = desk.post(page_of(product, "remove"))
    assert response.headers["Location"] == list_of(Product)
    assert not Product.objects.exists()


@pytest.mark.parametrize("term", ["shi", "SHIRT", "s-red", "shirt"])
def test_products_are_found(shirt: Product, term: str) -> None:
    builders.put_on_sale("mug")
    listed = boss_desk().get(list_of(Product), {"q": term}).context["cl"].result_list
    assert [product.code for product in listed] == ["shirt"]


@pytest.mark.parametrize("term", ["hirt", "s-re", "%", "_", "'"])
def test_what_is_no_beginning_is_not_found(shirt: Product, term: str) -> None:
    assert not boss_desk().get(list_of(Product), {"q": term}).context["cl"].result_list


def test_texts_are_shown_as_text() -> None:
    builders.put_on_sale("mug", name=SCRIPT, description=SCRIPT, options=((SCRIPT, SCRIPT),))
    Category.objects.update(name=SCRIPT)
    desk = boss_desk()
    product = Product.objects.get()
    variant = Variant.objects.get()
    for address in (
        list_of(Product),
        page_of(product),
        page_of(product, "receive"),
        page_of(product, "remove"),
        page_of(variant),
        list_of(Category),
        list_of(OptionValue),
        "/admin/",
    ):
        page = desk.get(address).content.decode()
        assert SCRIPT not in page, address
    assert "&lt;script&gt;alert(1)" in desk.get(page_of(product)).content.decode()
    assert SCRIPT not in desk.post(page_of(product, "hide"), follow=True).content.decode()


def test_variants_follow_the_new_name_of_a_value(shirt: Product) -> None:
    desk = boss_desk()
    red = OptionValue.objects.get(code="red")
    said = filled_in(desk.get(page_of(red))) | {"name": "Crimson"}
    assert desk.post(page_of(red), said).status_code == 302
    assert Variant.objects.get(sku="s-red").title == "Crimson"
    option = Option.objects.get()
    said = filled_in(desk.get(page_of(option)))
    said = {k: ("Navy" if v == "Blue" else v) for k, v in said.items()}
    assert desk.post(page_of(option), said).status_code == 302
    assert Variant.objects.get(sku="s-blue").title == "Navy"


def test_two_variants_with_the_same_options_are_refused(shirt: Product) -> None:
    desk = boss_desk()
    said = filled_in(desk.get(page_of(shirt)))
    red = OptionValue.objects.get(code="red")
    said["variants-1-options"] = [str(red.pk)]
    before = everything()
    response = desk.post(page_of(shirt), said)
    assert "s-red has the same options. Buyers could not tell them apart." in errors(response)
    assert everything() == before


def test_two_variants_can_swap_their_options(shirt: Product) -> None:
    desk = boss_desk()
    said = filled_in(desk.get(page_of(shirt)))
    first, second = said["variants-0-options"], said["variants-1-options"]
    said |= {"variants-0-options": second, "variants-1-options": first}
    assert desk.post(page_of(shirt), said).status_code == 302
    assert list(Variant.objects.order_by("id").values_list("sku", "title")) == [
        ("s-red", "Blue"),
        ("s-blue", "Red"),
    ]


def test_a_variant_without_options_beside_another_is_refused() -> None:
    said = new_product() | {
        "variants-TOTAL_FORMS": "2",
        "variants-1-sku": "mug-2",
        "variants-1-price": "9.00",
        "variants-1-position": "1",
    }
    response = boss_desk().post(add_page(Product), said)
    assert "mug-2 has the same options." in errors(response)
    assert not Product.objects.exists()


def test_a_sku_that_is_taken_is_complained_of_once(shirt: Product) -> None:
    response = boss_desk().post(add_page(Product), new_product() | {"variants-0-sku": "s-red"})
    assert errors(response).count("s-red is the SKU of Shirt already.") == 1
    assert "code" not in response.context["adminform"].form.errors
    assert Product.objects.count() == 1


def test_a_code_made_of_a_sku_may_be_another_products(shirt: Product) -> None:
    response = boss_desk().post(add_page(Product), new_product() | {"variants-0-sku": "shirt"})
    assert "shirt is the code of Shirt already." in errors(response)
    assert Product.objects.count() == 1


def test_a_product_can_be_added_hidden_and_its_form_shows_nobody() -> None:
    said = new_product()
    del said["is_published"]
    desk = boss_desk()
    assert desk.post(add_page(Product), said).status_code == 302
    product = Product.objects.get()
    assert not product.is_published
    assert "is_published" not in filled_in(desk.get(page_of(product)))
    forged = filled_in(desk.get(page_of(product))) | {"is_published": "on"}
    assert desk.post(page_of(product), forged).status_code == 302
    product.refresh_from_db()
    assert not product.is_published


def test_hiding_twice_says_so(shirt: Product) -> None:
    desk = boss_desk()
    desk.post(page_of(shirt, "hide"))
    assert sentences(desk.post(page_of(shirt, "hide")))[-1] == "Shirt was hidden already."


def test_the_add_page_says_what_is_added() -> None:
    desk = boss_desk()
    assert "Add a product" in desk.get(add_page(Product)).content.decode()
    assert "Add an option" in desk.get(add_page(Option)).content.decode()

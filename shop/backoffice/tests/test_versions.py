"""A form that was open for long does not undo what a colleague has saved meanwhile."""

from typing import Any

import pytest

from shop.backoffice.tests.desk import boss_desk, errors, filled_in, page_of
from shop.catalog.models import Category, Option, OptionValue, Product, Variant
from shop.catalog.tests.rows import everything
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.once]

CHANGED = "Somebody has changed this meanwhile; here is what it says now."


@pytest.fixture
def mug() -> Product:
    """A mug in red."""
    builders.put_on_sale("mug", options=(("Colour", "Red"),))
    return Product.objects.get()


def test_a_colleagues_name_is_not_undone(mug: Product) -> None:
    desk = boss_desk()
    mine = filled_in(desk.get(page_of(mug)))
    Product.objects.update(name="Stoneware mug")
    before = everything()
    response = desk.post(page_of(mug), mine | {"description": "Typed with care"})
    assert response.status_code == 200
    assert f"{CHANGED} Name: “Stoneware mug”." in errors(response)
    assert "Typed with care" in response.content.decode()
    assert everything() == before


def test_whoever_has_seen_the_change_can_save_again(mug: Product) -> None:
    desk = boss_desk()
    mine = filled_in(desk.get(page_of(mug))) | {"name": "Cup"}
    Product.objects.update(name="Stoneware mug")
    again = filled_in(desk.post(page_of(mug), mine))
    assert again["name"] == "Cup"
    assert desk.post(page_of(mug), again).status_code == 302
    mug.refresh_from_db()
    assert mug.name == "Cup"


def test_a_colleagues_price_is_not_undone(mug: Product) -> None:
    desk = boss_desk()
    mine = filled_in(desk.get(page_of(mug))) | {"description": "New"}
    Variant.objects.update(price="7.00")
    before = everything()
    response = desk.post(page_of(mug), mine)
    assert f"{CHANGED} Price: “7.00”." in errors(response)
    assert everything() == before


def test_a_colleagues_options_are_not_undone(mug: Product) -> None:
    from shop.catalog.models import VariantValue

    desk = boss_desk()
    mine = filled_in(desk.get(page_of(mug))) | {"description": "New"}
    blue = OptionValue.objects.create(option=Option.objects.get(), code="blue", name="Blue")
    VariantValue.objects.update(value=blue)
    response = desk.post(page_of(mug), mine)
    assert f"{CHANGED} Options: “Colour: Blue”." in errors(response)
    assert VariantValue.objects.get().value == blue


def test_another_product_keeps_its_category(mug: Product) -> None:
    desk = boss_desk()
    mine = filled_in(desk.get(page_of(mug))) | {"name": "Cup"}
    garden: Any = Category.objects.add_root({"name": "Garden"})
    Product.objects.update(category_id=garden.pk)
    response = desk.post(page_of(mug), mine)
    assert "Category: “Garden”." in errors(response)
    mug.refresh_from_db()
    assert mug.category_id == garden.pk


def test_a_category_moved_by_a_colleague_stays_where_it_is(mug: Product) -> None:
    desk = boss_desk()
    category = Category.objects.get()
    mine = filled_in(desk.get(page_of(category))) | {"name": "Cups"}
    Category.objects.update(description="By a colleague")
    response = desk.post(page_of(category), mine)
    assert "Description: “By a colleague”." in errors(response)
    category.refresh_from_db()
    assert category.name == "Uncategorised"


def test_a_second_click_on_save_is_no_quarrel(mug: Product) -> None:
    """The first one has saved what the second one says."""
    desk = boss_desk()
    mine = filled_in(desk.get(page_of(mug))) | {"name": "Cup"}
    for _ in range(2):
        assert desk.post(page_of(mug), mine).status_code == 302


def test_what_the_shop_keeps_by_itself_is_no_change(mug: Product) -> None:
    desk = boss_desk()
    mine = filled_in(desk.get(page_of(mug))) | {"name": "Cup"}
    Product.objects.update(in_stock=False, is_published=False, review_count=3)
    assert desk.post(page_of(mug), mine).status_code == 302
    mug.refresh_from_db()
    assert (mug.name, mug.is_published) == ("Cup", False)


def test_a_form_without_its_version_changes_nothing(mug: Product) -> None:
    desk = boss_desk()
    mine = filled_in(desk.get(page_of(mug))) | {"name": "Cup", "row_version": ""}
    assert CHANGED in errors(desk.post(page_of(mug), mine))
    mug.refresh_from_db()
    assert mug.name == "Mug"

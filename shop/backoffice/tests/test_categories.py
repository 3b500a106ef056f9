"""Staff add, describe and move categories; the tree stays a tree."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from shop.backoffice.tests.desk import (
    add_page,
    boss_desk,
    errors,
    filled_in,
    list_of,
    once,
    page_of,
    sentences,
)
from shop.catalog.models import Category, ProductImage
from shop.catalog.tests.rows import everything
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def kitchen() -> Category:
    """A kitchen with mugs in it, and a garden beside it."""
    made: Category = Category.objects.add_root({"name": "Kitchen"})
    Category.objects.add_child(made, {"name": "Mugs"})
    Category.objects.add_root({"name": "Garden"})
    return made


def tree() -> list[tuple[int, str]]:
    return list(Category.objects.order_by("path").values_list("depth", "name"))


def test_the_list_is_in_the_order_of_the_tree(kitchen: Category) -> None:
    rows = boss_desk().get(list_of(Category)).context["cl"].result_list
    assert [(row.depth, row.name) for row in rows] == [(1, "Kitchen"), (2, "Mugs"), (1, "Garden")]


def test_a_category_is_added_below_another(kitchen: Category) -> None:
    said = {"name": "Bowls", "parent": kitchen.pk, "description": "Round."}
    assert boss_desk().post(add_page(Category), said).status_code == 302
    assert tree() == [(1, "Kitchen"), (2, "Mugs"), (2, "Bowls"), (1, "Garden")]


def test_a_category_moves_with_all_below_it(kitchen: Category) -> None:
    desk, garden = boss_desk(), Category.objects.get(name="Garden")
    said = filled_in(desk.get(page_of(kitchen))) | {"parent": garden.pk}
    assert desk.post(page_of(kitchen), said).status_code == 302
    assert tree() == [(1, "Garden"), (2, "Kitchen"), (3, "Mugs")]
    said = filled_in(desk.get(page_of(kitchen))) | {"parent": ""}
    assert desk.post(page_of(kitchen), said).status_code == 302
    assert tree() == [(1, "Garden"), (1, "Kitchen"), (2, "Mugs")]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"parent": "itself"}, "cannot stand there"),
        ({"parent": "below"}, "cannot stand there"),
        ({"parent": "999999"}, "valid choice"),
        ({"parent": "abc"}, "valid choice"),
        ({"name": "garden"}, "called Garden in that place already"),
        ({"name": ""}, "required"),
        ({"name": "x" * 201}, "at most 200"),
    ],
)
def test_what_cannot_be_says_why_and_changes_nothing(
    kitchen: Category, changes: dict[str, Any], complaint: str
) -> None:
    desk = boss_desk()
    places = {"itself": kitchen.pk, "below": Category.objects.get(name="Mugs").pk}
    changes = {name: places.get(value, value) for name, value in changes.items()}
    before = everything()
    response = desk.post(page_of(kitchen), filled_in(desk.get(page_of(kitchen))) | changes)
    assert response.status_code == 200
    assert complaint in errors(response)
    assert everything() == before


def test_an_empty_category_goes_and_a_full_one_stays(kitchen: Category) -> None:
    desk = boss_desk()
    mugs = Category.objects.get(name="Mugs")
    builders.put_on_sale("mug", category=("Kitchen", "Mugs"))
    response = desk.post(page_of(mugs, "remove"))
    assert sentences(response) == [
        "There are still products or categories in this category, so it cannot be removed."
    ]
    assert desk.post(page_of(Category.objects.get(name="Garden"), "remove")).status_code == 302
    assert tree() == [(1, "Kitchen"), (2, "Mugs")]


def picture(name: str = "mug.jpg", *, size: int = 400) -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (size, size), "teal").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue())


def test_a_category_gets_its_picture_and_loses_it(
    kitchen: Category, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    desk = boss_desk()
    assert desk.post(page_of(kitchen, "set-picture"), {"file": picture()}).status_code == 302
    kitchen.refresh_from_db()
    assert str(kitchen.image).startswith("pictures/")
    assert kitchen.image.url in desk.get(page_of(kitchen)).content.decode()
    assert desk.post(page_of(kitchen, "remove-picture")).status_code == 302
    kitchen.refresh_from_db()
    assert not kitchen.image


def test_pictures_of_a_product_are_added_described_and_removed(
    settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    variant_id = builders.put_on_sale("mug")
    from shop.catalog.models import Product

    desk, product = boss_desk(), Product.objects.get()
    said: dict[str, Any] = {"file": picture(), "alt": "<b>Mug</b>", "variant": variant_id, **once()}
    response = desk.post(page_of(product, "add-picture"), said)
    assert sentences(response) == ["The picture has been added."]
    image = ProductImage.objects.get()
    assert (image.alt, image.variant_id, image.position) == ("<b>Mug</b>", variant_id, 0)
    page = desk.get(page_of(product)).content.decode()
    assert image.file.url in page
    assert "<b>Mug</b>" not in page
    said = {"alt": "A mug", "variant": "", "position": "4"}
    response = desk.post(page_of(image, "change-picture"), said)
    assert response.headers["Location"] == page_of(product)
    image.refresh_from_db()
    assert (image.alt, image.variant_id, image.position) == ("A mug", None, 4)
    response = desk.post(page_of(image, "remove-picture"))
    assert response.headers["Location"] == page_of(product)
    assert not ProductImage.objects.exists()


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("a.jpg", b"no picture at all"),
        SimpleUploadedFile("a.svg", SVG),
        SimpleUploadedFile("a.jpg", b""),
        SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n"),
        "just words",
        None,
    ],
)
def test_files_that_are_no_pictures_are_refused(file: Any, settings: Any, tmp_path: Any) -> None:
    from shop.catalog.models import Product

    settings.MEDIA_ROOT = tmp_path
    builders.put_on_sale("mug")
    said: dict[str, Any] = once() if file is None else {"file": file, **once()}
    response = boss_desk().post(page_of(Product.objects.get(), "add-picture"), said)
    assert response.status_code == 422
    assert b"bo-error" in response.content
    assert not ProductImage.objects.exists()

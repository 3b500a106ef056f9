"""Products and categories get pictures, lose them, and nobody else's file with them."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from shop.catalog import actions, queries
from shop.catalog.actions import picturing
from shop.catalog.errors import (
    InvalidProduct,
    Problem,
    TooManyPictures,
    UnknownCategory,
    UnknownPicture,
    UnknownProduct,
    UnknownVariant,
)
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.catalog.rules import MOST_PICTURES
from shop.catalog.tests.rows import put, row, shirt
from shop.catalog.tests.watching import at_each_call
from shop.lib.pictures import InvalidPicture, PictureProblem
from tests.pictures import SVG, claiming_png, file_of, flag, look_at, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(media: Path) -> Path:
    return media


@pytest.fixture
def mug() -> int:
    put(row("mug"), row("cup"))
    return Product.objects.get(code="mug").id


@pytest.fixture
def category(mug: int) -> int:
    return Product.objects.get(id=mug).category_id


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def facts(picture_id: int) -> dict[str, Any]:
    names = ("product_id", "variant_id", "file", "width", "height", "widths", "alt", "position")
    found: dict[str, Any] = ProductImage.objects.values(*names).get(id=picture_id)
    return found


def test_a_product_gets_a_picture(mug: int, folder: Path) -> None:
    before = Product.objects.get(id=mug).updated_at

    picture_id = actions.add_picture(product_id=mug, file=upload(), alt="A flag on a mug")

    (name,) = files(folder)
    assert facts(picture_id) == {
        "product_id": mug,
        "variant_id": None,
        "file": name,
        "width": 400,
        "height": 200,
        "widths": [],
        "alt": "A flag on a mug",
        "position": 0,
    }
    assert look_at(folder / name) == ("WEBP", (400, 200))
    assert queries.picture(picture_id).file.url == f"/media/{name}"
    assert Product.objects.get(id=mug).updated_at > before


def test_what_lies_in_the_folder_is_not_what_was_sent(mug: int, folder: Path) -> None:
    sent = file_of(flag(), "WEBP") + b"<script>alert(1)</script>"

    actions.add_picture(product_id=mug, file=BytesIO(sent))

    (name,) = files(folder)
    assert b"<script>" not in (folder / name).read_bytes()


def test_pictures_stand_in_the_order_they_came(mug: int) -> None:
    first = actions.add_picture(product_id=mug, file=upload())
    actions.change_picture(picture_id=first, position=5)
    second = actions.add_picture(product_id=mug, file=upload(file_of(flag(300, 300))))

    assert [picture.id for picture in queries.pictures_of(mug)] == [first, second]
    assert facts(second)["position"] == 6

    actions.change_picture(picture_id=second, position=0)

    assert [picture.id for picture in queries.pictures_of(mug)] == [second, first]
    assert {mug: second} == {
        product_id: picture.id for product_id, picture in queries.first_pictures([mug]).items()
    }


def test_the_first_pictures_of_many_products_are_one_query(
    mug: int, django_assert_num_queries: Any
) -> None:
    cup = Product.objects.get(code="cup").id
    put(row("bowl"))
    bowl = Product.objects.get(code="bowl").id
    of_mug = actions.add_picture(product_id=mug, file=upload())
    actions.add_picture(product_id=mug, file=upload())
    of_cup = actions.add_picture(product_id=cup, file=upload())

    with django_assert_num_queries(1):
        found = queries.first_pictures([mug, cup, bowl])

    assert {key: picture.id for key, picture in found.items()} == {mug: of_mug, cup: of_cup}


def test_the_same_picture_twice_is_one_file(mug: int, folder: Path) -> None:
    first = actions.add_picture(product_id=mug, file=upload(name="a.png"))
    second = actions.add_picture(product_id=mug, file=upload(name="b.jpg"))

    assert len(files(folder)) == 1
    assert facts(first)["file"] == facts(second)["file"]
    assert first != second


def test_a_file_that_somebody_else_uses_stays(mug: int, category: int, folder: Path) -> None:
    cup = Product.objects.get(code="cup").id
    of_mug = actions.add_picture(product_id=mug, file=upload())
    of_cup = actions.add_picture(product_id=cup, file=upload())
    actions.set_category_picture(category_id=category, file=upload())

    actions.remove_picture(picture_id=of_mug)
    actions.remove_category_picture(category_id=category)

    (name,) = files(folder)
    assert facts(of_cup)["file"] == name
    assert not ProductImage.objects.filter(id=of_mug).exists()


def test_a_picture_can_show_a_variant() -> None:
    put(shirt("S-1", options=(("Size", "S"),)), shirt("S-2", options=(("Size", "M"),)))
    small, medium = Variant.objects.order_by("sku")

    picture_id = actions.add_picture(
        product_id=small.product_id, file=upload(), variant_id=small.id
    )
    assert facts(picture_id)["variant_id"] == small.id

    actions.change_picture(picture_id=picture_id, variant_id=medium.id)
    assert facts(picture_id)["variant_id"] == medium.id

    actions.change_picture(picture_id=picture_id, alt="A shirt")
    assert (facts(picture_id)["variant_id"], facts(picture_id)["alt"]) == (medium.id, "A shirt")

    actions.change_picture(picture_id=picture_id, variant_id=None)
    assert (facts(picture_id)["variant_id"], facts(picture_id)["alt"]) == (None, "A shirt")


def test_a_category_gets_a_picture_and_another_one(category: int, folder: Path) -> None:
    actions.set_category_picture(category_id=category, file=upload())
    first = Category.objects.get(id=category)
    actions.set_category_picture(category_id=category, file=upload(file_of(flag(300, 500))))
    second = Category.objects.get(id=category)

    assert (first.image_width, first.image_height, first.image_widths) == (400, 200, [])
    assert (second.image_width, second.image_height, second.image_widths) == (300, 500, [])
    assert str(second.image) in files(folder)


def test_a_category_loses_its_picture(category: int) -> None:
    actions.set_category_picture(category_id=category, file=upload())
    actions.make_renditions()

    actions.remove_category_picture(category_id=category)

    found = Category.objects.get(id=category)
    assert (found.image.name, found.image_width, found.image_height) == ("", 0, 0)
    assert (found.image_widths, found.renditions_due_at) == ([], None)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"This is a shopping list, called holiday.jpg.", PictureProblem.NOT_A_PICTURE),
        (SVG, PictureProblem.NOT_A_PICTURE),
        (claiming_png(20_000, 20_000), PictureProblem.TOO_MANY_PIXELS),
        (file_of(flag(50, 50)), PictureProblem.TOO_SMALL),
        (file_of(flag(), "JPEG")[:-40], PictureProblem.DAMAGED),
    ],
)
def test_a_bad_picture_leaves_no_row_and_no_file(
    mug: int, category: int, folder: Path, data: bytes, problem: PictureProblem
) -> None:
    before = list(Category.objects.values_list()), list(Product.objects.values_list())

    with pytest.raises(InvalidPicture) as refusal:
        actions.add_picture(product_id=mug, file=upload(data, "holiday.jpg"))
    with pytest.raises(InvalidPicture) as of_category:
        actions.set_category_picture(category_id=category, file=upload(data, "holiday.png"))

    assert {refusal.value.problem, of_category.value.problem} == {problem}
    assert not ProductImage.objects.exists()
    assert files(folder) == []
    assert (list(Category.objects.values_list()), list(Product.objects.values_list())) == before


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"product_id": 0}, UnknownProduct),
        ({"variant_id": 0}, UnknownVariant),
        ({"alt": "x" * 201}, InvalidProduct),
        ({"alt": "a\0b"}, InvalidProduct),
    ],
)
def test_what_nobody_can_add_leaves_no_row_and_no_file(
    mug: int, folder: Path, changes: dict[str, Any], expected: type[Exception]
) -> None:
    sent: dict[str, Any] = {"product_id": mug, "file": upload()}

    with pytest.raises(expected):
        actions.add_picture(**sent | changes)

    assert not ProductImage.objects.exists()
    assert files(folder) == []


def test_a_picture_cannot_show_another_products_variant(mug: int, folder: Path) -> None:
    cup = Variant.objects.get(sku="cup").id
    with pytest.raises(UnknownVariant):
        actions.add_picture(product_id=mug, file=upload(), variant_id=cup)
    assert files(folder) == []
    picture_id = actions.add_picture(product_id=mug, file=upload())

    with pytest.raises(UnknownVariant):
        actions.change_picture(picture_id=picture_id, alt="A cup", variant_id=cup)

    assert (facts(picture_id)["variant_id"], facts(picture_id)["alt"]) == (None, "")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"alt": "x" * 201}, Problem.TOO_LONG),
        ({"alt": "\0"}, Problem.UNPRINTABLE),
        ({"position": -1}, Problem.NEGATIVE),
        ({"position": 2**31}, Problem.TOO_LARGE),
    ],
)
def test_a_picture_cannot_become_what_none_can_be(
    mug: int, changes: dict[str, Any], problem: Problem
) -> None:
    picture_id = actions.add_picture(product_id=mug, file=upload(), alt="A mug")
    before = facts(picture_id)

    with pytest.raises(InvalidProduct) as refusal:
        actions.change_picture(picture_id=picture_id, **changes)

    assert (refusal.value.sku, refusal.value.problem) == ("mug", problem)
    assert [refusal.value.field] == list(changes)
    assert facts(picture_id) == before


def test_a_product_has_room_for_so_many_pictures(mug: int, folder: Path) -> None:
    ProductImage.objects.bulk_create(
        ProductImage(product_id=mug, file="pictures/x.webp", position=2**31 - 1)
        for _ in range(MOST_PICTURES - 1)
    )
    last = actions.add_picture(product_id=mug, file=upload())
    assert facts(last)["position"] == 2**31 - 1

    with pytest.raises(TooManyPictures):
        actions.add_picture(product_id=mug, file=upload(file_of(flag(333, 333))))

    assert ProductImage.objects.count() == MOST_PICTURES
    assert len(files(folder)) == 1


def test_what_is_not_there_cannot_be_changed(mug: int, folder: Path) -> None:
    for call in (
        lambda: actions.change_picture(picture_id=0, alt="x"),
        lambda: actions.remove_picture(picture_id=0),
        lambda: queries.picture(0),
    ):
        with pytest.raises(UnknownPicture):
            call()
    with pytest.raises(UnknownCategory):
        actions.set_category_picture(category_id=0, file=upload())
    with pytest.raises(UnknownCategory):
        actions.remove_category_picture(category_id=0)
    assert files(folder) == []


def test_a_product_that_goes_meanwhile_gets_no_row(
    mug: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_each_call(monkeypatch, picturing, "read_picture", Product.objects.filter(id=mug).delete)

    with pytest.raises(UnknownProduct):
        actions.add_picture(product_id=mug, file=upload())

    assert not ProductImage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_picture_is_read_and_written(
    mug: int, category: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def look() -> None:
        seen.append(connection.in_atomic_block)

    for name in ("read_picture", "keep_file"):
        at_each_call(monkeypatch, picturing, name, look)

    actions.add_picture(product_id=mug, file=upload())
    actions.set_category_picture(category_id=category, file=upload())

    assert seen == [False] * 6

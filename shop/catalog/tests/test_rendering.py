"""Renditions are made in the background, where nobody waits for them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from shop.catalog import actions
from shop.catalog.actions import rendering
from shop.catalog.models import Category, Product, ProductImage
from shop.catalog.rules import is_picture_name, rendition_name, rendition_widths
from shop.catalog.tests.rows import put, row
from shop.catalog.tests.watching import at_each_call
from shop.events import actions as events
from tests.pictures import file_of, flag, look_at, upload

pytestmark = pytest.mark.django_db

NAME = f"pictures/ab/ab{'0' * 30}.webp"


@pytest.fixture(autouse=True)
def folder(media: Path) -> Path:
    return media


@pytest.fixture
def mug() -> int:
    put(row("mug"))
    return Product.objects.get(code="mug").id


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (100, [100]),
        (320, [320]),
        (321, [320, 321]),
        (800, [320, 640, 800]),
        (1280, [320, 640, 1280]),
        (1281, [320, 640, 1280]),
        (2000, [320, 640, 1280]),
    ],
)
def test_no_rendition_is_wider_than_its_picture(width: int, widths: list[int]) -> None:
    assert rendition_widths(width) == widths


def test_a_rendition_lies_beside_its_picture() -> None:
    rendition = rendition_name(NAME, 320, "avif")

    assert rendition == f"pictures/ab/ab{'0' * 30}-320.avif"
    assert rendition_name(f"/media/{NAME}", 320, "webp") == f"/media/{NAME[:-5]}-320.webp"
    assert is_picture_name(NAME)
    assert is_picture_name(rendition)


def test_renditions_are_made_by_the_schedule(mug: int, folder: Path) -> None:
    picture_id = actions.add_picture(product_id=mug, file=upload(file_of(flag(700, 350))))

    events.run_due()

    picture = ProductImage.objects.get(id=picture_id)
    assert picture.widths == [320, 640, 700]
    assert picture.renditions_due_at is None
    stem = str(picture.file.name).removesuffix(".webp")
    assert files(folder) == sorted(
        [f"{stem}.webp"]
        + [f"{stem}-{width}.{kind}" for width in (320, 640, 700) for kind in ("avif", "webp")]
    )
    for kind in ("AVIF", "WEBP"):
        assert look_at(folder / f"{stem}-320.{kind.lower()}") == (kind, (320, 160))


def test_categories_have_renditions_as_well(mug: int) -> None:
    category = Product.objects.get(id=mug).category_id
    actions.set_category_picture(category_id=category, file=upload())

    assert actions.make_renditions() == 1

    found = Category.objects.get(id=category)
    assert (found.image_widths, found.renditions_due_at) == ([320, 400], None)
    assert actions.make_renditions() == 0


def test_a_few_are_made_at_a_time_and_those_waiting_longest_first(mug: int) -> None:
    ids = [
        actions.add_picture(product_id=mug, file=upload(file_of(flag(100 + n, 100))))
        for n in range(3)
    ]
    category = Product.objects.get(id=mug).category_id
    actions.set_category_picture(category_id=category, file=upload())
    long_ago = timezone.now() - timedelta(hours=1)
    ProductImage.objects.filter(id=ids[2]).update(renditions_due_at=long_ago)

    done = []
    for _ in range(3):
        done.append(actions.make_renditions(limit=2))
        done.append(ProductImage.objects.exclude(widths=[]).count())

    assert done == [2, 2, 2, 3, 0, 3]
    assert Category.objects.get(id=category).image_widths == [320, 400]


def test_none_is_begun_when_the_time_is_over(mug: int) -> None:
    for n in range(2):
        actions.add_picture(product_id=mug, file=upload(file_of(flag(100 + n, 100))))

    assert [actions.make_renditions(seconds=0) for _ in range(3)] == [1, 1, 0]


def test_pictures_that_share_a_file_share_its_renditions(
    mug: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        actions.add_picture(product_id=mug, file=upload())
    made: list[None] = []
    at_each_call(monkeypatch, rendering, "encode_rendition", lambda: made.append(None))

    assert actions.make_renditions() == 1
    actions.add_picture(product_id=mug, file=upload())
    assert actions.make_renditions() == 1

    assert len(made) == 4
    assert [picture.widths for picture in ProductImage.objects.all()] == [[320, 400]] * 3


def test_a_picture_whose_file_is_gone_is_tried_again_and_stops_nobody(
    mug: int, caplog: pytest.LogCaptureFixture
) -> None:
    lost = actions.add_picture(product_id=mug, file=upload())
    Path(ProductImage.objects.get(id=lost).file.path).unlink()
    found = actions.add_picture(product_id=mug, file=upload(file_of(flag(300, 300))))

    assert actions.make_renditions() == 1
    assert actions.make_renditions() == 0

    picture = ProductImage.objects.get(id=lost)
    assert picture.widths == []
    assert picture.renditions_due_at is not None
    in_an_hour = timezone.now() + timedelta(hours=1)
    assert abs(picture.renditions_due_at - in_an_hour) < timedelta(minutes=1)
    assert ProductImage.objects.get(id=found).widths == [300]
    (record,) = caplog.records
    name = picture.file
    assert record.getMessage() == f"Renditions of {name} cannot be made: there is no such file"
    assert record.exc_info is None

    actions.add_picture(product_id=mug, file=upload())
    ProductImage.objects.update(renditions_due_at=timezone.now())
    actions.make_renditions()
    assert ProductImage.objects.get(id=lost).widths == [320, 400]


def test_a_picture_that_cannot_be_read_stops_nobody(
    mug: int, caplog: pytest.LogCaptureFixture
) -> None:
    broken = actions.add_picture(product_id=mug, file=upload())
    Path(ProductImage.objects.get(id=broken).file.path).write_bytes(b"RIFF1234WEBPno picture")
    whole = actions.add_picture(product_id=mug, file=upload(file_of(flag(300, 300))))

    assert actions.make_renditions() == 1

    assert ProductImage.objects.get(id=broken).widths == []
    assert ProductImage.objects.get(id=whole).widths == [300]
    assert [record.exc_info is not None for record in caplog.records] == [True]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_meanwhile(mug: int, monkeypatch: pytest.MonkeyPatch) -> None:
    actions.add_picture(product_id=mug, file=upload())
    seen: list[bool] = []

    def look() -> None:
        seen.append(connection.in_atomic_block)

    at_each_call(monkeypatch, rendering, "encode_rendition", look)

    events.run_due()

    assert seen == [False] * 4


def test_an_idle_round_is_two_queries(mug: int, django_assert_num_queries: Any) -> None:
    """One for products, one for categories; a day has 43,200 such rounds."""
    with django_assert_num_queries(2):
        assert actions.make_renditions() == 0

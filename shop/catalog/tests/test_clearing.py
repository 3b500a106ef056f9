"""A file goes when its last row has let go of it, and never before."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shop.catalog import actions
from shop.catalog.actions import clearing, picturing
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.catalog.tests.rows import put, row, shirt
from shop.catalog.tests.watching import at_each_call
from shop.events.actions import deliver_due
from shop.lib.pictures import InvalidPicture
from tests.pictures import file_of, flag, upload

pytestmark = pytest.mark.django_db

OTHER = file_of(flag(300, 300))


@pytest.fixture(autouse=True)
def folder(media: Path) -> Path:
    return media


@pytest.fixture
def mug() -> int:
    put(row("mug"))
    return Product.objects.get(code="mug").id


@pytest.fixture
def category(mug: int) -> int:
    return Product.objects.get(id=mug).category_id


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def with_renditions(name: object, *widths: int) -> list[str]:
    stem = str(name).removesuffix(".webp")
    renditions = [f"{stem}-{width}.{kind}" for width in widths for kind in ("avif", "webp")]
    return sorted([str(name), *renditions])


def test_a_removed_picture_takes_its_renditions_with_it(mug: int, folder: Path) -> None:
    gone = actions.add_picture(product_id=mug, file=upload())
    stays = actions.add_picture(product_id=mug, file=upload(OTHER))
    actions.make_renditions()
    name = ProductImage.objects.get(id=stays).file
    assert len(files(folder)) == 5 + 3

    actions.remove_picture(picture_id=gone)
    deliver_due()

    assert files(folder) == with_renditions(name, 300)
    assert ProductImage.objects.get(id=stays).widths == [300]


def test_a_file_stays_as_long_as_one_row_shows_it(mug: int, category: int, folder: Path) -> None:
    put(row("cup"))
    cup = Product.objects.get(code="cup").id
    of_mug = actions.add_picture(product_id=mug, file=upload())
    of_cup = actions.add_picture(product_id=cup, file=upload())
    actions.set_category_picture(category_id=category, file=upload())
    actions.make_renditions()
    name = ProductImage.objects.get(id=of_mug).file
    removals: list[Callable[[], None]] = [
        lambda: actions.remove_picture(picture_id=of_mug),
        lambda: actions.remove_category_picture(category_id=category),
        lambda: actions.remove_picture(picture_id=of_cup),
    ]

    left = []
    for remove in removals:
        remove()
        deliver_due()
        left.append(files(folder))

    everything = with_renditions(name, 320, 400)
    assert left == [everything, everything, []]


def test_another_picture_of_a_category_takes_the_place_of_the_first(
    category: int, folder: Path
) -> None:
    actions.set_category_picture(category_id=category, file=upload())
    actions.make_renditions()
    actions.set_category_picture(category_id=category, file=upload(OTHER))
    deliver_due()

    assert files(folder) == [str(Category.objects.get(id=category).image)]


def test_the_same_picture_again_stays(category: int, folder: Path) -> None:
    actions.set_category_picture(category_id=category, file=upload())
    actions.set_category_picture(category_id=category, file=upload())
    deliver_due()
    actions.make_renditions()

    found = Category.objects.get(id=category)
    assert files(folder) == with_renditions(found.image, 320, 400)


def test_a_bad_picture_takes_no_good_one_away(category: int, folder: Path) -> None:
    actions.set_category_picture(category_id=category, file=upload())
    name = str(Category.objects.get(id=category).image)

    with pytest.raises(InvalidPicture):
        actions.set_category_picture(category_id=category, file=upload(b"no picture"))
    deliver_due()

    assert str(Category.objects.get(id=category).image) == name
    assert files(folder) == [name]


def test_products_variants_and_categories_take_their_pictures_with_them(folder: Path) -> None:
    put(shirt("S-1", options=(("Size", "S"),)), shirt("S-2", options=(("Size", "M"),)))
    small, medium = Variant.objects.order_by("sku")
    category = actions.add_category(name="Hats")
    actions.add_picture(product_id=small.product_id, file=upload())
    actions.add_picture(product_id=small.product_id, file=upload(OTHER), variant_id=small.id)
    actions.set_category_picture(category_id=category, file=upload(file_of(flag(200, 200))))
    left = [len(files(folder))]
    removals: list[Callable[[], None]] = [
        lambda: actions.remove_category(category_id=category),
        lambda: actions.remove_variant(variant_id=small.id),
        lambda: actions.remove_product(product_id=medium.product_id),
    ]

    for remove in removals:
        remove()
        deliver_due()
        left.append(len(files(folder)))

    assert left == [3, 2, 1, 0]


def test_a_row_that_comes_meanwhile_keeps_its_file(
    mug: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is written after the first look, by somebody who found the file there."""
    gone = actions.add_picture(product_id=mug, file=upload())
    actions.make_renditions()
    name = ProductImage.objects.get(id=gone).file
    actions.remove_picture(picture_id=gone)
    rival: list[int] = []

    def meanwhile() -> None:
        if not rival:
            rival.append(0)
            return
        if len(rival) == 1:
            row_of_rival = ProductImage(
                product_id=mug, file=str(name), width=400, widths=[320, 400]
            )
            row_of_rival.save()
            rival.append(row_of_rival.id)

    at_each_call(monkeypatch, clearing, "_is_shown", meanwhile)

    deliver_due()
    assert files(folder) == [str(name)]
    actions.make_renditions()

    assert ProductImage.objects.get(id=rival[1]).widths == [320, 400]
    assert files(folder) == with_renditions(name, 320, 400)


def test_a_file_that_is_cleared_away_before_its_row_is_written_comes_back(
    mug: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = actions.add_picture(product_id=mug, file=upload())
    name = str(ProductImage.objects.get(id=gone).file)
    actions.remove_picture(picture_id=gone)

    at_each_call(monkeypatch, picturing, "_add", lambda: actions.clear_file(name=name))

    actions.add_picture(product_id=mug, file=upload())

    assert files(folder) == [name]


def test_clearing_may_run_twice_and_go_on_after_a_crash(mug: int, folder: Path) -> None:
    gone = actions.add_picture(product_id=mug, file=upload())
    name = str(ProductImage.objects.get(id=gone).file)
    actions.remove_picture(picture_id=gone)
    file = folder / name
    file.rename(file.with_name(f".{file.name}.removed"))

    actions.clear_file(name=name)
    actions.clear_file(name=name)

    assert files(folder) == []


def test_after_a_crash_a_file_that_is_shown_comes_back(mug: int, folder: Path) -> None:
    shown = actions.add_picture(product_id=mug, file=upload())
    actions.make_renditions()
    name = str(ProductImage.objects.get(id=shown).file)
    file = folder / name
    file.rename(file.with_name(f".{file.name}.removed"))
    for rendition in file.parent.glob(f"{file.stem}-*"):
        rendition.unlink()

    actions.clear_file(name=name)
    actions.make_renditions()

    assert files(folder) == with_renditions(name, 320, 400)


def test_nobody_touches_files_that_no_row_let_go_of(mug: int, folder: Path) -> None:
    stranger = folder / "pictures" / "ab" / f"ab{'0' * 30}.webp"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"of another shop")
    gone = actions.add_picture(product_id=mug, file=upload())

    actions.remove_picture(picture_id=gone)
    deliver_due()

    assert files(folder) == [str(stranger.relative_to(folder))]

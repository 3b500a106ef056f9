"""What a page says of a picture, before and after its renditions are made."""

from pathlib import Path
from typing import Any

import pytest

from shop.catalog import actions as catalog
from shop.catalog.models import Category, Product
from shop.showcase import queries
from shop.showcase.queries import pictures
from shop.showcase.rules import Picture, Source, picture_of
from tests.builders import put_on_sale
from tests.pictures import file_of, flag, upload
from tests.queries import queries_named


def picture(*, width: int, widths: list[int]) -> Picture:
    return picture_of(url="/media/p.webp", alt="A mug", width=width, height=9, widths=widths)


def test_without_renditions_there_is_the_picture_itself() -> None:
    assert picture(width=800, widths=[]) == Picture("/media/p.webp", "A mug", 800, 9)


def test_the_best_format_comes_first() -> None:
    assert picture(width=700, widths=[320, 700]).sources == (
        Source("image/avif", "/media/p-320.avif 320w, /media/p-700.avif 700w"),
        Source("image/webp", "/media/p-320.webp 320w, /media/p-700.webp 700w"),
    )


def test_a_picture_wider_than_its_renditions_is_one_of_them() -> None:
    assert picture(width=2000, widths=[320, 1280]).sources == (
        Source("image/avif", "/media/p-320.avif 320w, /media/p-1280.avif 1280w"),
        Source(
            "image/webp", "/media/p-320.webp 320w, /media/p-1280.webp 1280w, /media/p.webp 2000w"
        ),
    )


@pytest.mark.django_db
def test_a_page_names_files_that_are_there(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    put_on_sale("mug")
    product = Product.objects.get(code="mug")
    catalog.add_picture(product_id=product.id, file=upload(file_of(flag(1500, 750))), alt="A flag")
    catalog.set_category_picture(category_id=product.category_id, file=upload())
    catalog.make_renditions()

    (of_product,) = queries.product(product.id).pictures
    of_category = pictures.picture_of_category(Category.objects.get(id=product.category_id))

    assert pictures.pictures_by_product([product.id]) == {product.id: of_product}
    assert (of_product.alt, of_product.width, of_product.height) == ("A flag", 1500, 750)
    assert of_category is not None
    named = [*addresses(of_product), *addresses(of_category)]
    # Three renditions and two in two formats; the pictures; the wide one is in its own list again.
    assert len(named) == 6 + 4 + 2 + 1
    assert [name for name in named if not (tmp_path / name.removeprefix("/media/")).exists()] == []


def addresses(found: Picture) -> list[str]:
    lists = [source.srcset.split(", ") for source in found.sources]
    return [found.url, *(entry.split()[0] for entries in lists for entry in entries)]


@pytest.mark.django_db
def test_a_variant_shows_its_own_picture_or_that_of_its_product(
    tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    red = put_on_sale("mug-red", product="mug", options=(("Colour", "Red"),))
    blue = put_on_sale("mug-blue", product="mug", options=(("Colour", "Blue"),))
    bare = put_on_sale("jar")
    product = Product.objects.get(code="mug")
    jar = Product.objects.get(code="jar")
    catalog.add_picture(product_id=product.id, file=upload(file_of(flag(300, 300))), alt="Mugs")
    catalog.add_picture(
        product_id=product.id, file=upload(file_of(flag(400, 300))), alt="Blue", variant_id=blue
    )

    with queries_named() as asked:
        found = pictures.pictures_by_variant({red: product.id, blue: product.id, bare: jar.id})

    assert {id_: picture.alt for id_, picture in found.items()} == {red: "Mugs", blue: "Blue"}
    assert asked == ["SELECT catalog_productimage"]

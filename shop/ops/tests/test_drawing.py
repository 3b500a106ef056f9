"""The demo's pictures: one for every product, colour and category, drawn by the album."""

import csv
from hashlib import sha256
from pathlib import Path

import pytest
from django.utils.text import slugify
from PIL import Image, ImageChops, ImageStat

from shop.ops.demo.drawing import drawer
from shop.ops.demo.drawing.album import ALBUM
from shop.ops.demo.drawing.backdrops import BACKDROPS, draw_backdrop
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.categories import CATEGORIES
from shop.ops.demo.drawing.shapes import box, oval

pytestmark = pytest.mark.once

CATALOGUE = drawer.FOLDER.parent / "catalogue.csv"
MOST_BYTES = 3_500_000
RED, BLUE = "#ff0000", "#0000ff"

# One of each scene, one in a colour that is not the first, and a category.
DRAWN_AGAIN = [
    "products/pot-quay",
    "products/pan-skillet",
    "products/lights-string",
    "products/blanket-wool--rust",
    "products/cards-letter",
    "products/basket-paper",
    "products/can-watering--cream",
    "products/feeder-tube",
    "categories/garden",
]


def catalogue() -> list[dict[str, str]]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def products_of_catalogue() -> set[str]:
    """Return the codes of products, and of each colour that one is sold in."""
    names = set()
    for row in catalogue():
        code = row["product"] or row["sku"]
        names.add(code)
        options = (option.split("=") for option in row["options"].split(";") if option)
        names |= {
            f"{code}--{slugify(value)}" for name, value in options if name.strip() == "colour"
        }
    return names


def categories_of_catalogue() -> dict[str, str]:
    """Return the slug of every category, and of every category above one; by its path."""
    found = {}
    for path in {row["category"] for row in catalogue()}:
        parts = path.split(" > ")
        for depth in range(1, len(parts) + 1):
            found[" > ".join(parts[:depth])] = slugify(" ".join(parts[:depth]))
    return found


def files(folder: str) -> list[Path]:
    return sorted((drawer.FOLDER / folder).iterdir())


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return by how many of 255 levels the pictures differ on average."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other)).mean)


def pixel(canvas: Canvas, x: int, y: int) -> object:
    return canvas.finished().getpixel((x, y))


def test_every_product_and_every_colour_has_a_picture_and_no_other_has() -> None:
    assert {file.name for file in files("products")} == {
        f"{name}.webp" for name in products_of_catalogue()
    }


def test_every_category_has_a_picture_and_no_other_has() -> None:
    assert {file.name for file in files("categories")} == {
        f"{slug}.webp" for slug in categories_of_catalogue().values()
    }


def test_every_picture_is_drawn_by_a_function_of_the_album() -> None:
    names = [
        f"{folder}/{file.stem}" for folder in ("products", "categories") for file in files(folder)
    ]
    assert sorted(drawer.picture_names()) == sorted(names)


def test_a_product_is_drawn_in_the_scene_of_its_category() -> None:
    slugs = categories_of_catalogue()
    expected = {row["product"] or row["sku"]: slugs[row["category"]] for row in catalogue()}
    assert {code: ALBUM[code].scene for code in expected} == expected


def test_a_category_shows_products_of_its_own() -> None:
    strangers = [
        (slug, place.code)
        for slug, places in CATEGORIES.items()
        for place in places
        if not ALBUM[place.code].scene.startswith(slug)
    ]
    assert strangers == []
    assert {slug: len(places) >= 3 for slug, places in CATEGORIES.items()} == dict.fromkeys(
        BACKDROPS, True
    )


@pytest.mark.parametrize(
    ("folder", "size"), [("products", (960, 960)), ("categories", (1200, 900))]
)
def test_pictures_are_webp_of_one_size(folder: str, size: tuple[int, int]) -> None:
    found = {}
    for file in files(folder):
        with Image.open(file) as picture:
            found[file.name] = (picture.format, picture.mode, picture.size)
    assert found == dict.fromkeys(found, ("WEBP", "RGB", size))


def test_all_pictures_together_are_light() -> None:
    total = sum(
        file.stat().st_size for folder in ("products", "categories") for file in files(folder)
    )
    assert 1_000_000 < total <= MOST_BYTES


def test_no_picture_stands_for_two_products() -> None:
    """Only the picture of a product and that of its first colour are the same."""
    owners: dict[str, set[str]] = {}
    for file in files("products"):
        print_of_it = sha256(file.read_bytes()).hexdigest()
        owners.setdefault(print_of_it, set()).add(file.stem.split("--")[0])
    assert [codes for codes in owners.values() if len(codes) > 1] == []
    colours = [name for name in products_of_catalogue() if "--" in name]
    coloured = {name.split("--")[0] for name in colours}
    assert len(owners) == len(products_of_catalogue()) - len(coloured)


@pytest.mark.parametrize("code", sorted(code for code in ALBUM if "--" not in code))
def test_the_product_fills_its_picture(code: str) -> None:
    """What differs from the empty scene is large, and about in the middle."""
    empty = Canvas(240, 240, detail=1)
    draw_backdrop(empty, ALBUM[code].scene, flat=ALBUM[code].flat)
    with Image.open(drawer.file_of(f"products/{code}")) as picture:
        small = picture.convert("RGB").resize((240, 240))
    changed = ImageChops.difference(small, empty.finished()).convert("L").point(_clearly_changed)
    left, top, right, bottom = changed.getbbox() or (0, 0, 0, 0)
    assert max(right - left, bottom - top) >= 0.6 * 240
    assert abs((left + right) / 2 - 120) <= 0.12 * 240


def _clearly_changed(level: float) -> int:
    return 255 if level > 24 else 0


@pytest.mark.parametrize("name", DRAWN_AGAIN)
def test_drawing_again_gives_the_picture_of_the_repository(name: str) -> None:
    """The same bytes by the same Pillow; another one's encoder may round another way."""
    committed = drawer.file_of(name)
    drawn = drawer.draw(name)
    if drawer.encode(drawn) == committed.read_bytes():
        return
    with Image.open(committed) as picture:
        assert difference(picture, drawn) < 1.5


def test_drawing_is_the_same_each_time() -> None:
    assert (
        drawer.draw("products/twine-jute").tobytes() == drawer.draw("products/twine-jute").tobytes()
    )


def test_a_file_is_written_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawer, "FOLDER", tmp_path)
    size = drawer.draw_file("products/salt-cellar")
    file = tmp_path / "products" / "salt-cellar.webp"
    assert file.stat().st_size == size
    with Image.open(file) as picture:
        assert picture.size == (960, 960)


def test_a_cut_out_shows_what_lies_behind() -> None:
    canvas = Canvas(100, 100)
    canvas.fill(box(0, 0, 1000, 1000), BLUE)
    canvas.fill(box(100, 100, 900, 900) - oval(500, 500, 200), RED)
    assert pixel(canvas, 20, 20) == (255, 0, 0)
    assert pixel(canvas, 50, 50) == (0, 0, 255)


def test_places_and_clips_within_each_other_add_up() -> None:
    canvas = Canvas(80, 80)
    with (
        canvas.placed(500, 1000, 0.5),
        canvas.inside(box(0, -150, 500, 850)),
        canvas.placed(500, 850, 0.5),
        canvas.inside(box(0, -150, 1000, 850)),
    ):
        canvas.fill(box(-4000, -4000, 4000, 4000), RED)
    red = canvas.finished().getchannel("R").point(_mostly_covered)
    assert red.getbbox() == (30, 60, 40, 80)


def _mostly_covered(level: float) -> int:
    return 255 if level > 128 else 0


def test_a_glow_fades_away_before_its_square_ends() -> None:
    canvas = Canvas(100, 100)
    canvas.glow(500, 500, 400, "#ffffff", 1)
    levels = canvas.finished().getchannel("R")
    brightest = levels.crop((49, 49, 51, 51)).histogram()
    rim = levels.crop((10, 10, 90, 12)).histogram()
    assert sum(brightest[240:]) == 4
    assert sum(rim[4:]) == 0


def test_what_lies_outside_the_picture_is_left_out() -> None:
    canvas = Canvas(50, 50)
    for draw in (canvas.solid, canvas.fill):
        draw(box(1100, 0, 1200, 100), RED)
    canvas.fade(box(-300, -300, -100, -100), RED, BLUE)
    assert canvas.finished().getcolors() == [(2500, (0, 0, 0))]

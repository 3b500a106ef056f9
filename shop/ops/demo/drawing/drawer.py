"""From the album to the files: `products/<code>.webp` and `categories/<slug>.webp`."""

from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from shop.ops.demo.drawing import (
    desk_order,
    desk_writing,
    garden_birds,
    garden_tools,
    kitchen_cooking,
    kitchen_tea,
    living_light,
    living_textiles,
)
from shop.ops.demo.drawing.album import ALBUM
from shop.ops.demo.drawing.backdrops import draw_backdrop
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.categories import CATEGORIES, draw_category

FOLDER: Final = Path(__file__).resolve().parents[1] / "pictures"
PRODUCT_SIZE: Final = (960, 960)
CATEGORY_SIZE: Final = (1200, 900)
_QUALITY = 90

# Imported for what they enter into the album.
SCENES: Final = (
    kitchen_tea,
    kitchen_cooking,
    living_light,
    living_textiles,
    desk_writing,
    desk_order,
    garden_tools,
    garden_birds,
)


def picture_names() -> list[str]:
    """Name every picture: `products/mug-harbour`, `categories/kitchen`."""
    return [*(f"products/{code}" for code in ALBUM), *(f"categories/{s}" for s in CATEGORIES)]


def file_of(name: str) -> Path:
    return FOLDER / f"{name}.webp"


def draw(name: str) -> Image.Image:
    folder, key = name.split("/")
    canvas = Canvas(*(PRODUCT_SIZE if folder == "products" else CATEGORY_SIZE))
    if folder == "products":
        draw_backdrop(canvas, ALBUM[key].scene, flat=ALBUM[key].flat)
        ALBUM[key].draw(canvas)
    else:
        draw_backdrop(canvas, key)
        draw_category(canvas, key)
    return canvas.finished()


def encode(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "WEBP", quality=_QUALITY, method=6)
    return buffer.getvalue()


def draw_file(name: str) -> int:
    """Draw one picture into its file and return how many bytes it has."""
    content = encode(draw(name))
    file_of(name).parent.mkdir(parents=True, exist_ok=True)
    file_of(name).write_bytes(content)
    return len(content)

"""The pictures of categories: a few of their products side by side."""

from typing import Final, NamedTuple

from shop.ops.demo.drawing.album import ALBUM
from shop.ops.demo.drawing.canvas import Canvas


class Place(NamedTuple):
    """Where a product stands: the middle of its foot, and how large it is."""

    code: str
    x: float
    y: float
    zoom: float


# From the back to the front; a category's picture is 1333 units wide.
CATEGORIES: Final[dict[str, tuple[Place, ...]]] = {
    "kitchen": (
        Place("kettle-gooseneck", 330, 810, 0.66),
        Place("mill-pepper", 630, 790, 0.62),
        Place("pot-casserole", 1000, 830, 0.72),
        Place("mug-harbour", 560, 915, 0.42),
    ),
    "kitchen-tea-and-coffee": (
        Place("press-glass", 979, 798, 0.84),
        Place("pot-quay", 411, 821, 0.90),
        Place("mug-harbour--sand", 759, 914, 0.53),
    ),
    "kitchen-cooking": (
        Place("mill-pepper", 270, 804, 0.77),
        Place("pot-casserole", 655, 826, 0.88),
        Place("salt-cellar", 1095, 882, 0.55),
    ),
    "living-room": (
        Place("throw-check", 502, 847, 0.94),
        Place("lamp-pier", 1051, 825, 0.85),
        Place("pouf-knit", 906, 937, 0.45),
    ),
    "living-room-light": (
        Place("lamp-pier", 340, 808, 0.90),
        Place("lantern-storm", 1013, 820, 0.87),
        Place("candlestick-iron", 683, 902, 0.59),
    ),
    "living-room-textiles": (
        Place("blanket-wool--rust", 378, 842, 0.94),
        Place("cushion-cord", 978, 830, 0.86),
        Place("bottle-cover", 678, 914, 0.53),
    ),
    "desk": (
        Place("bookends-steel", 380, 812, 0.91),
        Place("clock-desk", 996, 812, 0.75),
        Place("ink-bottle", 722, 909, 0.50),
    ),
    "desk-writing": (
        Place("book-ruled", 365, 826, 0.87),
        Place("ink-bottle", 782, 862, 0.69),
        Place("pencils-six", 1080, 890, 0.56),
    ),
    "desk-order": (
        Place("box-archive", 354, 825, 0.90),
        Place("basket-paper", 1004, 825, 0.78),
        Place("holder-pen", 712, 903, 0.56),
    ),
    "garden": (
        Place("pots-clay", 384, 840, 0.87),
        Place("house-wren", 997, 830, 0.87),
        Place("can-watering--green", 766, 915, 0.55),
    ),
    "garden-tools": (
        Place("boots-rain", 322, 832, 0.77),
        Place("can-watering--green", 739, 842, 0.79),
        Place("twine-jute", 1083, 904, 0.48),
    ),
    "garden-birds": (
        Place("house-wren", 311, 833, 0.86),
        Place("bath-bird", 803, 854, 0.80),
        Place("book-birds", 1122, 905, 0.43),
    ),
}


def draw_category(c: Canvas, slug: str) -> None:
    for place in CATEGORIES[slug]:
        with c.placed(place.x, place.y, place.zoom):
            ALBUM[place.code].draw(c)

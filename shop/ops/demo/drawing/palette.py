"""The colours of the demo's pictures: warm, a little muted, and few."""

from typing import Final

Colour = str

# What shades and lights are made of, whatever the colour below.
SHADE: Final = "#33203f"
LIGHT: Final = "#fff6e3"

INK: Final = "#332d3f"
WHITE: Final = "#fffaf0"
CREAM: Final = "#f7ead3"
OAT: Final = "#e6d3b1"
SAND: Final = "#e3bf8d"
TERRACOTTA: Final = "#d56f4d"
CORAL: Final = "#ec8a6c"
RUST: Final = "#b9532f"
RED: Final = "#c8443c"
BLUSH: Final = "#f0bfa8"
MUSTARD: Final = "#e8ae3e"
HONEY: Final = "#f3c663"
BRASS: Final = "#dba544"
COPPER: Final = "#cf7f51"
MOSS: Final = "#74853f"
LEAF: Final = "#5e9a55"
SAGE: Final = "#93b08c"
PINE: Final = "#2f6650"
SEA: Final = "#3f97a0"
SKY: Final = "#8cc3d4"
NAVY: Final = "#2d4b73"
SLATE: Final = "#63748a"
PLUM: Final = "#7f5078"
STEEL: Final = "#b4c0c8"
IRON: Final = "#494855"
STONE: Final = "#bdb5aa"
WOOD: Final = "#cf965b"
ASH: Final = "#e5bf8a"
OAK: Final = "#b97c46"
WALNUT: Final = "#87553a"
GLASS: Final = "#d3e9ea"


def rgb(colour: Colour) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """The first colour with so much of the other in it."""
    pairs = zip(rgb(one), rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def darker(colour: Colour, by: float = 0.22) -> Colour:
    return mixed(colour, SHADE, by)


def lighter(colour: Colour, by: float = 0.3) -> Colour:
    return mixed(colour, LIGHT, by)

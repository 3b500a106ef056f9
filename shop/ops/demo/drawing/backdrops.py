"""What stands behind the things: wall, floor and a quiet shape, in each category's own tint."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour, lighter
from shop.ops.demo.drawing.shapes import Shape, blob, box, oval, poly, union

_EDGE = 735


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The tints of a scene, and the shape on its wall, given the middle of the picture."""

    wall: Colour
    shape: Colour
    floor: Colour
    form: Callable[[float], Shape]
    hills: Colour | None = None


def _disc(x: float) -> Shape:
    return oval(x, 450, 372)


def _arch(x: float) -> Shape:
    return oval(x, 420, 335) + box(x - 335, 420, x + 335, _EDGE + 20)


def _panel(x: float) -> Shape:
    return box(x - 380, 90, x + 380, _EDGE - 60, 40)


def _window(x: float) -> Shape:
    panes = [box(x + a, b, x + a + 300, b + 270, 26) for a in (-322, 22) for b in (70, 376)]
    return union(panes)


def _shelf(x: float) -> Shape:
    return poly((x - 420, 60), (x + 300, 60), (x + 420, _EDGE), (x - 300, _EDGE), r=60)


def _sun(x: float) -> Shape:
    return oval(x + 150, 330, 225)


def _clouds(x: float) -> Shape:
    left = oval(x - 330, 330, 90, 52) + oval(x - 250, 300, 92, 72) + oval(x - 170, 335, 90, 46)
    right = oval(x + 250, 190, 80, 46) + oval(x + 330, 165, 84, 64) + oval(x + 410, 195, 90, 44)
    low = oval(x + 330, 460, 80, 30) + oval(x + 390, 450, 76, 40)
    return left + right + low


BACKDROPS: Final = {
    "kitchen-tea-and-coffee": Backdrop("#f3ddc0", "#fbeedb", "#e2bd90", _disc),
    "kitchen-cooking": Backdrop("#f2cfba", "#f9e2d3", "#dfa588", _arch),
    "living-room-light": Backdrop("#4c5b7c", "#596a8d", "#3c4966", _window),
    "living-room-textiles": Backdrop("#e3d6e6", "#f0e7f1", "#c4adcb", _panel),
    "desk-writing": Backdrop("#d2e2ea", "#e6f0f4", "#a9c5d2", _disc),
    "desk-order": Backdrop("#f3e6b8", "#f9f1d2", "#dcc683", _shelf),
    "garden-tools": Backdrop("#e4eed2", "#fbf0c4", "#a5c583", _sun, "#c6deaa"),
    "garden-birds": Backdrop("#c9e3ef", "#eaf5f8", "#98c491", _clouds, "#b5d8b4"),
    "kitchen": Backdrop("#f3d6bc", "#fae8d5", "#e0b08a", _arch),
    "living-room": Backdrop("#dccbdd", "#eadfeb", "#b79dbd", _window),
    "desk": Backdrop("#d9e4dc", "#ecf2ea", "#b2c6b5", _disc),
    "garden": Backdrop("#d5e9e6", "#fbf0c4", "#9cc488", _sun, "#bfdcae"),
}


def draw_backdrop(c: Canvas, scene: str, *, flat: bool = False) -> None:
    look = BACKDROPS[scene]
    width = c.width
    c.fill(box(0, 0, width, 1000), look.wall)
    if flat:
        c.fill(box(70, 70, width - 70, 930, 120), look.shape)
        return
    with c.inside(box(0, 0, width, _EDGE + 2)):
        c.fill(look.form(width / 2), look.shape)
    if look.hills:
        _draw_hills(c, look.hills)
    c.fill(box(0, _EDGE, width, 1000), look.floor)
    c.fill(box(0, _EDGE, width, _EDGE + 5), lighter(look.floor, 0.5), 0.6)


def _draw_hills(c: Canvas, colour: Colour) -> None:
    w = c.width
    far = blob((-80, 640), (w * 0.22, 560), (w * 0.6, 690), (w * 0.85, 800), (-80, 800))
    near = blob((w * 0.3, 760), (w * 0.62, 640), (w + 80, 590), (w + 80, 800), (w * 0.3, 800))
    c.fill(far, lighter(colour, 0.28))
    c.fill(near, colour)

"""Which function draws which product: every one is entered by its code."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour

Drawn = Callable[[Canvas], None]
Coloured = Callable[[Canvas, Colour], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture of the album: whose scene it is in, and what draws it; flat ones do not stand."""

    scene: str
    draw: Drawn
    flat: bool = False


ALBUM: Final[dict[str, Entry]] = {}


class Scene:
    """A leaf category's part of the album, by the category's slug."""

    def __init__(self, slug: str) -> None:
        self._slug = slug

    def picture(self, code: str, *, flat: bool = False) -> Callable[[Drawn], Drawn]:
        def enter(draw: Drawn) -> Drawn:
            ALBUM[code] = Entry(self._slug, draw, flat)
            return draw

        return enter

    def coloured(
        self, code: str, *, flat: bool = False, **colours: Colour
    ) -> Callable[[Coloured], Coloured]:
        """Enter a product in its first colour, and each `code--colour` in its own."""

        def enter(draw: Coloured) -> Coloured:
            first = next(iter(colours.values()))
            names = {code: first, **{f"{code}--{name}": colours[name] for name in colours}}
            for name, colour in names.items():
                ALBUM[name] = Entry(self._slug, partial(_draw_in, draw, colour), flat)
            return draw

        return enter


def _draw_in(draw: Coloured, colour: Colour, canvas: Canvas) -> None:
    draw(canvas, colour)

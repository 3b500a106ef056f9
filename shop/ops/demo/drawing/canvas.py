"""The canvas: shapes are filled three times as large as they will be, then made smaller."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from shop.ops.demo.drawing.palette import LIGHT, SHADE, Colour, rgb
from shop.ops.demo.drawing.shapes import Point, Shape, oval, stroke

HEIGHT: Final = 1000
# Where things stand.
FLOOR: Final = 850

# Pillow's radial gradient is 181 where it meets the middle of a side, and 255 in the corners only.
_FADING: Final = [round(255 * (max(0, 181 - value) / 181) ** 1.5) for value in range(256)]

_Box = tuple[int, int, int, int]


class Canvas:
    """A picture in the making, 1000 units high."""

    def __init__(self, width: int, height: int, *, detail: int = 3) -> None:
        self._detail = detail
        self.image = Image.new("RGB", (width * detail, height * detail))
        self._unit = height * detail / HEIGHT
        self._x, self._y, self._zoom = 0.0, 0.0, 1.0
        self._clip: Image.Image | None = None

    @property
    def width(self) -> float:
        return self.image.width / self._unit

    def finished(self) -> Image.Image:
        return self.image.reduce(self._detail)

    @contextmanager
    def placed(self, x: float, y: float, zoom: float) -> Iterator[None]:
        """What is drawn within is made smaller, and its (500, FLOOR) comes to stand at (x, y)."""
        before = self._x, self._y, self._zoom
        self._x += (x - 500 * zoom) * self._zoom
        self._y += (y - FLOOR * zoom) * self._zoom
        self._zoom *= zoom
        yield
        self._x, self._y, self._zoom = before

    @contextmanager
    def inside(self, shape: Shape) -> Iterator[None]:
        """What is drawn within shows only inside the shape."""
        before = self._clip
        clip = Image.new("L", self.image.size)
        area = self._area(shape)
        if area:
            clip.paste(self._mask(shape, area), area[:2])
        self._clip = ImageChops.multiply(clip, before) if before else clip
        yield
        self._clip = before

    def fill(self, shape: Shape, colour: Colour, alpha: float = 1) -> None:
        area = self._area(shape)
        if area:
            self._put(rgb(colour), self._mask(shape, area), area, alpha)

    def line(
        self,
        points: Sequence[Point],
        width: float,
        colour: Colour,
        alpha: float = 1,
        end: float | None = None,
    ) -> None:
        self.fill(stroke(points, width, end), colour, alpha)

    def solid(
        self,
        shape: Shape,
        colour: Colour,
        *,
        edge: float = 26,
        shade: float = 0.2,
        light: float = 0.26,
    ) -> None:
        """Fill it as a body: a lit rim at the upper left, a shaded side at the lower right."""
        area = self._area(shape)
        if not area:
            return
        mask = self._mask(shape, area)
        self._put(rgb(colour), mask, area, 1)
        dark = ImageChops.subtract(mask, self._shifted(mask, -edge, -edge * 0.42))
        self._put(rgb(SHADE), dark, area, shade)
        bright = ImageChops.subtract(mask, self._shifted(mask, edge * 0.36, edge * 0.3))
        self._put(rgb(LIGHT), bright, area, light)

    def fade(
        self, shape: Shape, start: Colour, end: Colour, *, across: bool = False, alpha: float = 1
    ) -> None:
        """Fill it with a gradient, from the top to the bottom or from left to right."""
        area = self._area(shape)
        if not area:
            return
        size = (area[2] - area[0], area[3] - area[1])
        ramp = Image.linear_gradient("L")
        ramp = (ramp.transpose(Image.Transpose.ROTATE_90) if across else ramp).resize(size)
        paint = Image.composite(
            Image.new("RGB", size, rgb(end)), Image.new("RGB", size, rgb(start)), ramp
        )
        self._put(paint, self._mask(shape, area), area, alpha)

    def glow(self, cx: float, cy: float, r: float, colour: Colour, alpha: float = 0.6) -> None:
        area = self._area(oval(cx, cy, r))
        if not area:
            return
        full = self._pixels(cx - r, cy - r) + self._pixels(cx + r, cy + r)
        left, top = round(full[0]), round(full[1])
        round_size = max(1, round(full[2]) - left)
        ramp = Image.radial_gradient("L").resize((round_size, round_size)).point(_FADING)
        mask = ramp.crop((area[0] - left, area[1] - top, area[2] - left, area[3] - top))
        self._put(rgb(colour), mask, area, alpha)

    def cast(
        self,
        shape: Shape,
        *,
        dx: float = 14,
        dy: float = 18,
        blur: float = 16,
        alpha: float = 0.3,
        colour: Colour = SHADE,
    ) -> None:
        """Let it throw a soft shadow on what lies behind it."""
        x0, y0, x1, y1 = shape.moved(dx, dy).bounds
        margin = blur * 3
        frame = Shape.of([
            (x0 - margin, y0 - margin), (x1 + margin, y0 - margin),
            (x1 + margin, y1 + margin), (x0 - margin, y1 + margin),
        ])  # fmt: skip
        area = self._area(frame)
        if not area:
            return
        mask = self._mask(shape.moved(dx, dy), area)
        size = mask.size
        small = mask.resize((max(1, size[0] // 6), max(1, size[1] // 6)), Image.Resampling.BOX)
        radius = blur * self._unit * self._zoom / 6
        soft = small.filter(ImageFilter.GaussianBlur(radius)).resize(size)
        self._put(rgb(colour), soft, area, alpha)

    def ground(self, cx: float, half_width: float, y: float = FLOOR, alpha: float = 0.34) -> None:
        """The soft shadow on the floor under a thing, longer to the right."""
        reach = oval(cx + half_width * 0.16, y - 10, half_width * 1.12, half_width * 0.15 + 10)
        self.cast(reach, dx=0, dy=4, blur=20, alpha=alpha * 0.75)
        close = oval(cx + half_width * 0.03, y - 10, half_width * 0.96, half_width * 0.07 + 6)
        self.cast(close, dx=0, dy=4, blur=8, alpha=alpha)

    def _pixels(self, x: float, y: float) -> Point:
        unit, zoom = self._unit, self._zoom
        return (self._x + x * zoom) * unit, (self._y + y * zoom) * unit

    def _area(self, shape: Shape) -> _Box | None:
        """The pixels it covers at most, None when it lies outside the picture."""
        x0, y0, x1, y1 = shape.bounds
        left, top = self._pixels(x0, y0)
        right, bottom = self._pixels(x1, y1)
        found = (
            max(0, int(left)),
            max(0, int(top)),
            min(self.image.width, int(right) + 2),
            min(self.image.height, int(bottom) + 2),
        )
        return found if found[0] < found[2] and found[1] < found[3] else None

    def _mask(self, shape: Shape, area: _Box) -> Image.Image:
        mask = Image.new("L", (area[2] - area[0], area[3] - area[1]))
        draw = ImageDraw.Draw(mask)
        for points, on in shape.areas:
            pixels = [self._pixels(x, y) for x, y in points]
            draw.polygon([(x - area[0], y - area[1]) for x, y in pixels], fill=255 if on else 0)
        return mask

    def _shifted(self, mask: Image.Image, dx: float, dy: float) -> Image.Image:
        scale = self._unit * self._zoom
        moved = Image.new("L", mask.size)
        moved.paste(mask, (round(dx * scale), round(dy * scale)))
        return moved

    def _put(
        self,
        paint: tuple[int, int, int] | Image.Image,
        mask: Image.Image,
        area: _Box,
        alpha: float,
    ) -> None:
        if self._clip is not None:
            mask = ImageChops.multiply(mask, self._clip.crop(area))
        if alpha < 1:
            mask = mask.point([round(value * alpha) for value in range(256)])
        self.image.paste(paint, area, mask)

"""Parts that several pictures share."""

from collections.abc import Iterable
from math import hypot

from shop.ops.demo.drawing import palette as p
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour, darker, lighter
from shop.ops.demo.drawing.shapes import Point, blob, curve, oval, stroke, thrown


def mouth(
    c: Canvas,
    cx: float,
    cy: float,
    r: float,
    *,
    rim: Colour,
    inner: Colour,
    tilt: float = 0.16,
    drink: Colour | None = None,
) -> None:
    """The opening of a vessel, and what is in it."""
    c.fill(oval(cx, cy, r, r * tilt), rim)
    hole = oval(cx, cy + 3, r * 0.93, r * tilt * 0.86)
    c.fill(hole, darker(inner, 0.16))
    with c.inside(hole):
        c.fill(oval(cx + r * 0.12, cy + r * 0.06, r * 0.95, r * tilt), inner)
        if drink:
            c.fill(oval(cx, cy + r * tilt * 0.42, r * 0.9, r * tilt * 0.86), drink)
            c.fill(oval(cx - r * 0.3, cy + r * tilt * 0.5, r * 0.3, r * tilt * 0.16), p.LIGHT, 0.25)


def steam(c: Canvas, x: float, y: float, zoom: float = 1) -> None:
    points = [(0, 0), (-22, -44), (16, -92), (-8, -140)]
    wave = curve(*((x + dx * zoom, y + dy * zoom) for dx, dy in points))
    c.line(wave, 20 * zoom, p.WHITE, 0.95, end=8 * zoom)


def beans(c: Canvas, places: Iterable[Point]) -> None:
    """Coffee beans, each turned a little further than the last."""
    for number, (x, y) in enumerate(places):
        turn = number * 47 % 180
        bean = oval(x, y, 36, 24).turned(turn, (x, y))
        c.cast(bean, dx=3, dy=6, blur=5, alpha=0.3)
        c.solid(bean, "#7a4a2e", edge=12)
        fold = stroke(curve((x - 30, y), (x - 8, y + 6), (x + 8, y - 6), (x + 30, y)), 6)
        c.fill(fold.turned(turn, (x, y)), "#4a2a1b")


def flame(c: Canvas, x: float, y: float, zoom: float = 1, glow: float = 200) -> None:
    """A candle's flame that stands on (x, y)."""
    if glow:
        c.glow(x, y - 40 * zoom, glow, p.HONEY, 0.55)
    outer = [(0, 4), (-26, -24), (-20, -62), (0, -118), (20, -62), (26, -24)]
    inner = [(0, 0), (-12, -16), (-9, -36), (0, -62), (9, -36), (12, -16)]
    c.fill(blob(*((x + a * zoom, y + b * zoom) for a, b in outer)), "#f7a93b")
    c.fill(blob(*((x + a * zoom, y + b * zoom) for a, b in inner)), "#fff0b8")


def bulb(c: Canvas, x: float, y: float, r: float, *, lit: bool = True) -> None:
    """A light bulb that hangs with its glass around (x, y)."""
    if lit:
        c.glow(x, y, r * 3.2, p.HONEY, 0.6)
    c.fill(oval(x, y, r), "#fff0be" if lit else p.GLASS)
    c.fill(oval(x - r * 0.3, y - r * 0.25, r * 0.24, r * 0.34), p.WHITE, 0.9)


def flowerpot(c: Canvas, x: float, y: float, r: float, colour: Colour = p.TERRACOTTA) -> None:
    """A pot whose foot stands at (x, y); its rim is as wide as 2 r."""
    body = thrown(x, (y - r * 1.3, r * 0.9), (y - r * 0.1, r * 0.62), tilt=0.14, straight=True)
    c.solid(body, colour, edge=r * 0.26)
    rim = thrown(x, (y - r * 1.62, r), (y - r * 1.26, r * 0.97), tilt=0.14, straight=True)
    c.cast(rim, dx=0, dy=10, blur=8, alpha=0.2)
    c.solid(rim, colour, edge=r * 0.24)
    mouth(c, x, y - r * 1.62, r, rim=lighter(colour), inner=darker(colour), drink="#54382f")


def bird(c: Canvas, x: float, y: float, zoom: float, back: Colour, breast: Colour) -> None:
    """A small bird that looks to the left, its feet at (x, y)."""
    with c.placed(x, y, zoom):
        c.line([(480, 800), (470, 850)], 12, "#6b4a35")
        c.line([(530, 800), (534, 850)], 12, "#6b4a35")
        tail = stroke([(620, 690), (800, 590)], 74, 44)
        c.solid(tail, darker(back, 0.2), edge=18)
        body = blob(
            (330, 640), (400, 540), (520, 520), (660, 620), (650, 740), (520, 815), (390, 770)
        )
        c.solid(body, back, edge=40)
        with c.inside(body):
            c.fill(
                blob((300, 640), (400, 640), (500, 720), (560, 840), (400, 860), (300, 780)), breast
            )
        c.solid(oval(390, 575, 108, 100), back, edge=30, shade=0.1)
        with c.inside(oval(390, 575, 108, 100)):
            c.fill(oval(330, 640, 110, 70), breast)
        c.fill(blob((292, 560), (222, 592), (296, 612)), "#e79a3c")
        c.fill(oval(350, 558, 17), p.INK)
        c.fill(oval(345, 552, 6), p.WHITE)
        wing = blob((480, 600), (600, 620), (700, 690), (600, 730), (500, 700))
        c.solid(wing, darker(back, 0.26), edge=20)


def tuft(c: Canvas, x: float, y: float, zoom: float = 1, colour: Colour = p.LEAF) -> None:
    """A tuft of grass at (x, y)."""
    for dx, height, lean in ((-30, 60, -30), (-12, 90, -10), (10, 80, 14), (30, 54, 34)):
        foot, tip = (x + dx * zoom * 0.5, y), (x + (dx + lean) * zoom, y - height * zoom)
        c.line([foot, tip], 18 * zoom, colour, end=3)


def sprout(c: Canvas, x: float, y: float, zoom: float = 1, colour: Colour = p.LEAF) -> None:
    """A seedling with two leaves that grows from (x, y)."""
    c.line(curve((x, y), (x - 4 * zoom, y - 50 * zoom), (x, y - 100 * zoom)), 12 * zoom, colour)
    for side in (-1, 1):
        points = [(0, -90), (30, -140), (95, -160), (80, -110), (40, -84)]
        leaf = blob(*((x + side * dx * zoom, y + dy * zoom) for dx, dy in points))
        c.solid(leaf, lighter(colour, 0.1) if side < 0 else colour, edge=14 * zoom)


def stitches(c: Canvas, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
    """A row of stitches from one point to the other."""
    count = max(1, round(hypot(x1 - x0, y1 - y0) / 26))
    for i in range(count):
        start, end = i / count, (i + 0.55) / count
        points = [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for t in (start, end)]
        c.line(points, 5, colour, 0.8)

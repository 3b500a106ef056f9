"""Shapes to fill: areas put on and areas cut out, in the units of a picture."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, pi, radians, sin
from typing import Self

Point = tuple[float, float]
Corner = tuple[float, float] | tuple[float, float, float]

_STEPS = 14


@dataclass(frozen=True, slots=True)
class Shape:
    """Areas in the order they are put on (True) or cut out (False)."""

    areas: tuple[tuple[tuple[Point, ...], bool], ...]

    def __add__(self, other: "Shape") -> "Shape":
        return Shape(self.areas + other.areas)

    def __sub__(self, other: "Shape") -> "Shape":
        return Shape(self.areas + tuple((points, False) for points, on in other.areas if on))

    def moved(self, dx: float, dy: float = 0) -> "Shape":
        return self._mapped(lambda x, y: (x + dx, y + dy))

    def turned(self, degrees: float, at: Point = (500, 500)) -> "Shape":
        """Turn it clockwise."""
        c, s = cos(radians(degrees)), sin(radians(degrees))
        ax, ay = at
        return self._mapped(
            lambda x, y: (ax + (x - ax) * c - (y - ay) * s, ay + (x - ax) * s + (y - ay) * c)
        )

    def scaled(self, across: float, down: float | None = None, at: Point = (500, 500)) -> "Shape":
        ax, ay = at
        ky = across if down is None else down
        return self._mapped(lambda x, y: (ax + (x - ax) * across, ay + (y - ay) * ky))

    def mirrored(self, x: float = 500) -> "Shape":
        return self._mapped(lambda px, py: (2 * x - px, py))

    def both(self, x: float = 500) -> "Shape":
        """Put its mirror image beside it."""
        return self + self.mirrored(x)

    def _mapped(self, place: Callable[[float, float], Point]) -> "Shape":
        return Shape(tuple((tuple(place(*p) for p in points), on) for points, on in self.areas))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        xs = [x for points, on in self.areas if on for x, _ in points]
        ys = [y for points, on in self.areas if on for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)

    @classmethod
    def of(cls, points: Iterable[Point]) -> Self:
        return cls(((tuple(points), True),))


def union(shapes: Iterable[Shape]) -> Shape:
    return Shape(tuple(area for shape in shapes for area in shape.areas))


def arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> list[Point]:
    """Points on an ellipse; degrees run clockwise from the right."""
    count = max(8, int(abs(end - start) / 3.5))
    angles = [radians(start + (end - start) * i / count) for i in range(count + 1)]
    return [(cx + rx * cos(a), cy + ry * sin(a)) for a in angles]


def oval(cx: float, cy: float, rx: float, ry: float | None = None) -> Shape:
    return Shape.of(arc(cx, cy, rx, rx if ry is None else ry, 0, 360))


def half(cx: float, cy: float, rx: float, ry: float, start: float = 180) -> Shape:
    """Half an ellipse, the upper one unless told."""
    return Shape.of(arc(cx, cy, rx, ry, start, start + 180))


def box(x0: float, y0: float, x1: float, y1: float, r: float = 0) -> Shape:
    return poly((x0, y0), (x1, y0), (x1, y1), (x0, y1), r=r)


def poly(*corners: Corner, r: float = 0) -> Shape:
    """A polygon with rounded corners; a corner may bring its own radius."""
    points: list[Point] = []
    count = len(corners)
    for i, corner in enumerate(corners):
        radius = corner[2] if len(corner) == 3 else r
        before, after = corners[i - 1], corners[(i + 1) % count]
        points += _bend(before[:2], corner[:2], after[:2], radius)
    return Shape.of(points)


def _bend(before: Point, at: Point, after: Point, r: float) -> list[Point]:
    if not r:
        return [at]
    start, end = _towards(at, before, r), _towards(at, after, r)
    steps = [i / 8 for i in range(9)]
    return [_mixed(_mixed(start, at, t), _mixed(at, end, t), t) for t in steps]


def _towards(start: Point, end: Point, length: float) -> Point:
    whole = hypot(end[0] - start[0], end[1] - start[1]) or 1
    return _mixed(start, end, min(length / whole, 0.5))


def _mixed(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t


def curve(*points: Point, closed: bool = False) -> list[Point]:
    """Points on a Catmull-Rom curve through the ones given."""
    if closed:
        ring = [points[-1], *points, points[0], points[1]]
    else:
        ring = [points[0], *points, points[-1]]
    found = [
        _between(ring[i : i + 4], step / _STEPS)
        for i in range(len(ring) - 3)
        for step in range(_STEPS)
    ]
    return [*found, ring[-2]]


def _between(four: Sequence[Point], t: float) -> Point:
    a, b, c, d = four
    x, y = (
        b[k]
        + 0.5 * t * (c[k] - a[k])
        + t * t * (a[k] - 2.5 * b[k] + 2 * c[k] - 0.5 * d[k])
        + t * t * t * (1.5 * (b[k] - c[k]) + 0.5 * (d[k] - a[k]))
        for k in (0, 1)
    )
    return x, y


def blob(*points: Point) -> Shape:
    """A shape with a smooth outline through the points."""
    return Shape.of(curve(*points, closed=True))


def stroke(points: Sequence[Point], width: float, end: float | None = None) -> Shape:
    """A line with round ends; `end` is its width there, where it tapers."""
    last = width if end is None else end
    count = max(1, len(points) - 1)
    radii = [(width + (last - width) * i / count) / 2 for i in range(len(points))]
    dots = [oval(x, y, r) for (x, y), r in zip(points, radii, strict=True)]
    spans = pairwise(zip(points, radii, strict=True))
    return union([*dots, *(_span(p, q, a, b) for (p, a), (q, b) in spans)])


def _span(p: Point, q: Point, a: float, b: float) -> Shape:
    length = hypot(q[0] - p[0], q[1] - p[1]) or 1
    nx, ny = (p[1] - q[1]) / length, (q[0] - p[0]) / length
    return Shape.of([
        (p[0] + nx * a, p[1] + ny * a),
        (q[0] + nx * b, q[1] + ny * b),
        (q[0] - nx * b, q[1] - ny * b),
        (p[0] - nx * a, p[1] - ny * a),
    ])  # fmt: skip


def thrown(cx: float, *profile: Point, tilt: float = 0.12, straight: bool = False) -> Shape:
    """A thing from the wheel, seen a little from above: heights and half widths, top first."""
    side = [(r, y) for y, r in profile]
    if not straight:
        side = curve(*side)
    (r0, y0), (r1, y1) = side[0], side[-1]
    right = [(cx + r, y) for r, y in side]
    left = [(cx - r, y) for r, y in reversed(side)]
    bottom = arc(cx, y1, r1, r1 * tilt, 0, 180)
    top = arc(cx, y0, r0, r0 * tilt, 180, 360)
    return Shape.of([*right, *bottom, *left, *top])


def turned(points: Sequence[Point], degrees: float, at: Point = (500, 500)) -> Sequence[Point]:
    """The points of a line, turned clockwise."""
    return Shape.of(points).turned(degrees, at).areas[0][0]


def star(cx: float, cy: float, outer: float, inner: float, tips: int) -> Shape:
    angles = [(pi * i / tips - pi / 2, inner if i % 2 else outer) for i in range(2 * tips)]
    return Shape.of([(cx + r * cos(a), cy + r * sin(a)) for a, r in angles])

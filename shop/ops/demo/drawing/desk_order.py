"""Desk, order."""

from math import cos, radians, sin
from typing import Final

from shop.ops.demo.drawing import palette as p
from shop.ops.demo.drawing.album import Scene
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour, darker, lighter
from shop.ops.demo.drawing.shapes import (
    Point,
    arc,
    blob,
    box,
    curve,
    oval,
    poly,
    star,
    stroke,
    thrown,
)

_SCENE: Final = Scene("desk-order")


@_SCENE.picture("tray-felt", flat=True)
def _tray(c: Canvas) -> None:
    felt = "#7d8794"
    tray = box(110, 240, 890, 770, 90)
    c.cast(tray, dx=20, dy=30, blur=24, alpha=0.42)
    c.solid(tray, felt, edge=30)
    inner = box(150, 278, 850, 732, 60)
    c.fill(inner, darker(felt, 0.26))
    c.solid(inner.moved(10, 12), darker(felt, 0.12), edge=10, light=0)
    for x, y in ((146, 300), (854, 300), (146, 710), (854, 710)):
        c.solid(oval(x, y, 14), p.BRASS, edge=8)
    for x in range(230, 790, 30):
        c.line([(x, 258), (x + 14, 258)], 5, lighter(felt, 0.5))
        c.line([(x, 752), (x + 14, 752)], 5, lighter(felt, 0.5))
    _keys(c)
    for x, y, r, colour in (
        (660, 410, 54, p.BRASS),
        (740, 470, 44, p.COPPER),
        (650, 500, 40, p.STEEL),
    ):
        c.cast(oval(x, y, r), dx=5, dy=9, blur=7, alpha=0.4)
        c.solid(oval(x, y, r), colour, edge=12)
        c.line(arc(x, y, r * 0.72, r * 0.72, 0, 360), 4, p.SHADE, 0.25)
        c.fill(star(x, y, r * 0.42, r * 0.18, 5), p.SHADE, 0.22)
    ticket = poly((520, 600), (780, 560), (796, 652), (536, 692))
    c.cast(ticket, dx=5, dy=9, blur=8, alpha=0.4)
    c.solid(ticket, p.CORAL, edge=10)
    for i in range(4):
        c.line([(566 + i * 3, 620 + i * 16), (700 + i * 3, 600 + i * 16)], 5, p.WHITE, 0.7)
    c.line([(730, 572), (746, 656)], 4, p.WHITE, 0.8)


def _keys(c: Canvas) -> None:
    ring = stroke(arc(320, 420, 66, 66, 0, 360), 13)
    parts = []
    for turn, colour in ((20, p.STEEL), (68, p.BRASS)):
        key = stroke([(320, 520), (320, 680)], 24) + oval(320, 510, 46)
        teeth = box(320, 610, 358, 630) + box(320, 650, 366, 674)
        parts.append(((key + teeth - oval(320, 496, 16)).turned(turn - 60, (320, 440)), colour))
    for key, colour in parts:
        c.cast(key, dx=6, dy=12, blur=8, alpha=0.42)
        c.solid(key, colour, edge=10)
    c.cast(ring, dx=5, dy=10, blur=7, alpha=0.4)
    c.solid(ring, p.STEEL, edge=6)
    fob = blob((250, 330), (300, 360), (290, 420), (220, 500), (170, 490), (170, 430))
    c.cast(fob, dx=6, dy=10, blur=8, alpha=0.4)
    c.solid(fob, p.TERRACOTTA, edge=16)


@_SCENE.picture("clip-rail", flat=True)
def _clip_rail(c: Canvas) -> None:
    rail = box(80, 210, 920, 300, 24)
    c.cast(rail, dx=10, dy=20, blur=16, alpha=0.36)
    c.solid(rail, p.OAK, edge=18)
    with c.inside(rail):
        for y, bend in ((235, 8), (262, -8), (282, 6)):
            c.line(curve((80, y), (350, y + bend), (640, y - bend), (920, y)), 4, p.SHADE, 0.2)
    for x in (120, 880):
        c.solid(oval(x, 255, 17), p.BRASS, edge=8)
    c.line(curve((110, 330), (500, 350), (890, 330)), 8, p.STEEL)
    for x in (110, 890):
        c.line([(x, 290), (x, 334)], 8, p.STEEL)
    sheets = ((120, 360, 210, 370, -2, p.WHITE), (364, 366, 240, 440, 1, p.SKY),
              (644, 366, 240, 310, 2, p.HONEY))  # fmt: skip
    for x, y, wide, high, turn, colour in sheets:
        sheet = box(x, y, x + wide, y + high, 6).turned(turn, (x + wide / 2, y))
        c.cast(sheet, dx=12, dy=16, blur=12, alpha=0.32)
        c.solid(sheet, colour, edge=10, shade=0.12)
        with c.inside(sheet):
            _sheet(c, x, y, wide, high, colour)
        _clip(c, x + wide * 0.28, y)
        _clip(c, x + wide * 0.72, y)
    _clip(c, 346, 368)
    _clip(c, 622, 368)


def _clip(c: Canvas, x: float, y: float) -> None:
    clip = box(x - 17, y - 36, x + 17, y + 44, 8)
    c.cast(clip, dx=4, dy=6, blur=5)
    c.solid(clip, p.BRASS, edge=10)
    c.fill(oval(x, y + 8, 7), darker(p.BRASS, 0.4))


def _sheet(c: Canvas, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
    if colour == p.SKY:
        c.fill(oval(x + 160, y + 130, 34), p.HONEY)
        hill = blob((x - 60, y + 310), (x + 70, y + 240), (x + 170, y + 300), (x + 290, y + 260),
                    (x + 290, y + 520), (x - 60, y + 520))  # fmt: skip
        c.fill(hill, p.LEAF)
        c.fill(hill.moved(40, 76), p.PINE)
        return
    for i in range(int((high - 110) / 36)):
        ly = y + 86 + i * 36
        c.line([(x + 28, ly), (x + wide - 30 - i * 29 % 60, ly)], 7, p.SLATE, 0.5)


@_SCENE.picture("box-archive")
def _archive(c: Canvas) -> None:
    c.ground(520, 360)
    _archive_box(c, 850, "#8b93a0")
    _archive_box(c, 555, "#a9a8a6")


def _archive_box(c: Canvas, y: float, colour: Colour) -> None:
    with c.placed(500, y, 1):
        side = poly((740, 640), (880, 590), (880, 800), (740, 850))
        c.fill(side, darker(colour, 0.32))
        front = box(150, 640, 740, 850, 6)
        c.solid(front, colour, edge=20)
        c.fill(poly((140, 572), (752, 572), (896, 520), (300, 520)), lighter(colour, 0.28))
        c.fill(poly((752, 572), (896, 520), (896, 602), (752, 656)), darker(colour, 0.42))
        c.fill(box(140, 656, 752, 674), p.SHADE, 0.2)
        c.solid(box(138, 572, 752, 656, 6), lighter(colour, 0.06), edge=14)
        c.solid(box(330, 690, 560, 806, 8), p.BRASS, edge=12)
        c.fill(box(346, 704, 544, 770, 4), p.CREAM)
        c.fill(box(346, 704, 544, 718), p.TERRACOTTA)
        c.line([(372, 734), (516, 734)], 6, p.SLATE, 0.7)
        c.line([(372, 754), (470, 754)], 6, p.SLATE, 0.7)
        c.solid(stroke(arc(445, 786, 36, 28, 0, 180), 12), darker(p.BRASS, 0.2), edge=4)


@_SCENE.picture("holder-pen")
def _pen_holder(c: Canvas) -> None:
    c.ground(500, 225)
    for x, lean, top, colour in (
        (400, -70, 250, p.MUSTARD), (470, -16, 170, p.SEA), (540, 30, 210, p.TERRACOTTA),
    ):  # fmt: skip
        body = stroke([(x, 620), (x + lean, top + 70)], 46)
        c.solid(body, colour, edge=16)
        tip = poly((x + lean - 22, top + 66), (x + lean * 1.1, top - 16), (x + lean + 24, top + 60))
        c.fill(tip, p.ASH)
        c.fill(oval(x + lean * 1.08, top + 2, 8, 16), p.INK)
    ruler = poly((560, 640), (650, 150), (730, 164), (640, 640))
    c.solid(ruler, p.ASH, edge=14)
    for i in range(14):
        left, y = 566 + i * 6.1, 600 - i * 33
        c.line([(left, y), (left + (36 if i % 2 else 22), y + 5)], 4, p.WALNUT)
    c.solid(stroke([(360, 600), (262, 290)], 18), p.STEEL, edge=8)
    for turn in (-24, 12):
        handle = stroke(arc(244, 226, 34, 52, 0, 360), 16).turned(turn - 16, (262, 290))
        c.solid(handle, p.RED, edge=8)
    body = thrown(490, (500, 222), (824, 204), tilt=0.12, straight=True)
    lip = oval(490, 500, 222, 27)
    cup = body - box(200, 400, 780, 500) - lip
    c.solid(cup, p.WOOD, edge=64, shade=0.24)
    with c.inside(cup):
        for x, bend in ((300, 14), (360, -10), (430, 16), (510, -12), (590, 12), (650, -8)):
            c.line(curve((x, 500), (x + bend, 620), (x - bend, 740), (x, 860)), 5, p.WALNUT, 0.32)
        c.fill(box(200, 820, 800, 900), p.PINE)
        c.solid(cup - box(200, 400, 800, 812) - oval(490, 812, 222, 27), p.PINE, edge=64)
        c.line([(310, 560), (314, 700)], 24, p.LIGHT, 0.36)
    c.line(arc(490, 500, 220, 27, 0, 180), 12, lighter(p.WOOD, 0.45))


@_SCENE.picture("organiser-cable", flat=True)
def _organiser(c: Canvas) -> None:
    cables = ((395, p.INK), (500, p.CORAL), (605, p.SEA))
    for x, colour in cables:
        bend = (x - 500) * 1.4
        c.line(curve((x, -30), (x + 6, 220), (x, 420)), 26, colour)
        low = curve((x, 590), (x + bend * 0.4, 680), (x + bend, 750), (x + bend, 830))
        c.line(low, 26, colour)
        c.solid(box(x + bend - 34, 790, x + bend + 34, 876, 14), lighter(colour, 0.14), edge=14)
        c.solid(box(x + bend - 22, 872, x + bend + 22, 916, 4), p.STEEL, edge=10)
    block = box(190, 390, 810, 620, 70)
    c.cast(block, dx=18, dy=26, blur=20, alpha=0.42)
    c.solid(block, p.WOOD, edge=40)
    with c.inside(block):
        for y, bend in ((430, 12), (480, -14), (530, 12), (580, -10)):
            c.line(curve((180, y), (380, y + bend), (640, y - bend), (820, y)), 5, p.WALNUT, 0.3)
    for x, colour in ((290, ""), *cables, (710, "")):
        with c.inside(block):
            half_width = 30 if colour else 22
            slot = box(x - half_width, 380, x + half_width, 630, 8)
            c.fill(slot, darker(p.WALNUT, 0.3) if colour else darker(p.WOOD, 0.4))
            if colour:
                c.line([(x, 360), (x, 650)], 28, colour)
                c.line([(x - 7, 360), (x - 7, 650)], 6, p.LIGHT, 0.35)
        for side in (-1, 1) if colour else ():
            lip = box(x + side * 26 - 12, 470, x + side * 26 + 12, 540, 10)
            c.solid(lip, lighter(p.WOOD, 0.2), edge=8)


@_SCENE.picture("bookends-steel")
def _bookends(c: Canvas) -> None:
    c.ground(500, 400)
    books = (
        (250, 76, 470, p.TERRACOTTA), (326, 60, 420, p.NAVY), (386, 92, 500, p.CREAM),
        (478, 56, 440, p.MUSTARD), (534, 82, 486, p.PINE), (616, 64, 410, p.PLUM),
        (680, 74, 456, p.SEA),
    )  # fmt: skip
    for x, wide, high, colour in books:
        top = 832 - high
        book = box(x, top, x + wide, 832, 8)
        c.solid(book, colour, edge=14)
        for y in (top + 50, top + 68, 770):
            c.fill(box(x, y, x + wide, y + 8), p.BRASS if colour != p.MUSTARD else p.RUST)
        c.fill(box(x + wide * 0.3, top + 110, x + wide * 0.7, top + 250, 6), p.LIGHT, 0.4)
    steel = p.SLATE
    for mirror in (False, True):
        end = box(214, 380, 250, 852, 10) + box(120, 826, 420, 852, 10)
        end = end.mirrored(502) if mirror else end
        c.solid(end, steel, edge=10, light=0.5)
        brace = poly((226, 500), (226, 836), (96, 836))
        hole = poly((204, 600), (204, 814), (134, 814))
        tri = brace - hole
        c.solid(tri.mirrored(502) if mirror else tri, lighter(steel, 0.12), edge=8, light=0.5)


@_SCENE.picture("stand-magazine")
def _magazines(c: Canvas) -> None:
    c.ground(500, 200)
    back = poly((220, 320, 24), (850, 320, 24), (650, 838, 40), (420, 838, 40))
    c.solid(back, darker(p.OAK, 0.3), edge=20)
    for x, top, lean, colour in (
        (280, 180, -40, p.SEA), (390, 126, -6, p.CORAL), (480, 160, 24, p.HONEY),
    ):  # fmt: skip
        cover = poly((x + 10, 520), (x + lean, top), (x + lean + 250, top + 12), (x + 230, 520))
        c.cast(cover, dx=10, dy=6, blur=8, alpha=0.3)
        c.solid(cover, colour, edge=14)
        c.fill(box(x + lean + 36, top + 40, x + lean + 214, top + 76, 6), p.WHITE, 0.9)
        c.fill(oval(x + lean + 130, top + 180, 64), p.WHITE, 0.35)
        c.fill(oval(x + lean + 152, top + 196, 38), darker(colour, 0.2))
    front = poly((120, 400, 24), (760, 400, 24), (640, 838, 40), (400, 850, 40))
    c.cast(front, dx=10, dy=10, blur=12, alpha=0.36)
    c.solid(front, p.OAK, edge=40)
    with c.inside(front):
        for i in range(8):
            x = 150 + i * 84
            grain = curve((x, 390), (x + 30, 560), (300 + i * 46, 700), (400 + i * 34, 860))
            c.line(grain, 5, p.WALNUT, 0.34)
        c.line([(110, 412), (770, 412)], 14, p.LIGHT, 0.4)
    c.solid(box(380, 822, 680, 856, 16), darker(p.OAK, 0.2), edge=12)
    for x in (230, 650):
        c.solid(oval(x, 462, 14), p.BRASS, edge=7)


@_SCENE.picture("basket-paper")
def _basket(c: Canvas) -> None:
    c.ground(500, 230)
    balls = ((410, 330, 90), (560, 310, 100), (480, 260, 84))
    for x, y, r in balls:
        _crumpled(c, x, y, r)
    body = thrown(500, (380, 290), (822, 206), tilt=0.12, straight=True)
    shell = body - oval(500, 380, 290, 35) - box(180, 300, 820, 380)
    c.solid(shell, p.WOOD, edge=80, shade=0.22)
    with c.inside(shell):
        for row in range(11):
            _woven_row(c, 400 + row * 42, 5 if row % 2 else 0)
        c.fill(poly((680, 300), (900, 300), (900, 900), (620, 900)), p.SHADE, 0.14)
    rim = stroke(arc(500, 380, 290, 35, 0, 180), 36)
    c.solid(rim, p.OAK, edge=12)
    for i in range(19):
        a = radians(i * 10)
        left, top = 500 + 290 * cos(a), 380 + 35 * sin(a)
        c.line([(left - 8, top - 14), (left + 8, top + 14)], 5, p.WALNUT, 0.5)
    _crumpled(c, 830, 800, 66)


def _woven_row(c: Canvas, y: float, start: float) -> None:
    r = 290 - (y - 380) * 0.19
    for i in range(-9, 10):
        a = radians(i * 10 + start)
        x, top = 500 + r * sin(a), y + 34 * cos(a)
        wide = max(3, 21 * cos(a))
        c.fill(box(x - wide, top, x + wide, top + 22, 10), p.ASH, 0.8)


def _crumpled(c: Canvas, x: float, y: float, r: float) -> None:
    bumps = [(x + r * k * cos(radians(i * 40)), y + r * k * sin(radians(i * 40)))
             for i, k in enumerate((1, 0.9, 1.04, 0.86, 1, 0.92, 1.05, 0.9, 0.97))]  # fmt: skip
    ball = poly(*bumps, r=r * 0.12)
    c.cast(ball, dx=6, dy=10, blur=10)
    c.solid(ball, p.WHITE, edge=r * 0.36, shade=0.18)
    for a, b in ((1, 4), (6, 3), (8, 5), (2, 7)):
        mid = (x + r * 0.1 * (a - 4), y + r * 0.1 * (b - 4))
        c.line([bumps[a], mid, bumps[b]], 5, p.SLATE, 0.3)


@_SCENE.picture("clock-desk")
def _clock(c: Canvas) -> None:
    c.ground(510, 330)
    c.fill(poly((790, 200), (880, 160), (880, 800), (790, 850)), darker(p.WALNUT, 0.36))
    c.fill(poly((190, 204), (280, 160), (880, 160), (794, 204)), lighter(p.WALNUT, 0.24))
    block = box(180, 200, 796, 852, 14)
    c.solid(block, p.WALNUT, edge=30)
    with c.inside(block):
        for y, bend in ((250, 16), (330, -20), (480, 18), (620, -16), (740, 20), (820, -12)):
            c.line(curve((170, y), (380, y + bend), (600, y - bend), (810, y)), 6, p.SHADE, 0.24)
    c.solid(oval(488, 526, 262), p.BRASS, edge=20, light=0.5)
    face = oval(488, 526, 238)
    c.fill(face, p.WHITE)
    c.fill(face - oval(500, 540, 236), p.SHADE, 0.18)
    for i in range(60):
        a = radians(i * 6)
        points = [(488 + r * sin(a), 526 - r * cos(a)) for r in (210 if i % 5 else 200, 220)]
        c.line(points, 5 if i % 5 else 9, p.INK, 0.6 if i % 5 else 1)
    _numerals(c, 488, 526)
    c.line([(488, 526), (402, 462)], 20, p.INK, end=12)
    c.line([(488, 526), (580, 410)], 15, p.INK, end=9)
    c.line([(470, 578), (512, 340)], 6, p.RED)
    c.solid(oval(488, 526, 18), p.RED, edge=8)


def _numerals(c: Canvas, x: float, y: float) -> None:
    lines: list[list[Point]] = [
        [(-22, -176), (-10, -186), (-10, -132)],
        [*arc(18, -170, 16, 16, 190, 360), (30, -152), (2, -132), (36, -132)],
        [*arc(162, -14, 17, 14, 200, 440), *arc(162, 14, 19, 15, 280, 520)],
        [(14, 130), (-14, 154)],
        arc(0, 164, 18, 18, 0, 360),
        [(-148, 0), (-160, 28)],
        arc(-164, -8, 18, 18, 0, 360),
    ]
    for line in lines:
        c.line([(x + dx, y + dy) for dx, dy in line], 10, p.INK)

"""Living room, textiles."""

from math import cos, radians, sin
from typing import Final

from shop.ops.demo.drawing import palette as p
from shop.ops.demo.drawing.album import Scene
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour, darker, lighter
from shop.ops.demo.drawing.parts import stitches
from shop.ops.demo.drawing.shapes import (
    Shape,
    arc,
    blob,
    box,
    curve,
    half,
    oval,
    poly,
    stroke,
    union,
)

_SCENE: Final = Scene("living-room-textiles")


@_SCENE.coloured("blanket-wool", moss=p.MOSS, rust=p.RUST, oat=p.OAT)
def _blanket(c: Canvas, colour: Colour) -> None:
    c.ground(500, 350)
    for number, y in enumerate((778, 664, 550, 436)):
        wide = 330 - number * 8
        for k in range(9):
            fringe_y = y - 44 + k * 14
            x = 500 + wide - 14
            c.line(curve((x, fringe_y), (x + 34, fringe_y + 4), (x + 62, fringe_y + 12)), 7, colour)
        fold = box(500 - wide, y - 60, 500 + wide, y + 62, 60)
        c.solid(
            fold, (colour, darker(colour, 0.06), lighter(colour, 0.05), colour)[number], edge=34
        )
        with c.inside(fold):
            c.line([(500 - wide, y + 2), (500 + wide, y + 2)], 6, p.SHADE, 0.24)
            stitches(c, 500 - wide + 40, y - 30, 500 + wide - 20, y - 30, lighter(colour, 0.35))
            stitches(c, 500 - wide + 40, y + 34, 500 + wide - 20, y + 34, lighter(colour, 0.35))
    drape = poly((330, 346, 60), (660, 346, 60), (640, 700, 10), (360, 700, 10))
    c.cast(drape, dx=8, dy=12, blur=14, alpha=0.34)
    c.solid(drape, lighter(colour, 0.08), edge=40)
    with c.inside(drape):
        for y in (440, 476, 620):
            c.line([(300, y), (700, y)], 15, lighter(colour, 0.5), 0.85)
        for x in (430, 560):
            c.line(curve((x, 376), (x + 8, 560), (x - 6, 720)), 14, p.SHADE, 0.13)
    for x in range(368, 640, 18):
        c.line(curve((x, 696), (x + 3, 725), (x - 3, 756)), 8, lighter(colour, 0.06))
    c.solid(box(436, 328, 560, 358, 14), p.CREAM, edge=10)


@_SCENE.picture("cushion-cord")
def _cushion(c: Canvas) -> None:
    colour = p.MUSTARD
    c.ground(500, 330)
    cushion = blob(
        (150, 210), (320, 244), (500, 250), (680, 244), (850, 210), (824, 380), (818, 530),
        (826, 690), (852, 846), (680, 826), (500, 832), (320, 826), (148, 846), (174, 690),
        (182, 530), (176, 380),
    )  # fmt: skip
    c.solid(cushion, colour, edge=60)
    with c.inside(cushion):
        for i in range(-11, 12):
            x = 500 + i * 31
            bow = i * 2.2
            c.line(curve((x + bow, 190), (x, 530), (x + bow, 860)), 9, p.RUST, 0.3)
            c.line(curve((x + bow + 9, 190), (x + 9, 530), (x + bow + 9, 860)), 5, p.LIGHT, 0.3)
        c.line(curve((180, 240), (260, 330), (330, 400)), 12, p.SHADE, 0.14)
        c.line(curve((820, 240), (750, 320), (690, 390)), 12, p.SHADE, 0.14)
        c.line(curve((180, 815), (250, 740), (310, 690)), 12, p.SHADE, 0.14)
        c.line(curve((820, 815), (760, 760), (690, 680)), 12, p.SHADE, 0.14)


@_SCENE.picture("rug-runner", flat=True)
def _wide_runner(c: Canvas) -> None:
    with c.placed(500, 866, 1.06):
        _runner(c)


def _runner(c: Canvas) -> None:
    rug = poly((310, 130), (690, 130), (690, 870), (310, 870))
    for x in range(318, 690, 20):
        for y, way in ((130, -1), (870, 1)):
            c.line([(x, y), (x + 2, y + way * 44)], 8, darker(p.CREAM))
    c.cast(rug, dx=16, dy=18, blur=16, alpha=0.32)
    c.solid(rug, p.CREAM, edge=20)
    with c.inside(rug):
        for y, height, colour in (
            (160, 34, p.TERRACOTTA), (210, 12, p.NAVY), (778, 12, p.NAVY), (806, 34, p.TERRACOTTA),
            (330, 14, p.MUSTARD), (656, 14, p.MUSTARD),
        ):  # fmt: skip
            c.fill(box(300, y, 700, y + height), colour)
        for y in (275, 720):
            for i in range(6):
                c.fill(_diamond(345 + i * 62, y, 28, 26), p.SEA)
        for y in (420, 500, 580):
            for x in (412, 588):
                c.fill(_diamond(x, y, 84, 46), p.TERRACOTTA if y != 500 else p.NAVY)
                c.fill(_diamond(x, y, 48, 26), p.CREAM)
                c.fill(_diamond(x, y, 20, 11), p.MUSTARD)
        for y in range(140, 880, 12):
            c.line([(310, y), (690, y)], 3, p.SHADE, 0.07)
        c.fill(box(656, 100, 700, 900), p.SHADE, 0.08)


def _diamond(x: float, y: float, across: float, down: float) -> Shape:
    return poly((x - across, y), (x, y - down), (x + across, y), (x, y + down))


@_SCENE.picture("throw-check")
def _throw(c: Canvas) -> None:
    c.ground(500, 360)
    _armchair(c)
    cloth = poly(
        (330, 268, 30), (600, 262, 30), (640, 560, 60), (720, 640, 40), (726, 800, 6),
        (430, 800, 6),
        (400, 640, 40), (318, 560, 40),
    )  # fmt: skip
    c.cast(cloth, dx=10, dy=12, blur=12, alpha=0.36)
    c.solid(cloth, p.CREAM, edge=36, shade=0.14)
    with c.inside(cloth):
        for i in range(6):
            x = 330 + i * 72
            stripe = [(x - 20, 240), (x, 560), (x + 64, 660), (x + 66, 820)]
            c.line(stripe, 30, p.RED, 0.5)
            c.line([(a + 34, b) for a, b in stripe], 7, p.NAVY, 0.5)
        for y in (300, 380, 460, 540, 640, 720, 790):
            c.line(curve((280, y + 8), (520, y), (780, y + 8)), 28, p.RED, 0.5)
            c.line(curve((280, y + 42), (520, y + 34), (780, y + 42)), 7, p.NAVY, 0.5)
        c.line(curve((310, 575), (500, 566), (650, 572)), 26, p.SHADE, 0.16)
    for x in range(438, 726, 17):
        c.line([(x, 800), (x - 2, 834)], 7, p.CREAM)


def _armchair(c: Canvas) -> None:
    colour = "#6f93a3"
    for x in (240, 760):
        c.solid(poly((x - 26, 780), (x + 26, 780), (x + 14, 852), (x - 14, 852)), p.WALNUT, edge=12)
    back = poly((240, 600), (230, 250, 90), (770, 250, 90), (760, 600))
    c.solid(back, colour, edge=50)
    c.solid(box(200, 560, 800, 790, 40), darker(colour, 0.1), edge=40)
    c.solid(box(250, 560, 750, 668, 44), lighter(colour, 0.1), edge=34)
    arm = box(140, 470, 290, 800, 72)
    c.solid(arm, colour, edge=34)
    c.solid(arm.mirrored(), colour, edge=34)


@_SCENE.picture("socks-house", flat=True)
def _socks(c: Canvas) -> None:
    _sock(c, (110, -40), p.CORAL)
    _sock(c, (-50, 50), p.SEA)


def _sock(c: Canvas, at: tuple[float, float], colour: Colour) -> None:
    dx, dy = at
    leg = poly(
        (420, 150, 20), (630, 150, 20), (640, 560, 60), (600, 700, 90), (420, 800, 60),
        (280, 850, 90), (180, 790, 90), (220, 690, 70), (390, 600, 80),
    ).moved(dx, dy)  # fmt: skip
    c.cast(leg, dx=18, dy=22, blur=18, alpha=0.34)
    c.solid(leg, colour, edge=44)
    with c.inside(leg):
        for y in (330, 440, 550):
            c.fill(box(300, y, 700, y + 46).moved(dx, dy), p.CREAM)
            for x in range(410, 650, 36):
                c.fill(_diamond(x, y + 23, 14, 14).moved(dx, dy), darker(colour, 0.1))
        c.fill(oval(262, 790, 118, 120).moved(dx, dy), p.CREAM)
        c.fill(
            blob((640, 560), (560, 590), (530, 690), (580, 780), (700, 700)).moved(dx, dy), p.CREAM
        )
        c.solid(box(380, 120, 660, 262).moved(dx, dy), p.CREAM, edge=40, shade=0.16)
        for x in range(400, 660, 22):
            c.line([(x + dx, 130 + dy), (x + dx, 262 + dy)], 6, p.SHADE, 0.16)
        c.fill(box(612, 100, 700, 700).moved(dx, dy), p.SHADE, 0.1)
        c.line([(426 + dx, 290 + dy), (420 + dx, 560 + dy)], 12, p.LIGHT, 0.3)


@_SCENE.coloured("curtain-linen", oat=p.OAT, sage=p.SAGE, blush=p.BLUSH)
def _curtain(c: Canvas, colour: Colour) -> None:
    c.solid(box(280, 210, 720, 700, 8), p.WHITE, edge=10)
    c.fade(box(304, 234, 696, 676), "#bfe0ee", "#e9f5f4")
    with c.inside(box(304, 234, 696, 676)):
        c.fill(blob((260, 720), (380, 560), (500, 610), (600, 540), (740, 640), (740, 720)), p.SAGE)
    c.solid(box(490, 220, 510, 690), p.WHITE, edge=6)
    c.solid(box(304, 440, 696, 458), p.WHITE, edge=6)
    c.solid(box(80, 150, 920, 176, 12), p.WALNUT, edge=12)
    for x in (76, 924):
        c.solid(oval(x, 163, 32), p.BRASS, edge=14)
    drape = poly(
        (130, 170, 10), (420, 170, 10), (390, 430, 60), (235, 610, 60), (300, 880, 10),
        (120, 880, 10),
    )  # fmt: skip
    for side in (drape, drape.mirrored()):
        c.cast(side, dx=10, dy=10, blur=14, alpha=0.28)
        c.solid(side, colour, edge=24)
        with c.inside(side):
            mirror = side is not drape
            for i in range(6):
                x = 150 + i * 52
                fold = curve(
                    (x, 160), (x - 6 - i * 6, 400), (166 + i * 14, 610), (132 + i * 32, 890)
                )
                fold = [(1000 - a, b) for a, b in fold] if mirror else fold
                c.line(fold, 20, darker(colour, 0.3), 0.4, end=16)
                c.line([(a - 15, b) for a, b in fold], 8, p.LIGHT, 0.4)
    tie = blob((112, 585), (180, 622), (256, 598), (258, 636), (180, 664), (108, 630))
    for side in (tie, tie.mirrored()):
        c.cast(side, dx=0, dy=8, blur=6, alpha=0.3)
        c.solid(side, p.TERRACOTTA, edge=12)
    for i in range(6):
        for x in (155 + i * 50, 845 - i * 50):
            c.solid(oval(x, 165, 17, 24) - oval(x, 165, 9, 16), p.BRASS, edge=5)


@_SCENE.picture("pouf-knit")
def _pouf(c: Canvas) -> None:
    c.ground(500, 340)
    body = blob(
        (500, 370), (700, 392), (838, 490), (868, 620), (826, 760), (690, 850), (500, 866),
        (310, 850), (174, 760), (132, 620), (162, 490), (300, 392),
    )  # fmt: skip
    c.solid(body, p.SEA, edge=80, shade=0.24)
    with c.inside(body):
        for row in range(7):
            y = 500 + row * 58
            for i in range(-11, 12):
                x = 500 + 400 * sin(radians(i * 8.2))
                drop = 34 * cos(radians(i * 8.2))
                size = 12 + 22 * cos(radians(i * 8))
                _knit(c, x, y + drop, size)
        c.line(arc(500, 460, 352, 96, 20, 160), 10, p.SHADE, 0.25)
    top = oval(500, 462, 340, 92)
    c.solid(top, lighter(p.SEA, 0.14), edge=20)
    with c.inside(top):
        for ring in (0.82, 0.6, 0.38):
            c.line(arc(500, 462, 340 * ring, 92 * ring, 0, 360), 6, p.SHADE, 0.2)
        for i in range(24):
            a = radians(i * 15)
            near, far = (
                (500 + 50 * cos(a), 462 + 14 * sin(a)),
                (500 + 340 * cos(a), 462 + 92 * sin(a)),
            )
            c.line([near, far], 5, p.SHADE, 0.16)
    c.solid(oval(500, 460, 44, 16), p.MUSTARD, edge=10)


def _knit(c: Canvas, x: float, y: float, size: float) -> None:
    c.line([(x - size * 0.5, y - 22), (x, y + 14)], 13, p.LIGHT, 0.22)
    c.line([(x + size * 0.5, y - 22), (x, y + 14)], 13, p.SHADE, 0.16)


@_SCENE.picture("rug-round", flat=True)
def _round_rug(c: Canvas) -> None:
    jute = "#d2a968"
    c.cast(oval(500, 500, 390), dx=18, dy=22, blur=18, alpha=0.36)
    c.solid(oval(500, 500, 390), jute, edge=20)
    for ring, r in enumerate(range(374, 20, -32)):
        colour = {2: p.PINE, 3: p.PINE, 7: p.TERRACOTTA}.get(ring, jute)
        if colour != jute:
            c.fill(oval(500, 500, r + 16) - oval(500, 500, r - 16), colour)
        c.line(arc(500, 500, r - 16, r - 16, 0, 360), 5, p.SHADE, 0.24)
        count = max(10, int(r * 0.19))
        for i in range(count):
            a = radians(i * 360 / count + ring * 11)
            b = a + 12 / r
            inner = (500 + (r - 9) * cos(a), 500 + (r - 9) * sin(a))
            outer = (500 + (r + 9) * cos(b), 500 + (r + 9) * sin(b))
            c.line([inner, outer], 8, lighter(colour, 0.5), 0.7)
            c.line([(x + 6, y + 5) for x, y in (inner, outer)], 4, p.SHADE, 0.16)
    c.solid(oval(500, 500, 20), jute, edge=8)


@_SCENE.picture("bottle-cover")
def _bottle(c: Canvas) -> None:
    c.ground(500, 250)
    c.solid(poly((440, 120, 14), (560, 120, 14), (548, 210), (452, 210)), p.RED, edge=24)
    c.solid(box(420, 96, 580, 140, 20), darker(p.RED, 0.2), edge=14)
    cover = blob(
        (430, 200), (500, 196), (570, 200), (590, 290), (700, 340), (752, 450), (760, 640),
        (736, 800), (640, 856), (500, 862), (360, 856), (264, 800), (240, 640), (248, 450),
        (300, 340), (410, 290),
    )  # fmt: skip
    c.solid(cover, p.BLUSH, edge=64, shade=0.2)
    with c.inside(cover):
        for x in (340, 500, 660):
            _cable(c, x)
        for x in (262, 420, 580, 738):
            c.line([(x, 300), (x, 870)], 7, p.SHADE, 0.14)
        rib = box(200, 180, 800, 286) + box(200, 806, 800, 900)
        with c.inside(rib):
            c.solid(cover, lighter(p.BLUSH, 0.2), edge=50)
            for x in range(250, 760, 22):
                c.line([(x, 180), (x, 880)], 6, p.SHADE, 0.16)
    bow = blob((500, 300), (420, 256), (390, 300), (420, 340)) + union([oval(500, 300, 20)])
    c.cast(bow.both(), dx=4, dy=10, blur=6)
    c.line(curve((500, 300), (450, 350), (440, 420)), 14, p.RED)
    c.line(curve((500, 300), (550, 350), (566, 420)), 14, p.RED)
    c.solid(bow.both(), p.RED, edge=14)
    c.fill(half(500, 300, 18, 18), p.LIGHT, 0.25)


def _cable(c: Canvas, x: float) -> None:
    for i in range(6):
        y = 356 + i * 84
        one = stroke(curve((x - 34, y), (x - 20, y + 44), (x + 30, y + 60), (x + 34, y + 92)), 26)
        c.solid(one.mirrored(x), darker(p.BLUSH, 0.08), edge=10)
        c.solid(one, lighter(p.BLUSH, 0.2), edge=10)

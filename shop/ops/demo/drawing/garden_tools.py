"""Garden, tools."""

from math import cos, radians, sin
from typing import Final

from shop.ops.demo.drawing import palette as p
from shop.ops.demo.drawing.album import Scene
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour, darker, lighter
from shop.ops.demo.drawing.parts import flowerpot, sprout, tuft
from shop.ops.demo.drawing.shapes import (
    Shape,
    arc,
    blob,
    box,
    curve,
    oval,
    poly,
    stroke,
    thrown,
    turned,
    union,
)

_SCENE: Final = Scene("garden-tools")
_SOIL = "#6b4a3a"
_STRAW = "#e6bf72"


def _soil(c: Canvas, x: float, half_width: float, height: float = 90) -> None:
    """A heap of soil on the floor, in front of what is stuck into it."""
    heap = blob(
        (x - half_width, 862), (x - half_width * 0.55, 850 - height * 0.7), (x, 850 - height),
        (x + half_width * 0.6, 850 - height * 0.6), (x + half_width, 862), (x, 888),
    )  # fmt: skip
    c.solid(heap, _SOIL, edge=26)
    with c.inside(heap):
        for i in range(24):
            px = x - half_width + (i * i * 31 + i * 57) % int(half_width * 2)
            py = 880 - (i * i * 17 + i * 29) % int(height + 20)
            c.fill(oval(px, py, 10, 7), (darker(_SOIL, 0.3), lighter(_SOIL, 0.24))[i % 2], 0.8)


@_SCENE.picture("trowel-ash")
def _trowel(c: Canvas) -> None:
    c.ground(480, 300)
    turn, at = 24, (500, 560)
    blade = poly((396, 480, 50), (604, 480, 50), (612, 680, 90), (500, 900, 40), (388, 680, 90))
    neck = stroke([(500, 380), (500, 520)], 34)
    handle = poly((464, 380, 10), (536, 380, 10), (548, 260, 40), (532, 130, 40), (468, 130, 40),
                  (452, 260, 40))  # fmt: skip
    blade, neck, handle = (s.turned(turn, at) for s in (blade, neck, handle))
    c.solid(blade, p.STEEL, edge=34, light=0.5)
    with c.inside(blade):
        c.fill(poly((500, 500), (620, 500), (620, 900), (500, 900)).turned(turn, at), p.SHADE, 0.16)
        for i in range(7):
            mark = turned([(500, 500 + i * 34), (530 if i % 2 else 546, 500 + i * 34)], turn, at)
            c.line(mark, 5, p.INK, 0.5)
    c.solid(neck, darker(p.STEEL, 0.15), edge=12)
    c.solid(handle, p.ASH, edge=24)
    ferrule = box(458, 360, 542, 412, 8).turned(turn, at)
    c.solid(ferrule, p.BRASS, edge=16)
    c.line(turned([(478, 170), (474, 330)], turn, at), 12, p.LIGHT, 0.6)
    c.solid(oval(500, 158, 12).turned(turn, at), darker(p.ASH, 0.4), edge=5)
    _soil(c, 440, 290, 130)
    sprout(c, 250, 800, 0.9)
    sprout(c, 640, 830, 0.7)


@_SCENE.picture("secateurs", flat=True)
def _secateurs(c: Canvas) -> None:
    at = (500, 430)
    left = blob((470, 430), (520, 420), (500, 560), (420, 720), (350, 880), (290, 880), (310, 740),
                (400, 560))  # fmt: skip
    right = blob((480, 430), (535, 425), (600, 560), (690, 740), (710, 880), (650, 890), (580, 740),
                 (500, 570))  # fmt: skip
    blade = blob((470, 440), (540, 440), (560, 330), (520, 200), (440, 110), (430, 220), (440, 340))
    hook = blob((500, 450), (560, 430), (620, 330), (640, 200), (610, 130), (592, 220), (560, 300),
                (500, 380))  # fmt: skip
    parts = [s.turned(24, at) for s in (hook, left, right, blade)]
    c.cast(union(parts), dx=20, dy=30, blur=20, alpha=0.38)
    c.solid(parts[0], darker(p.STEEL, 0.12), edge=14, light=0.4)
    spring = curve(*[(500 + (26 if i % 2 else -26), 520 + i * 16) for i in range(7)])
    c.line(turned(spring, 24, at), 11, p.IRON)
    c.solid(parts[1], p.RED, edge=30)
    c.solid(parts[2], p.RED, edge=30)
    c.solid(parts[3], p.STEEL, edge=18, light=0.6)
    with c.inside(parts[3]):
        edge = blob((430, 100), (470, 200), (470, 340), (460, 450), (400, 300)).turned(24, at)
        c.fill(edge, p.WHITE, 0.7)
    c.solid(oval(*at, 44), p.IRON, edge=14, light=0.4)
    c.fill(oval(*at, 18), p.BRASS)
    c.line(turned([(420, 660), (340, 850)], 24, at), 14, p.LIGHT, 0.4)
    c.line(turned([(610, 640), (666, 790)], 24, at), 14, p.LIGHT, 0.4)
    c.line(curve((150, 340), (330, 300), (460, 200)), 22, p.WALNUT)
    for x, y, turn in (
        (190, 320, 30),
        (270, 330, 120),
        (310, 290, -50),
        (390, 260, 90),
        (420, 220, -60),
    ):
        leaf = blob((x, y), (x + 40, y - 26), (x + 96, y), (x + 40, y + 26)).turned(turn, (x, y))
        c.cast(leaf, dx=5, dy=8, blur=6, alpha=0.22)
        c.solid(leaf, p.LEAF, edge=14)


@_SCENE.picture("twine-jute")
def _twine(c: Canvas) -> None:
    c.ground(480, 240)
    jute = "#cda468"
    c.line(
        curve((660, 700), (800, 760), (740, 850), (860, 870), (960, 830)), 15, darker(jute, 0.12)
    )
    ball = thrown(480, (250, 110), (320, 210), (440, 236), (580, 206), tilt=0.14)
    c.solid(ball, jute, edge=60)
    with c.inside(ball):
        for i in range(20):
            y = 210 + i * 21
            c.line(curve((230, y + 46), (480, y + 84), (740, y)), 8, p.WALNUT, 0.32)
            c.line(curve((230, y + 54), (480, y + 92), (740, y + 8)), 5, p.LIGHT, 0.3)
        for i in range(5):
            c.line(
                curve((300 + i * 40, 240), (280 + i * 50, 400), (330 + i * 50, 600)),
                9,
                p.WALNUT,
                0.3,
            )
    c.fill(oval(480, 246, 62, 17), darker(jute, 0.55))
    c.line(curve((480, 246), (560, 120), (680, 200), (740, 380), (730, 560), (690, 680)), 15, jute)
    tin = thrown(480, (540, 232), (822, 232), tilt=0.14, straight=True)
    shell = tin - oval(480, 540, 232, 32) - box(200, 460, 760, 540)
    c.solid(shell, p.PINE, edge=70)
    with c.inside(shell):
        band = thrown(480, (630, 240), (760, 240), tilt=0.14, straight=True)
        c.solid(band - oval(480, 630, 243, 35), p.CREAM, edge=70, shade=0.16)
        c.line([(290, 600), (290, 830)], 22, p.LIGHT, 0.34)
        sprout(c, 480, 776, 0.72)
    c.line(arc(480, 540, 232, 32, 0, 180), 14, lighter(p.PINE, 0.4))
    c.solid(poly((664, 572), (730, 546), (726, 590)), p.STEEL, edge=8)


@_SCENE.picture("gloves-goat", flat=True)
def _gloves(c: Canvas) -> None:
    _glove(c, 668, 470, 8, mirror=True)
    _glove(c, 332, 490, -8, mirror=False)


def _glove(c: Canvas, x: float, y: float, turn: float, *, mirror: bool) -> None:
    fingers = [
        stroke([(-96, 20), (-126, -216)], 66), stroke([(-31, 0), (-42, -282)], 69),
        stroke([(37, 0), (46, -264)], 67), stroke([(100, 30), (130, -182)], 61),
    ]  # fmt: skip
    thumb = stroke(curve((-80, 150), (-150, 90), (-206, -10)), 82, 70)
    palm = poly(
        (-134, -20, 60), (136, -20, 60), (128, 210, 60), (104, 260), (-104, 260), (-130, 190, 60)
    )
    cuff = poly((-110, 236, 16), (110, 236, 16), (150, 380, 20), (-150, 380, 20))

    def put(shape: Shape) -> Shape:
        shape = shape.mirrored(0) if mirror else shape
        return shape.moved(x, y).turned(turn, (x, y))

    hand = put(union([thumb, *fingers, palm]))
    c.cast(hand + put(cuff), dx=16, dy=22, blur=18, alpha=0.36)
    c.solid(hand, p.SAND, edge=24)
    for a, b in (((-64, -10), (-68, -60)), ((2, -20), (4, -80)), ((68, -10), (72, -60))):
        c.fill(put(stroke([a, b], 7)), p.WALNUT, 0.5)
    c.fill(put(stroke(curve((-80, 190), (-40, 110), (-66, 40)), 7)), p.WALNUT, 0.35)
    for i in range(3):
        c.fill(put(stroke([(-34 + i * 36, 80), (-34 + i * 36, 180)], 6)), p.WALNUT, 0.3)
    c.solid(put(cuff), p.LEAF, edge=20)
    c.fill(put(stroke([(-116, 268), (116, 268)], 6)), p.CREAM, 0.9)
    c.fill(put(stroke([(-140, 356), (140, 356)], 6)), p.CREAM, 0.9)


@_SCENE.coloured("can-watering", zinc=p.STEEL, green=p.LEAF, cream=p.OAT)
def _watering_can(c: Canvas, colour: Colour) -> None:
    c.ground(560, 260)
    c.solid(
        stroke(curve((690, 440), (900, 380), (930, 600), (760, 740)), 40),
        darker(colour, 0.1),
        edge=14,
    )
    spout = poly((420, 620), (420, 780), (160, 420), (220, 372))
    c.solid(spout, darker(colour, 0.08), edge=22)
    rose = poly((84, 372, 14), (236, 262, 14), (266, 370, 16), (168, 440, 16))
    c.solid(rose, p.BRASS, edge=20)
    face = oval(160, 318, 96, 34).turned(-36, (160, 318))
    c.solid(face, lighter(p.BRASS, 0.2), edge=8)
    for i in range(7):
        a = radians(i * 60)
        k = 0 if i == 6 else 0.56
        dot = oval(160 + 96 * k * cos(a), 318 + 34 * k * sin(a), 8, 6)
        c.fill(dot.turned(-36, (160, 318)), darker(p.BRASS, 0.6))
    body = thrown(570, (430, 178), (600, 206), (820, 222), tilt=0.12)
    c.solid(body, colour, edge=72)
    with c.inside(body):
        for y in (520, 760):
            c.line(arc(570, y, 230, 30, 0, 180), 10, p.SHADE, 0.2)
            c.line(arc(570, y - 8, 230, 30, 0, 180), 6, p.LIGHT, 0.4)
        c.line([(428, 570), (412, 720)], 26, p.LIGHT, 0.42)
    c.solid(stroke(curve((400, 450), (400, 230), (700, 220), (740, 440)), 36), colour, edge=12)
    c.fill(oval(570, 430, 178, 24), lighter(colour, 0.35))
    c.fill(oval(570, 434, 162, 18), darker(colour, 0.5))
    c.solid(Shape.of(arc(570, 430, 178, 24, -90, 90)), lighter(colour, 0.14), edge=8)
    for x, y in ((96, 470), (60, 560), (120, 610), (70, 690)):
        c.fill(blob((x, y - 30), (x + 14, y), (x, y + 16), (x - 14, y)), p.SKY)
    sprout(c, 130, 850, 0.8)
    tuft(c, 210, 862, 0.7)


@_SCENE.picture("fork-hand")
def _fork(c: Canvas) -> None:
    c.ground(520, 290)
    turn, at = -20, (500, 560)
    handle = poly((462, 380, 10), (538, 380, 10), (550, 250, 40), (534, 120, 40), (466, 120, 40),
                  (450, 250, 40)).turned(turn, at)  # fmt: skip
    tines = union([
        stroke(curve((500, 540), (500 + 40 * k, 570), (500 + 100 * k, 620),
            (500 + 100 * k, 860)), 36, 18)
        for k in (-1, 0, 1)
    ])  # fmt: skip
    neck = stroke([(500, 380), (500, 570)], 40)
    metal = (tines + neck).turned(turn, at)
    c.solid(metal, p.STEEL, edge=12, light=0.5)
    c.solid(handle, p.ASH, edge=24)
    c.solid(box(456, 360, 544, 412, 8).turned(turn, at), p.BRASS, edge=16)
    c.line(turned([(478, 160), (474, 330)], turn, at), 12, p.LIGHT, 0.6)
    c.solid(oval(500, 150, 12).turned(turn, at), darker(p.ASH, 0.4), edge=5)
    _soil(c, 560, 300, 110)
    tuft(c, 330, 846, 0.8)
    for x, y, r in ((250, 856, 24), (200, 868, 15), (860, 864, 20)):
        c.solid(oval(x, y, r, r * 0.7), _SOIL, edge=8)


@_SCENE.picture("boots-rain")
def _boots(c: Canvas) -> None:
    c.ground(520, 320)
    _boot(c, 130, -34, darker(p.MUSTARD, 0.08))
    _boot(c, -40, 0, p.MUSTARD)
    for x, y, r in ((140, 866, 70), (880, 880, 54)):
        c.fill(oval(x, y, r, r * 0.22), p.SKY, 0.8)
        c.fill(oval(x - r * 0.2, y - 3, r * 0.4, r * 0.06), p.WHITE, 0.8)


def _boot(c: Canvas, dx: float, dy: float, colour: Colour) -> None:
    boot = poly(
        (430, 190, 10), (680, 190, 10), (690, 560, 40), (700, 820, 30), (300, 820, 30),
        (196, 800, 70), (220, 690, 90), (400, 620, 90), (436, 480, 60),
    ).moved(dx, dy)  # fmt: skip
    c.cast(boot, dx=14, dy=4, blur=14, alpha=0.26)
    c.solid(boot, colour, edge=50)
    with c.inside(boot):
        c.line(
            curve((420 + dx, 640 + dy), (520 + dx, 610 + dy), (700 + dx, 650 + dy)), 7, p.SHADE, 0.2
        )
        c.line(
            curve((470 + dx, 300 + dy), (474 + dx, 460 + dy), (456 + dx, 580 + dy)),
            24,
            p.LIGHT,
            0.5,
        )
        c.line(
            curve((250 + dx, 740 + dy), (300 + dx, 690 + dy), (370 + dx, 670 + dy)),
            18,
            p.LIGHT,
            0.5,
        )
    sole = poly((186, 796, 26), (480, 800), (500, 790), (712, 790, 14), (706, 850, 14), (500, 850),
                (480, 838), (210, 850, 20)).moved(dx, dy)  # fmt: skip
    c.solid(sole, p.WALNUT, edge=14)
    c.solid(box(416, 166, 694, 236, 24).moved(dx, dy), p.NAVY, edge=18)
    strap = box(600, 250, 700, 292, 10).moved(dx, dy)
    c.solid(strap, p.NAVY, edge=10)
    c.solid(oval(622 + dx, 271 + dy, 16), p.BRASS, edge=8)


@_SCENE.picture("pots-clay")
def _pots(c: Canvas) -> None:
    c.ground(300, 150, 800)
    flowerpot(c, 290, 800, 160)
    with c.placed(290, 545, 1.1):
        tuft(c, 500, 862, 2.2, p.PINE)
        sprout(c, 470, 860, 1.5, p.LEAF)
        sprout(c, 545, 862, 1.2, p.SAGE)
    c.ground(620, 170)
    flowerpot(c, 610, 860, 215, p.COPPER)
    _geranium(c, 610, 520)
    c.ground(330, 90, 888)
    flowerpot(c, 330, 892, 105, p.CORAL)
    sprout(c, 330, 730, 0.9)


def _geranium(c: Canvas, x: float, y: float) -> None:
    for dx, dy in ((-120, -130), (0, -220), (120, -150)):
        c.line(curve((x, y), (x + dx * 0.4, y + dy * 0.5), (x + dx, y + dy)), 14, p.LEAF)
    for dx, dy in ((-130, -10), (-60, -50), (70, -50), (140, -14), (0, -14)):
        c.solid(oval(x + dx, y + dy, 72, 50), (p.LEAF, p.PINE)[dx > 0], edge=20)
    for dx, dy, colour in ((-120, -150, p.RED), (0, -240, p.CORAL), (124, -170, p.RED)):
        for i in range(7):
            a = radians(i * 60)
            k = 0 if i == 6 else 46
            c.solid(oval(x + dx + k * cos(a), y + dy + k * 0.8 * sin(a), 34), colour, edge=12)
        c.fill(oval(x + dx, y + dy, 10), p.HONEY)


@_SCENE.picture("hat-straw")
def _hat(c: Canvas) -> None:
    c.ground(500, 400)
    _brim(c)
    crown = poly(
        (246, 750), (280, 400, 120), (440, 330, 120), (560, 330, 120), (720, 400, 120), (754, 750)
    )
    crown += Shape.of(arc(500, 748, 254, 62, 0, 180))
    c.solid(crown, _STRAW, edge=70)
    with c.inside(crown):
        for y in range(330, 750, 30):
            c.line(arc(500, y, 270, 62, 0, 180), 5, p.WALNUT, 0.26)
        for i in range(-8, 9):
            plait = curve((500 + i * 20, 320), (500 + i * 33, 560), (500 + i * 34, 830))
            c.line(plait, 3, p.WALNUT, 0.24)
        c.line(curve((330, 430), (300, 520), (290, 600)), 26, p.LIGHT, 0.4)
        band = thrown(500, (648, 262), (736, 264), tilt=0.24, straight=True)
        c.solid(band - oval(500, 648, 266, 65), p.NAVY, edge=60)
    for tail in (((716, 720), (790, 760), (800, 850)), ((716, 720), (840, 730), (900, 800))):
        c.line(curve(*tail), 30, darker(p.NAVY, 0.1))
    c.solid(oval(716, 718, 32, 28), p.NAVY, edge=12)


def _brim(c: Canvas) -> None:
    brim = blob(
        (80, 770), (200, 690), (500, 650), (800, 690), (920, 770), (800, 838), (500, 862),
        (200, 838),
    )  # fmt: skip
    c.solid(brim, _STRAW, edge=26)
    with c.inside(brim):
        for k in (0.94, 0.86, 0.78, 0.7):
            c.line(arc(500, 760, 420 * k, 100 * k, 0, 360), 5, p.WALNUT, 0.28)
        for i in range(72):
            a = radians(i * 5)
            near = (500 + 240 * cos(a), 750 + 60 * sin(a))
            c.line([near, (500 + 430 * cos(a), 760 + 108 * sin(a))], 3, p.WALNUT, 0.22)
        c.cast(oval(510, 762, 280, 66), dx=16, dy=10, blur=12, alpha=0.5)

"""Garden, birds."""

from typing import Final

from shop.ops.demo.drawing import palette as p
from shop.ops.demo.drawing.album import Scene
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour, darker, lighter
from shop.ops.demo.drawing.parts import bird, sprout, tuft
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
)

_SCENE: Final = Scene("garden-birds")
_LARCH = "#d39a62"
_RED_BREAST = ("#8a6a4f", "#e2703f")
_TIT = ("#4f83ad", "#f1cf5a")


def _planks(c: Canvas, shape: Shape, colour: Colour, step: int = 60) -> None:
    c.solid(shape, colour, edge=30)
    x0, y0, x1, y1 = (int(v) for v in shape.bounds)
    with c.inside(shape):
        for x in range(x0 + step, x1, step):
            c.line([(x, y0), (x, y1)], 5, p.SHADE, 0.22)
        for i in range(9):
            x, y = x0 + 20 + i * 71 % (x1 - x0), y0 + 30 + i * 97 % (y1 - y0)
            c.line(curve((x, y), (x + 4, y + 24), (x, y + 50)), 4, p.SHADE, 0.18)


@_SCENE.picture("house-wren")
def _wren_house(c: Canvas) -> None:
    c.ground(500, 130)
    trunk = poly((400, -600), (600, -600), (606, 700), (660, 866), (340, 866), (394, 700))
    c.solid(trunk, "#8b6a55", edge=34)
    for x, y in ((430, 40), (560, 110), (440, 800), (540, 780), (590, 830), (480, 20)):
        c.line(curve((x, y), (x + 8, y + 26), (x, y + 56)), 7, p.SHADE, 0.3)
    tuft(c, 340, 872, 0.9)
    tuft(c, 660, 876, 1.1)
    front = poly((290, 360), (500, 190), (710, 360), (690, 740), (310, 740))
    _planks(c, front, _LARCH, 84)
    roof = stroke([(500, 170), (220, 400)], 62) + stroke([(500, 170), (780, 400)], 62)
    c.cast(roof, dx=6, dy=22, blur=14, alpha=0.34)
    c.solid(roof, p.SEA, edge=18)
    for k in (0.3, 0.6):
        for side in (-1, 1):
            left, top = 500 + side * 280 * k, 170 + 230 * k
            c.line([(left - side * 12, top - 28), (left + side * 16, top + 24)], 5, p.SHADE, 0.25)
    c.solid(oval(500, 450, 92), darker(_LARCH, 0.2), edge=14)
    c.fill(oval(500, 450, 74), "#4a3128")
    with c.inside(oval(500, 450, 74)):
        c.fill(oval(520, 470, 70), "#34211d")
    c.solid(stroke([(500, 590), (500, 606)], 34), p.WALNUT, edge=10)
    c.solid(box(280, 724, 720, 766, 10), darker(_LARCH, 0.24), edge=14)
    c.solid(oval(500, 604, 20), p.OAK, edge=8)
    bird(c, 742, 322, 0.36, *_RED_BREAST)
    leaves = ((300, 700, 30), (330, 660, -40), (290, 640, 100))
    c.line(curve((300, 770), (310, 700), (290, 620)), 9, p.LEAF)
    for x, y, turn in leaves:
        leaf = blob((x, y), (x + 26, y - 18), (x + 60, y), (x + 26, y + 18)).turned(turn, (x, y))
        c.solid(leaf, p.LEAF, edge=10)


@_SCENE.picture("feeder-tube")
def _tube_feeder(c: Canvas) -> None:
    _branch(c, 110)
    c.line([(500, 110), (500, 200)], 9, p.IRON)
    tube = box(378, 290, 622, 800, 30)
    c.fill(tube, p.GLASS, 0.9)
    with c.inside(tube):
        c.fill(box(370, 390, 630, 810), "#c99752")
        for i in range(190):
            x, y = 380 + (i * i * 13 + i * 61) % 244, 398 + i * 2.1
            seed = oval(x, y, 11, 6).turned(i * 53 % 180, (x, y))
            c.fill(seed, ("#8d5f35", "#ecd19b", "#5f4632", "#e0ad5c")[i % 4])
        c.fill(box(396, 290, 424, 810, 10), p.WHITE, 0.55)
        c.fill(box(580, 280, 640, 810), p.SHADE, 0.16)
    for y in (500, 680):
        c.solid(stroke([(270, y + 40), (730, y + 40)], 20), p.WALNUT, edge=8)
        for x in (410, 590):
            c.solid(oval(x, y, 38, 42), p.LEAF, edge=12)
            c.fill(oval(x, y, 22, 26), "#4a3128")
    lid = poly((340, 310, 16), (660, 310, 16), (590, 200, 40), (410, 200, 40))
    c.cast(lid, dx=0, dy=14, blur=10, alpha=0.3)
    c.solid(lid, p.LEAF, edge=40)
    c.solid(poly((330, 790, 16), (670, 790, 16), (640, 856, 24), (360, 856, 24)), p.LEAF, edge=24)
    bird(c, 706, 714, 0.42, *_TIT)
    c.ground(500, 190, 936, 0.24)


def _branch(c: Canvas, y: float) -> None:
    c.solid(
        stroke(curve((-60, y - 40), (260, y + 6), (600, y - 10), (1060, y - 60)), 44, 26), p.WALNUT
    )
    for x, dy, turn in ((150, -20, -120), (240, 20, 60), (720, -30, -60), (790, 16, 80),
        (900, -40, -100),
                        (880, 0, 50)):  # fmt: skip
        at = (x, y + dy)
        leaf = blob(at, (x + 44, y + dy - 28), (x + 100, y + dy), (x + 44, y + dy + 28))
        c.solid(leaf.turned(turn, at), p.LEAF, edge=16)


@_SCENE.picture("bath-bird")
def _bird_bath(c: Canvas) -> None:
    c.ground(500, 230)
    stone = p.STONE
    stump = thrown(500, (520, 190), (700, 196), (800, 216), (830, 250), tilt=0.14)
    c.solid(stump, "#9a7355", edge=60)
    with c.inside(stump):
        for i in range(11):
            x = 270 + i * 46
            c.line(curve((x + 16, 520), (x + 24, 660), (x, 880)), 8, p.SHADE, 0.26)
    basin = thrown(500, (420, 350), (470, 336), (530, 230), (556, 130), tilt=0.12)
    c.cast(basin, dx=0, dy=20, blur=16, alpha=0.22)
    c.solid(basin, stone, edge=70)
    c.solid(oval(500, 420, 352, 72), lighter(stone, 0.4), edge=12, shade=0.14)
    c.fill(oval(500, 424, 316, 56), darker(stone, 0.22))
    water = oval(500, 432, 300, 46)
    c.fill(water, p.SKY)
    with c.inside(water):
        c.fill(oval(600, 460, 240, 40), lighter(p.SEA, 0.3), 0.4)
        for x, r in ((420, 90), (420, 50), (640, 60)):
            c.line(arc(x, 432, r, r * 0.16, 0, 360), 5, p.WHITE, 0.8)
    bird(c, 690, 400, 0.5, *_RED_BREAST)
    for x, y in ((600, 300), (570, 340), (560, 270)):
        c.fill(blob((x, y - 20), (x + 10, y), (x, y + 12), (x - 10, y)), p.SKY)
    tuft(c, 250, 868, 1)
    tuft(c, 770, 872, 0.8)
    for i in range(11):
        x, y = 260 + (i * i * 37 + i * 83) % 470, 496 + i * 53 % 36
        c.fill(oval(x, y, 6, 4), p.SHADE, 0.18)


@_SCENE.picture("nest-swift", flat=True)
def _swift_box(c: Canvas) -> None:
    c.fill(box(0, 230, 1000, 1000), "#f1e2c6")
    c.fill(box(0, 0, 1000, 236), "#b9715a")
    for row in range(4):
        for i in range(8):
            x, y = i * 150 - (row % 2) * 75, row * 60
            c.fill(box(x + 5, y + 5, x + 145, y + 55, 6), ("#c98268", "#bf7860")[(i + row) % 2])
    c.fill(box(0, 232, 1000, 268), p.CREAM)
    c.fill(box(0, 262, 1000, 300), p.SHADE, 0.14)
    body = box(190, 320, 810, 620, 26)
    c.cast(body, dx=16, dy=30, blur=22, alpha=0.36)
    _planks(c, body, _LARCH, 155)
    c.solid(poly((160, 340, 12), (210, 274, 10), (790, 274, 10), (840, 340, 12)), p.SLATE, edge=16)
    hole = box(296, 530, 436, 588, 29)
    c.solid(box(276, 512, 456, 604, 44), darker(_LARCH, 0.2), edge=10)
    c.fill(hole, "#3a2620")
    for x in (214, 786):
        for y in (370, 590):
            c.solid(oval(x, y, 10), p.BRASS, edge=5)
    _swift(c, 650, 770, 0.82, -24)
    _swift(c, 270, 800, 0.56, -10)


def _swift(c: Canvas, x: float, y: float, zoom: float, turn: float) -> None:
    wing = blob((0, -44), (80, -56), (180, -10), (282, 120), (170, 54), (80, 26), (0, 30))
    tail = poly((-18, 70), (-40, 176), (0, 128), (40, 176), (18, 70))
    body = blob((0, -100), (32, -60), (30, 20), (14, 100), (-14, 100), (-30, 20), (-32, -60))
    beak = poly((-8, -96), (0, -116), (8, -96))
    whole = (wing.both(0) + tail + body + beak).scaled(zoom, at=(0, 0)).moved(x, y)
    c.cast(whole.turned(turn, (x, y)), dx=26, dy=50, blur=16, alpha=0.16)
    c.solid(whole.turned(turn, (x, y)), "#3c3a4c", edge=12)
    throat = oval(0, -66, 15, 20).scaled(zoom, at=(0, 0)).moved(x, y)
    c.fill(throat.turned(turn, (x, y)), p.CREAM)


@_SCENE.picture("feeder-window", flat=True)
def _window_feeder(c: Canvas) -> None:
    c.fill(box(0, 0, 1000, 1000), p.WHITE)
    c.fade(box(70, 70, 930, 930, 10), "#b5ddee", "#e2f3f2")
    c.fill(poly((330, 70), (520, 70), (240, 930), (70, 930)), p.WHITE, 0.35)
    with c.inside(box(70, 70, 930, 930, 10)):
        c.fill(
            blob((-60, 900), (250, 780), (600, 800), (1040, 740), (1040, 1100), (-60, 1100)), p.SAGE
        )
    back = box(210, 290, 790, 760, 60)
    c.cast(back, dx=14, dy=20, blur=18, alpha=0.3)
    c.fill(back, p.WHITE, 0.6)
    c.fill(back - box(226, 306, 774, 744, 46), p.SEA, 0.5)
    for x in (290, 500, 710):
        c.solid(oval(x, 340, 40), lighter(p.SKY, 0.3), edge=12)
        c.fill(oval(x, 340, 16), p.SEA, 0.7)
    bird(c, 560, 690, 0.62, *_TIT)
    seeds = blob((250, 710), (340, 656), (500, 680), (660, 650), (750, 710), (740, 760), (260, 760))
    c.solid(seeds, "#c99752", edge=20)
    with c.inside(seeds):
        for i in range(90):
            x, y = 250 + (i * i * 13 + i * 61) % 500, 664 + i * 37 % 80
            seed = oval(x, y, 13, 7).turned(i * 53 % 180, (x, y))
            c.fill(seed, ("#8d5f35", "#ecd19b", "#5f4632", "#e0ad5c")[i % 4])
    front = box(190, 700, 810, 820, 40)
    c.fill(front, p.SKY, 0.55)
    c.line([(216, 712), (784, 712)], 10, p.WHITE, 0.9)
    c.solid(box(170, 800, 830, 850, 24), p.SEA, edge=14)
    roof = poly((160, 300, 20), (230, 220, 20), (770, 220, 20), (840, 300, 20))
    c.cast(roof, dx=0, dy=14, blur=10, alpha=0.28)
    c.solid(roof, p.SEA, edge=22)


@_SCENE.picture("balls-suet")
def _suet(c: Canvas) -> None:
    c.ground(500, 330)
    back = poly((190, 560), (810, 560), (810, 640), (190, 640))
    c.fill(back, darker(p.WOOD, 0.4))
    for x, y in ((400, 400), (600, 404), (500, 300), (300, 520), (500, 510), (700, 520)):
        _suet_ball(c, x, y)
    bird(c, 470, 204, 0.4, *_TIT)
    box_front = poly((160, 570, 10), (840, 570, 10), (810, 850, 16), (190, 850, 16))
    c.cast(box_front, dx=0, dy=-6, blur=10, alpha=0.3)
    c.solid(box_front, p.SAND, edge=34)
    c.fill(poly((160, 570), (840, 570), (837, 600), (163, 600)), p.LIGHT, 0.3)
    label = box(340, 640, 660, 800, 20)
    c.solid(label, p.CREAM, edge=14)
    c.fill(oval(500, 720, 58), p.LEAF)
    bird(c, 506, 760, 0.2, p.WHITE, p.WHITE)
    _suet_ball(c, 850, 760)


def _suet_ball(c: Canvas, x: float, y: float) -> None:
    ball = oval(x, y, 108, 102)
    c.cast(ball, dx=8, dy=14, blur=10, alpha=0.3)
    c.solid(ball, "#e6cf9f", edge=34)
    with c.inside(ball):
        for i in range(38):
            px, py = x - 104 + (i * i * 29 + i * 47) % 208, y - 96 + (i * i * 11 + i * 71) % 192
            seed = oval(px, py, 12, 7).turned(i * 47 % 180, (px, py))
            c.fill(seed, ("#8d5f35", "#b9884b", "#5f4632", "#f3e4bd")[i % 4])
        c.line(arc(x, y, 84, 78, 190, 250), 14, p.LIGHT, 0.4)


@_SCENE.picture("table-bird")
def _bird_table(c: Canvas) -> None:
    c.ground(500, 180)
    c.solid(stroke([(500, 740), (330, 846)], 30), darker(p.WALNUT, 0.1), edge=10)
    c.solid(stroke([(500, 740), (670, 846)], 30), darker(p.WALNUT, 0.1), edge=10)
    c.solid(box(470, 560, 530, 858, 6), p.WALNUT, edge=16)
    for x in (270, 700):
        c.solid(box(x, 300, x + 30, 560), p.OAK, edge=10)
    c.fill(poly((300, 300), (700, 300), (700, 540), (300, 540)), p.SHADE, 0.06)
    bird(c, 420, 530, 0.42, *_TIT)
    bird(c, 620, 534, 0.4, *_RED_BREAST)
    for i in range(26):
        x, y = 260 + (i * i * 31 + i * 89) % 480, 530 + i * 37 % 14
        c.fill(oval(x, y, 10, 6), ("#8d5f35", "#ecd19b", "#5f4632")[i % 3])
    tray = box(180, 536, 820, 606, 12)
    _planks(c, tray, _LARCH, 160)
    roof = poly((130, 330, 14), (300, 120, 14), (700, 120, 14), (870, 330, 14))
    c.cast(roof, dx=0, dy=20, blur=14, alpha=0.3)
    c.solid(roof, p.TERRACOTTA, edge=34)
    with c.inside(roof):
        for row in range(4):
            for i in range(14):
                x, y = 110 + i * 62 + row % 2 * 31, 168 + row * 52
                c.line(arc(x, y - 14, 31, 26, 10, 170), 6, p.SHADE, 0.24)
    c.solid(box(290, 104, 710, 138, 14), darker(p.TERRACOTTA, 0.14), edge=10)
    tuft(c, 220, 872, 0.9)
    sprout(c, 790, 866, 0.7)


@_SCENE.picture("hotel-insect")
def _insect_hotel(c: Canvas) -> None:
    c.ground(500, 290)
    house = poly((230, 400), (500, 200), (770, 400), (770, 850), (230, 850))
    c.solid(house, p.WALNUT, edge=20)
    _bamboo(c)
    cells = ((258, 640, 490, 826), (512, 640, 742, 826), (258, 430, 742, 618))
    for cell in cells[:2]:
        c.fill(box(*cell), "#43291f")
    with c.inside(box(*cells[0])):
        for i in range(16):
            x, y = 284 + i % 4 * 60 + i // 4 % 2 * 26, 664 + i // 4 * 50
            c.solid(oval(x, y, 30), (_LARCH, p.OAK, p.ASH)[i % 3], edge=10)
            c.fill(oval(x, y, 12), "#43291f")
    with c.inside(box(*cells[1])):
        for i in range(8):
            x, y = 560 + i % 3 * 66 + i // 3 % 2 * 30, 680 + i // 3 * 62
            _cone(c, x, y)
    roof = stroke([(500, 170), (180, 410)], 56) + stroke([(500, 170), (820, 410)], 56)
    c.cast(roof, dx=4, dy=20, blur=12, alpha=0.3)
    c.solid(roof, p.LEAF, edge=16)
    for x0, y0, x1, _ in cells[:2]:
        c.line([(x0, y0), (x1, y0)], 10, p.SHADE, 0.3)
    c.solid(oval(806, 590, 30, 22), p.RED, edge=10)
    c.fill(oval(784, 590, 13), p.INK)
    for x, y in ((800, 582), (816, 598), (820, 580)):
        c.fill(oval(x, y, 5), p.INK)
    _bee(c, 180, 330)


def _bamboo(c: Canvas) -> None:
    upper = poly((258, 618), (258, 420), (500, 240), (742, 420), (742, 618))
    c.fill(upper, "#43291f")
    with c.inside(upper):
        for i in range(60):
            x, y = 262 + i % 10 * 54 + i // 10 % 2 * 27, 270 + i // 10 * 62
            size = 24 + i * 7 % 5
            c.solid(oval(x, y, size), (p.HONEY, p.ASH, p.SAND)[i % 3], edge=9)
            c.fill(oval(x, y, size * 0.52), "#5d3a27")


def _cone(c: Canvas, x: float, y: float) -> None:
    c.solid(oval(x, y, 32, 38), p.OAK, edge=10)
    for dy in (-20, -4, 12):
        for dx in (-14, 8):
            c.line(arc(x + dx + (8 if dy == -4 else 0), y + dy, 12, 10, 10, 170), 5, p.SHADE, 0.4)


def _bee(c: Canvas, x: float, y: float) -> None:
    for turn in (-60, -110):
        c.fill(oval(x + 34, y, 34, 17).turned(turn, (x, y)), p.WHITE, 0.9)
    body = oval(x, y, 42, 28)
    c.solid(body, p.MUSTARD, edge=10)
    with c.inside(body):
        for dx in (-6, 16):
            c.fill(box(x + dx, y - 40, x + dx + 12, y + 40), p.INK)
    c.fill(oval(x - 36, y - 2, 17), p.INK)


@_SCENE.picture("book-birds")
def _bird_book(c: Canvas) -> None:
    with c.placed(500, 850, 1):
        c.ground(500, 300)
        c.solid(box(230, 150, 786, 850, 18), darker(p.PINE, 0.3), edge=14)
        c.solid(box(240, 164, 770, 834, 6), p.WHITE, edge=10)
        for i in range(4):
            c.line([(764 - i * 7, 172), (764 - i * 7, 826)], 2, p.SHADE, 0.25)
    cover = box(214, 142, 744, 842, 18)
    c.solid(cover, p.PINE, edge=30)
    with c.inside(cover):
        c.fill(box(200, 100, 268, 900), darker(p.PINE, 0.3))
        c.fill(box(268, 100, 276, 900), p.LIGHT, 0.2)
    plate = box(312, 270, 702, 720, 30)
    c.fill(plate, p.CREAM)
    with c.inside(plate):
        c.fill(oval(560, 380, 70), p.HONEY)
        c.fill(blob((290, 660), (420, 600), (600, 650), (740, 590), (740, 760), (290, 760)), p.SAGE)
    c.line(curve((330, 640), (500, 622), (690, 640)), 18, p.WALNUT)
    for i in range(4):
        x = 360 + i * 96
        leaf = blob((x, 636), (x + 20, 660), (x + 50, 668), (x + 26, 640))
        c.fill(leaf, p.LEAF)
    bird(c, 505, 632, 0.58, *_RED_BREAST)
    for x0, x1, y in ((380, 634, 200), (430, 584, 232)):
        c.line([(x0, y), (x1, y)], 14, p.HONEY)
    c.line([(440, 780), (574, 780)], 10, p.HONEY)
    feather = blob(
        (770, 800), (800, 700), (870, 610), (900, 600), (896, 690), (850, 780), (790, 850)
    )
    c.cast(feather, dx=8, dy=10, blur=8)
    c.solid(feather, p.SKY, edge=16)
    c.line(curve((756, 890), (800, 790), (886, 620)), 7, p.WHITE)
    for k in (0.2, 0.45, 0.7):
        left, top = 780 + 100 * k, 830 - 190 * k
        c.line([(left, top), (left + 44, top - 18)], 4, p.NAVY, 0.3)

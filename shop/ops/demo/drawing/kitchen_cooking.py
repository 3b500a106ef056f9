"""Kitchen, cooking."""

from typing import Final

from shop.ops.demo.drawing import palette as p
from shop.ops.demo.drawing.album import Scene
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour, darker, lighter
from shop.ops.demo.drawing.parts import mouth, steam
from shop.ops.demo.drawing.shapes import (
    arc,
    blob,
    box,
    curve,
    half,
    oval,
    poly,
    stroke,
    thrown,
    union,
)

_SCENE: Final = Scene("kitchen-cooking")


@_SCENE.picture("pan-skillet", flat=True)
def _skillet(c: Canvas) -> None:
    with c.placed(512, 845, 0.99):
        _pan(c)


def _pan(c: Canvas) -> None:
    pan = oval(390, 590, 310, 250)
    handle = poly((610, 450, 30), (840, 252, 50), (905, 322, 50), (690, 560, 30))
    c.cast(pan + handle, dx=26, dy=44, blur=26, alpha=0.42)
    c.solid(handle - oval(848, 312, 22), p.IRON, edge=22)
    c.solid(pan + poly((96, 560), (84, 420, 40), (240, 400)), p.IRON, edge=34)
    c.fill(oval(390, 584, 280, 222), lighter(p.IRON, 0.18))
    inner = oval(390, 594, 264, 206)
    c.solid(inner, darker(p.IRON, 0.25), edge=24, light=0.05)
    with c.inside(inner):
        c.line(arc(390, 594, 225, 170, 190, 250), 16, p.LIGHT, 0.22)
    white = blob(
        (270, 560), (330, 480), (430, 500), (520, 530), (560, 610), (500, 690), (400, 680),
        (330, 720), (250, 650),
    )  # fmt: skip
    c.cast(white, dx=6, dy=12, blur=10, alpha=0.5)
    c.solid(white, p.WHITE, edge=22)
    c.solid(oval(400, 590, 82, 70), p.MUSTARD, edge=26)
    c.fill(oval(374, 566, 22, 15).turned(-30, (374, 566)), p.WHITE, 0.75)
    for x, y, turn in ((215, 560, 20), (250, 705, 70), (560, 500, -20), (590, 640, 40)):
        leaf = blob((x - 34, y), (x, y - 16), (x + 34, y), (x, y + 16)).turned(turn, (x, y))
        c.solid(leaf, p.LEAF, edge=12)


@_SCENE.picture("apron-linen", flat=True)
def _apron(c: Canvas) -> None:
    linen = "#7d97a6"
    c.solid(oval(500, 128, 20), p.BRASS, edge=10)
    c.line(curve((420, 250), (455, 165), (500, 132), (545, 165), (580, 250)), 24, darker(linen))
    ties = stroke(curve((250, 520), (180, 560), (200, 690), (150, 780)), 22)
    c.solid(ties + ties.mirrored(), darker(linen), edge=8)
    apron = poly(
        (385, 240, 14), (615, 240, 14), (640, 380, 60), (752, 500, 30), (772, 850, 26),
        (228, 850, 26), (248, 500, 30), (360, 380, 60),
    )  # fmt: skip
    c.cast(apron, dx=22, dy=22, blur=20, alpha=0.28)
    c.solid(apron, linen, edge=44, shade=0.16)
    with c.inside(apron):
        c.fill(poly((300, 880), (330, 480), (345, 480), (350, 880)), p.SHADE, 0.1)
        c.fill(poly((620, 880), (650, 500), (662, 500), (690, 880)), p.SHADE, 0.12)
        c.line([(380, 268), (620, 268)], 5, p.WHITE, 0.6)
        c.line([(240, 824), (760, 824)], 5, p.WHITE, 0.5)
    pocket = poly((345, 560), (655, 560), (648, 724, 40), (352, 724, 40))
    c.cast(pocket, dx=4, dy=8, blur=8, alpha=0.25)
    spoon = stroke([(570, 600), (592, 440)], 22) + oval(600, 396, 32, 46).turned(8, (600, 396))
    c.solid(spoon, p.WOOD, edge=12)
    c.solid(pocket, lighter(linen, 0.1), edge=16)
    c.line([(352, 588), (648, 588)], 5, p.WHITE, 0.7)
    c.line([(500, 590), (500, 722)], 5, p.WHITE, 0.5)


@_SCENE.picture("board-oak")
def _board_and_bread(c: Canvas) -> None:
    with c.placed(485, 965, 1.08):
        _board(c)


def _board(c: Canvas) -> None:
    side = poly((150, 660, 30), (250, 420, 30), (800, 420, 30), (900, 660, 30), (900, 720, 30),
                (150, 720, 30))  # fmt: skip
    c.cast(side, dx=20, dy=44, blur=26, alpha=0.42)
    c.solid(side, darker(p.OAK, 0.2), edge=26)
    top = poly((150, 664, 36), (252, 416, 36), (798, 416, 36), (900, 664, 36))
    c.solid(top, p.WOOD, edge=16)
    with c.inside(top):
        for i in range(8):
            x = 252 + i * 78
            plank = poly((x, 410), (x + 78, 410), (150 + (i + 1) * 107, 670), (150 + i * 107, 670))
            c.fill(plank, (p.OAK, p.ASH, p.WOOD)[i * 5 % 3], 0.55)
        for y in (480, 560):
            c.line([(100, y), (950, y)], 4, p.WALNUT, 0.35)
    groove = poly((206, 636, 26), (284, 444, 26), (766, 444, 26), (844, 636, 26))
    inner = poly((222, 626, 24), (296, 454, 24), (754, 454, 24), (828, 626, 24))
    c.fill(groove - inner, p.WALNUT, 0.6)
    _bread(c)
    for x, y in ((700, 560), (738, 584), (668, 590)):
        c.cast(oval(x, y, 28), dx=4, dy=14, blur=8)
        c.solid(oval(x, y - 12, 32), p.RED, edge=14)
        c.fill(oval(x - 10, y - 24, 8, 6), p.WHITE, 0.8)
        c.line([(x, y - 42), (x + 10, y - 56)], 6, p.LEAF)


def _bread(c: Canvas) -> None:
    loaf = blob((270, 560), (300, 430), (420, 350), (560, 370), (620, 480), (600, 580), (430, 610))
    c.cast(loaf, dx=14, dy=20, blur=14, alpha=0.4)
    c.solid(loaf, "#c8803f", edge=44)
    for x, y in ((350, 430), (430, 400), (510, 402)):
        cut = blob((x - 34, y + 60), (x - 6, y + 6), (x + 44, y - 20), (x + 12, y + 40))
        c.fill(cut, "#f0cf97")


@_SCENE.picture("salt-cellar")
def _salt(c: Canvas) -> None:
    c.ground(480, 290)
    lid = oval(640, 420, 250, 92).turned(-38, (640, 420))
    c.solid(lid, p.WALNUT, edge=24)
    c.solid(oval(628, 410, 236, 78).turned(-38, (640, 420)), p.WOOD, edge=20)
    c.solid(oval(575, 352, 34, 30), p.BRASS, edge=16)
    body = thrown(460, (560, 285), (660, 292), (760, 250), (820, 180), tilt=0.14)
    c.solid(body, p.CREAM, edge=70, shade=0.18)
    with c.inside(body):
        c.fill(poly((100, 700), (900, 700), (900, 900), (100, 900)), p.SLATE)
        c.solid(body - box(0, 0, 1000, 700), p.SLATE, edge=70)
        for x, y in (
            (240, 640),
            (320, 672),
            (420, 640),
            (520, 676),
            (610, 640),
            (690, 670),
            (370, 610),
        ):
            c.fill(oval(x, y, 7), p.SLATE, 0.6)
    mouth(c, 460, 560, 285, tilt=0.2, rim=p.WHITE, inner=p.OAT)
    with c.inside(oval(460, 562, 264, 49) + box(150, 300, 800, 560)):
        heap = blob((190, 600), (300, 520), (440, 490), (560, 510), (730, 600), (460, 660))
        c.solid(heap, p.WHITE, edge=40, shade=0.1)
    spoon = stroke([(430, 540), (250, 330)], 24, 18) + oval(244, 322, 16)
    c.solid(spoon, p.ASH, edge=10)
    for x, y in ((820, 850), (850, 832), (790, 864)):
        c.solid(box(x, y, x + 16, y + 13, 3), p.WHITE, edge=5)


@_SCENE.picture("knife-chef", flat=True)
def _knife_and_herbs(c: Canvas) -> None:
    with c.placed(492, 930, 1.14):
        _knife(c)


def _knife(c: Canvas) -> None:
    turn = 38
    blade = poly((470, 430), (960, 436), (972, 448), (860, 566, 160), (470, 586, 6))
    tang = stroke([(150, 470), (470, 470)], 10)
    grip = blob((110, 470), (150, 436), (300, 446), (470, 434), (472, 520), (330, 512), (190, 540),
                (118, 528))  # fmt: skip
    whole = (blade + grip + tang).moved(-40, 0)
    c.cast(whole.turned(-turn), dx=24, dy=40, blur=22, alpha=0.36)
    blade, grip = (s.moved(-40, 0).turned(-turn) for s in (blade, grip))
    c.solid(blade, p.STEEL, edge=16, light=0.5)
    with c.inside(blade):
        bevel = poly((430, 545), (760, 536, 120), (930, 448), (1000, 700), (430, 700))
        c.fill(bevel.turned(-turn), p.WHITE, 0.65)
        c.fill(poly((560, 380), (620, 380), (560, 600), (500, 600)).turned(-turn), p.WHITE, 0.4)
    c.solid(
        poly((425, 426, 10), (468, 426, 10), (468, 536, 10), (425, 524, 14)).turned(-turn), p.BRASS
    )
    c.solid(grip, p.WALNUT, edge=24)
    for x in (160, 250, 340):
        c.solid(oval(x, 482, 15).turned(-turn), p.BRASS, edge=8)
    with c.placed(470, 850, 0.92):
        _herbs(c)


def _herbs(c: Canvas) -> None:
    stem = curve((640, 850), (730, 770), (860, 730))
    c.line(stem, 10, darker(p.LEAF, 0.2))
    for x, y, turn in (
        (700, 770, -70), (720, 810, 40), (775, 735, -80), (790, 790, 30), (850, 700, -60),
        (860, 762, 20), (890, 724, -20),
    ):  # fmt: skip
        leaf = blob((x - 40, y), (x, y - 24), (x + 44, y), (x, y + 24)).turned(turn, (x, y))
        c.cast(leaf, dx=4, dy=8, blur=6, alpha=0.25)
        c.solid(leaf, p.LEAF, edge=14)


@_SCENE.coloured("pot-casserole", terracotta=p.TERRACOTTA, sea=p.SEA, cream=p.OAT)
def _casserole(c: Canvas, colour: Colour) -> None:
    c.ground(500, 330)
    for side in (-1, 1):
        grip = stroke(
            curve((500 + side * 290, 520), (500 + side * 400, 520), (500 + side * 400, 600),
                  (500 + side * 290, 610)), 46)  # fmt: skip
        c.solid(grip, darker(colour, 0.08), edge=16)
    body = thrown(500, (470, 318), (600, 322), (740, 312), (808, 270), tilt=0.14)
    c.solid(body, colour, edge=84)
    c.line(curve((215, 540), (222, 650), (250, 730)), 28, p.LIGHT, 0.4)
    c.fill(thrown(500, (462, 322), (494, 322), tilt=0.14, straight=True), darker(colour, 0.3))
    rim = thrown(500, (440, 334), (470, 334), tilt=0.14, straight=True)
    c.solid(rim, lighter(colour, 0.08), edge=40)
    lid = half(500, 442, 326, 150) + half(500, 440, 326, 44, 0)
    c.solid(lid, colour, edge=64)
    c.line(arc(500, 442, 326, 44, 3, 177), 8, p.LIGHT, 0.45)
    c.line(arc(500, 430, 262, 108, 196, 240), 24, p.LIGHT, 0.4)
    c.line(arc(500, 400, 200, 34, 6, 174), 7, p.SHADE, 0.2)
    c.solid(box(476, 262, 524, 306, 8), darker(p.BRASS), edge=12)
    c.solid(oval(500, 252, 64, 36), p.BRASS, edge=20)
    steam(c, 800, 360)
    steam(c, 210, 350, 0.8)


@_SCENE.picture("mill-pepper")
def _mill(c: Canvas) -> None:
    c.ground(500, 150)
    body = thrown(500, (430, 92), (470, 84), (540, 64), (610, 66), (680, 104), (760, 134),
                  (828, 140))  # fmt: skip
    c.solid(body, p.WOOD, edge=46)
    with c.inside(body):
        c.line(curve((440, 480), (462, 560), (440, 660), (400, 800)), 20, p.LIGHT, 0.35)
        for y in (700, 716):
            c.line(arc(500, y, 160, 20, 0, 180), 6, p.SHADE, 0.3)
    c.solid(thrown(500, (404, 84), (436, 90), straight=True), p.STEEL, edge=26)
    head = thrown(500, (226, 40), (262, 88), (320, 104), (372, 90), (402, 80))
    c.solid(head, p.WOOD, edge=44)
    c.line(arc(500, 318, 74, 60, 170, 230), 18, p.LIGHT, 0.4)
    c.solid(oval(500, 192, 38, 34), p.BRASS, edge=18)
    for i in range(13):
        x, y = 196 + i * 127 % 640, 838 + i * 53 % 40
        if not 340 < x < 660:
            c.cast(oval(x, y, 15), dx=4, dy=6, blur=5)
            c.solid(oval(x, y, 17), (p.INK, p.WALNUT, p.IRON)[i % 3], edge=8)


@_SCENE.picture("bowl-mixing")
def _bowl(c: Canvas) -> None:
    c.ground(490, 300)
    whisk = [(600, 470), (830, 180)]
    c.solid(stroke(whisk, 34), p.WOOD, edge=14)
    c.solid(stroke([(640, 420), (664, 390)], 40), p.STEEL, edge=14)
    for bend in (-90, -40, 10, 60):
        wire = curve((645, 410), (540 + bend, 400 + bend * 0.7), (440 + bend * 0.6, 600))
        c.line(wire, 9, p.STEEL)
    body = thrown(480, (470, 345), (580, 330), (700, 270), (800, 190), (828, 150), tilt=0.12)
    shell = body - oval(480, 470, 345, 58) - box(100, 300, 860, 470)
    c.solid(shell, p.CREAM, edge=90, shade=0.18)
    with c.inside(shell):
        for y, wide in ((560, 16), (596, 8)):
            c.line(arc(480, y, 345, 58, 0, 180), wide, p.SEA)
    back = half(480, 470, 345, 58)
    c.fill(back, darker(p.OAT, 0.12), 0.9)
    with c.inside(oval(480, 470, 330, 50)):
        c.fill(
            blob((150, 480), (330, 450), (500, 470), (700, 448), (830, 490), (500, 560)), p.HONEY
        )
        c.line(curve((300, 478), (400, 492), (520, 480)), 9, p.WHITE, 0.6)
    rim = oval(480, 470, 352, 64) - oval(480, 470, 330, 50)
    c.solid(rim, p.WHITE, edge=8)
    c.line(curve((190, 560), (225, 650), (290, 740)), 26, p.WHITE, 0.7)
    egg = oval(862, 800, 46, 58)
    c.cast(egg, dx=12, dy=12, blur=10)
    c.solid(egg, p.BLUSH, edge=26)


@_SCENE.coloured("towel-kitchen", flat=True, sea=p.SEA, mustard=p.MUSTARD, rust=p.RUST)
def _towel(c: Canvas, colour: Colour) -> None:
    c.solid(box(120, 196, 880, 222, 12), p.WOOD, edge=12)
    for x in (160, 840):
        c.solid(box(x - 16, 150, x + 16, 240, 14), p.WALNUT, edge=14)
    back = poly((330, 210), (760, 210), (770, 640, 10), (330, 640, 10))
    c.cast(back, dx=20, dy=20, blur=18, alpha=0.3)
    c.solid(back, darker(p.CREAM, 0.14), edge=20)
    front = union([poly((250, 206, 26), (670, 206, 26), (682, 836, 8), (238, 836, 8))])
    c.cast(front, dx=16, dy=18, blur=16, alpha=0.34)
    c.solid(front, p.CREAM, edge=36, shade=0.12)
    with c.inside(front):
        for x in (300, 390, 480, 570):
            c.fill(box(x, 190, x + 34, 900), colour, 0.42)
        for y in (300, 400, 500, 600, 700):
            c.fill(box(200, y, 720, y + 34), colour, 0.42)
        c.fill(box(200, 776, 720, 800), colour)
        c.fill(poly((440, 230), (452, 230), (480, 860), (452, 860)), p.SHADE, 0.12)
        c.fill(poly((600, 230), (610, 230), (640, 860), (622, 860)), p.SHADE, 0.12)
        c.fill(box(200, 200, 720, 228), p.LIGHT, 0.5)
    for x in range(252, 680, 21):
        c.line([(x, 836), (x - 2, 862)], 6, p.CREAM)

"""Kitchen, tea and coffee."""

from typing import Final

from shop.ops.demo.drawing import palette as p
from shop.ops.demo.drawing.album import Scene
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour, darker, lighter
from shop.ops.demo.drawing.parts import beans, mouth, steam
from shop.ops.demo.drawing.shapes import arc, blob, box, curve, half, oval, poly, stroke, thrown

_SCENE: Final = Scene("kitchen-tea-and-coffee")


@_SCENE.coloured("mug-harbour", sea=p.SEA, sand=p.SAND, slate=p.SLATE)
def _mug(c: Canvas, colour: Colour) -> None:
    c.ground(490, 270)
    handle = stroke(curve((640, 440), (800, 430), (820, 590), (730, 680), (620, 690)), 62)
    c.solid(handle, colour, edge=20)
    body = thrown(450, (330, 236), (560, 240), (740, 228), (815, 196), tilt=0.16)
    c.solid(body, p.CREAM, edge=60, shade=0.14)
    glaze = blob(
        (150, 300), (450, 240), (760, 300), (740, 660), (660, 690), (600, 735), (545, 690),
        (470, 665), (400, 705), (340, 745), (285, 690), (230, 660), (150, 690),
    )  # fmt: skip
    with c.inside(body):
        c.fill(glaze.moved(0, 12), darker(p.CREAM, 0.25))
        with c.inside(glaze):
            c.solid(body, colour, edge=60, shade=0.2)
        c.line([(265, 440), (272, 590)], 22, p.LIGHT, 0.4)
        c.line([(275, 636), (276, 640)], 22, p.LIGHT, 0.4)
    mouth(c, 450, 330, 236, tilt=0.16, rim=lighter(colour, 0.35), inner=p.CREAM, drink="#7b4a2e")
    steam(c, 400, 255)
    steam(c, 490, 225)


@_SCENE.picture("pot-quay")
def _teapot(c: Canvas) -> None:
    blue = p.NAVY
    c.ground(490, 270)
    c.solid(stroke(curve((640, 470), (850, 400), (880, 600), (650, 720)), 46), blue, edge=16)
    spout = poly((330, 520), (210, 470, 30), (140, 350), (80, 372), (150, 620, 50), (320, 760))
    c.solid(spout, blue, edge=24)
    body = thrown(470, (395, 120), (440, 215), (570, 272), (710, 245), (815, 160))
    c.solid(body, blue, edge=64)
    with c.inside(body):
        c.fill(box(150, 590, 800, 612), p.CREAM, 0.85)
        c.fill(box(150, 632, 800, 640), p.CREAM, 0.85)
        for x in range(180, 800, 76):
            wave = arc(x, 700, 38, 26, 180, 360)
            c.line(wave, 8, p.SKY, 0.8)
    c.line(arc(420, 560, 165, 120, 190, 240), 24, p.LIGHT, 0.42)
    lid = half(470, 402, 150, 84) + half(470, 400, 150, 26, 0)
    c.solid(lid, lighter(blue, 0.12), edge=30)
    c.line(arc(470, 402, 150, 26, 4, 176), 7, p.LIGHT, 0.5)
    c.solid(oval(470, 296, 42, 38), p.BRASS, edge=20)
    steam(c, 95, 320, 0.8)


@_SCENE.picture("tin-loose")
def _tin(c: Canvas) -> None:
    c.ground(440, 240)
    body = thrown(430, (330, 232), (815, 232), tilt=0.14, straight=True)
    c.solid(body, p.PINE, edge=70)
    with c.inside(body):
        band = thrown(430, (480, 240), (720, 240), tilt=0.14, straight=True)
        c.solid(band - oval(430, 480, 243, 35), p.CREAM, edge=70, shade=0.16)
        for y in (480, 720):
            c.line(arc(430, y, 240, 33, 0, 180), 8, p.BRASS)
    leaf = blob((430, 540), (490, 600), (485, 670), (430, 730), (375, 670), (370, 600))
    c.solid(leaf, p.LEAF, edge=30)
    c.line(curve((430, 580), (434, 650), (428, 760)), 9, darker(p.LEAF, 0.4))
    for y in (620, 660, 698):
        c.line([(432, y), (468, y - 28)], 6, darker(p.LEAF, 0.4))
        c.line([(432, y), (394, y - 28)], 6, darker(p.LEAF, 0.4))
    lid = thrown(430, (220, 222), (232, 240), (350, 242), tilt=0.14, straight=True)
    c.solid(lid, p.BRASS, edge=60)
    c.solid(oval(430, 220, 222, 31), lighter(p.BRASS, 0.3), edge=14, shade=0.1)
    c.solid(oval(430, 208, 40, 22), p.BRASS, edge=14)
    c.line([(225, 420), (225, 700)], 20, p.LIGHT, 0.35)
    for x, y, turn in ((700, 845, 20), (770, 858, -30), (742, 828, 70), (830, 846, 10)):
        c.cast(oval(x, y, 30, 12).turned(turn, (x, y)), dx=4, dy=8, blur=6)
        c.solid(oval(x, y, 32, 12).turned(turn, (x, y)), p.PINE, edge=10)


@_SCENE.picture("drip-brass")
def _dripper(c: Canvas) -> None:
    c.ground(500, 220)
    jug = thrown(500, (560, 120), (640, 205), (760, 222), (825, 195), tilt=0.12)
    c.fill(jug, p.GLASS, 0.85)
    with c.inside(jug):
        c.solid(thrown(500, (706, 216), (860, 220), tilt=0.12), "#6d3f28", edge=40)
        c.fill(oval(500, 706, 216, 24), "#8c5839")
    c.line(curve((306, 690), (318, 650), (360, 612)), 16, p.WHITE, 0.8)
    c.line([(500, 566), (500, 690)], 9, "#6d3f28")
    c.solid(box(300, 520, 700, 562, 20), p.BRASS, edge=16)
    c.solid(stroke(curve((690, 300), (850, 290), (830, 420), (640, 450)), 34), p.BRASS, edge=12)
    cone = poly((226, 240), (774, 240), (580, 530, 20), (420, 530, 20))
    c.solid(cone, p.BRASS, edge=60)
    with c.inside(cone):
        for x in range(-3, 5):
            c.line([(500 + x * 76, 230), (500 + x * 26, 540)], 9, darker(p.BRASS), 0.7)
        c.line([(300, 270), (420, 500)], 26, p.LIGHT, 0.45)
    mouth(c, 500, 240, 276, tilt=0.2, rim=p.HONEY, inner=p.CREAM, drink="#5f3826")
    steam(c, 440, 180, 0.8)
    steam(c, 540, 165, 0.8)


@_SCENE.picture("spoon-measure")
def _spoon(c: Canvas) -> None:
    c.ground(450, 330)
    heap = blob((190, 860), (260, 800), (370, 770), (470, 800), (560, 862), (370, 880))
    c.solid(heap, "#6a4029", edge=30)
    beans(c, [(210, 850), (300, 815), (380, 795), (455, 822), (530, 855), (370, 855), (290, 868)])
    handle = stroke([(470, 620), (860, 200)], 74, 58)
    c.cast(handle, dx=20, dy=30, blur=20, alpha=0.16)
    c.solid(handle, p.ASH, edge=22)
    c.solid(oval(848, 212, 15), darker(p.ASH, 0.4), edge=6)
    c.line([(560, 500), (780, 262)], 12, p.LIGHT, 0.5)
    bowl = half(360, 600, 220, 215, 0) + half(360, 600, 220, 62)
    c.solid(bowl, p.ASH, edge=60)
    c.line(arc(360, 600, 180, 170, 100, 150), 18, p.LIGHT, 0.4)
    for r in (90, 130):
        c.line(arc(370, 690, r, r * 0.7, 10, 80), 7, darker(p.ASH), 0.5)
    c.solid(oval(360, 600, 220, 62), lighter(p.ASH, 0.3), edge=10, shade=0.1)
    c.fill(oval(360, 604, 192, 48), darker(p.ASH, 0.35))
    with c.inside(oval(360, 604, 192, 48) + box(160, 420, 560, 604)):
        c.fill(
            blob((165, 610), (260, 540), (360, 508), (460, 540), (556, 612), (360, 680)), "#57331f"
        )
        beans(
            c, [(230, 590), (300, 556), (375, 536), (440, 560), (500, 596), (350, 600), (420, 615)]
        )
    beans(c, [(700, 850), (770, 868)])


@_SCENE.picture("kettle-gooseneck")
def _kettle(c: Canvas) -> None:
    c.ground(470, 250)
    steel = p.STEEL
    spout = stroke(curve((330, 740), (210, 700), (190, 560), (150, 440), (70, 400)), 58, 30)
    c.solid(spout, steel, edge=18)
    handle = curve((610, 380), (740, 300), (850, 330), (860, 470), (830, 640))
    c.solid(stroke(handle, 46), p.WOOD, edge=16)
    body = thrown(480, (400, 140), (470, 172), (700, 232), (800, 240), (822, 226), tilt=0.1)
    c.solid(body, steel, edge=70)
    with c.inside(body):
        c.fill(poly((350, 360), (400, 360), (330, 860), (262, 860)), p.LIGHT, 0.5)
        c.fill(box(200, 776, 760, 800), darker(steel, 0.3), 0.6)
    c.solid(stroke([(610, 395), (640, 368)], 40), darker(steel), edge=10)
    lid = half(480, 402, 142, 56) + half(480, 400, 142, 18, 0)
    c.solid(lid, lighter(steel, 0.2), edge=26)
    c.solid(box(462, 310, 498, 356, 8), darker(steel), edge=10)
    c.solid(oval(480, 296, 44, 34), p.WOOD, edge=18)
    c.solid(oval(570, 660, 40, 40), p.WHITE, edge=10)
    c.line([(570, 660), (590, 636)], 7, p.TERRACOTTA)
    steam(c, 60, 350, 0.8)


@_SCENE.picture("grinder-hand")
def _grinder(c: Canvas) -> None:
    c.ground(470, 165)
    lower = thrown(470, (560, 150), (822, 144), tilt=0.14, straight=True)
    c.solid(lower, darker(p.STEEL, 0.16), edge=56)
    upper = thrown(470, (300, 152), (580, 156), tilt=0.14, straight=True)
    c.solid(upper, p.STEEL, edge=56)
    with c.inside(upper + lower):
        c.fill(poly((356, 280), (396, 280), (396, 860), (356, 860)), p.LIGHT, 0.5)
    for y in (566, 590):
        c.line(arc(470, y, 156, 22, 0, 180), 9, p.SHADE, 0.3)
    grip = thrown(470, (380, 158), (500, 159), tilt=0.14, straight=True)
    c.solid(grip - oval(470, 380, 161, 25), p.WALNUT, edge=56)
    for y in range(420, 520, 22):
        c.line(arc(470, y, 158, 22, 0, 180), 5, p.SHADE, 0.35)
    lid = half(470, 302, 158, 64) + half(470, 300, 158, 22, 0)
    c.solid(lid, lighter(p.STEEL, 0.12), edge=34)
    c.solid(box(456, 196, 484, 250, 8), p.IRON, edge=8)
    c.solid(stroke(curve((470, 204), (620, 192), (770, 214)), 26), p.STEEL, edge=10)
    c.solid(oval(470, 202, 26, 20), p.BRASS, edge=10)
    c.solid(box(760, 140, 780, 214, 6), p.IRON, edge=6)
    knob = thrown(770, (64, 20), (86, 46), (126, 44), (164, 22))
    c.solid(knob, p.WALNUT, edge=20)
    c.line(curve((742, 84), (738, 106), (746, 132)), 10, p.LIGHT, 0.4)
    beans(c, [(720, 842), (780, 862), (230, 852), (690, 866)])


@_SCENE.picture("press-glass")
def _press(c: Canvas) -> None:
    c.ground(470, 235)
    c.solid(stroke(curve((640, 400), (840, 390), (850, 560), (820, 700), (640, 720)), 46), p.WALNUT)
    glass = box(260, 330, 660, 828, 40)
    c.fill(glass, p.GLASS, 0.8)
    with c.inside(glass):
        c.fade(box(200, 470, 760, 860), "#8a5432", "#4d2b1e")
        c.fill(oval(460, 470, 205, 22), "#b27a4f")
        c.fill(box(262, 452, 660, 470), "#e4c39a")
        c.line([(460, 200), (460, 600)], 14, p.STEEL)
        c.solid(box(272, 590, 648, 616, 8), p.STEEL, edge=10)
        c.fill(box(292, 350, 330, 800, 18), p.LIGHT, 0.36)
        c.fill(box(345, 350, 358, 800, 6), p.LIGHT, 0.3)
    for x0, x1 in ((240, 680),):
        c.solid(box(x0, 690, x1, 728, 10), p.STEEL, edge=14)
        c.solid(box(x0, 396, x1, 430, 10), p.STEEL, edge=14)
        c.solid(box(x0, 812, x1, 852, 14), p.STEEL, edge=14)
    for x in (252, 652):
        c.solid(box(x, 420, x + 18, 820), p.STEEL, edge=8)
    spout = poly((262, 322), (190, 300, 16), (240, 392, 20), (262, 400))
    c.fill(spout, p.GLASS)
    lid = half(460, 332, 222, 84) + box(238, 318, 682, 350, 12)
    c.solid(lid, p.STEEL, edge=34)
    c.line([(460, 160), (460, 256)], 16, p.SLATE)
    c.solid(oval(460, 146, 50, 44), p.WALNUT, edge=22)
    steam(c, 190, 250, 0.8)


@_SCENE.coloured("cups-espresso", cream=p.OAT, terracotta=p.TERRACOTTA, sea=p.SEA)
def _cups(c: Canvas, colour: Colour) -> None:
    _cup(c, 330, 770, 0.8, lighter(colour, 0.3))
    _cup(c, 600, 860, 1, colour)
    steam(c, 560, 410, 0.8)
    steam(c, 630, 390, 0.8)


def _cup(c: Canvas, x: float, y: float, zoom: float, colour: Colour) -> None:
    with c.placed(x, y, zoom):
        c.ground(500, 300)
        c.solid(oval(500, 830, 310, 58), darker(colour, 0.12), edge=16)
        c.solid(oval(500, 818, 310, 56), lighter(colour, 0.2), edge=12)
        c.fill(oval(510, 826, 200, 30), p.SHADE, 0.22)
        handle = stroke(curve((660, 560), (790, 540), (790, 660), (650, 710)), 42)
        c.solid(handle, colour, edge=14)
        body = thrown(500, (510, 200), (640, 192), (750, 160), (810, 100), tilt=0.16)
        c.solid(body, colour, edge=56)
        c.line(curve((345, 590), (356, 670), (390, 735)), 20, p.LIGHT, 0.45)
        mouth(c, 500, 510, 200, tilt=0.18, rim=lighter(colour, 0.4), inner=p.CREAM, drink="#6d3f28")
        c.fill(oval(490, 514, 120, 16), "#c48a55")

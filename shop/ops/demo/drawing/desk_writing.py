"""Desk, writing."""

from typing import Final

from shop.ops.demo.drawing import palette as p
from shop.ops.demo.drawing.album import Scene
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour, darker, lighter
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

_SCENE: Final = Scene("desk-writing")


@_SCENE.picture("pen-brass", flat=True)
def _ballpoint(c: Canvas) -> None:
    turn = 45
    tip = poly((90, 500), (100, 492), (200, 468), (200, 532), (100, 508)).turned(-turn)
    barrel = box(200, 462, 640, 538, 10).turned(-turn)
    upper = box(640, 458, 880, 542, 26).turned(-turn)
    button = box(876, 480, 950, 520, 16).turned(-turn)
    line = curve((90, 830), (150, 720), (200, 860), (250, 730), (310, 850), (360, 760), (420, 840),
                 (520, 800), (640, 830))  # fmt: skip
    c.line(line, 9, p.NAVY)
    c.cast(tip + barrel + upper + button, dx=26, dy=40, blur=22, alpha=0.36)
    c.solid(tip, p.STEEL, edge=18)
    c.solid(button, p.STEEL, edge=14)
    c.solid(barrel, p.BRASS, edge=24, light=0.5)
    c.solid(upper, p.BRASS, edge=26, light=0.5)
    c.line(turned([(216, 482), (620, 482)], -turn), 12, p.LIGHT, 0.6)
    for x in (230, 250, 270, 290, 310, 330):
        c.line(turned([(x, 466), (x, 534)], -turn), 5, p.WALNUT, 0.45)
    c.fill(box(636, 456, 652, 544).turned(-turn), darker(p.BRASS, 0.35))
    clip = poly((690, 436, 12), (872, 436, 12), (872, 470), (848, 470), (840, 458), (690, 462, 8))
    c.solid(clip.turned(-turn), p.STEEL, edge=10)


@_SCENE.picture("book-ruled", flat=True)
def _notebook(c: Canvas) -> None:
    with c.placed(495, 850, 1.0):
        pages = poly((250, 180, 20), (770, 180, 20), (800, 850, 20), (250, 850, 20))
        c.cast(pages, dx=34, dy=24, blur=22, alpha=0.36)
        c.solid(box(236, 170, 790, 856, 26), darker(p.NAVY, 0.3), edge=16)
        c.solid(box(250, 184, 776, 846, 12), p.WHITE, edge=12)
        for i in range(5):
            c.line([(768 - i * 6, 190), (768 - i * 6, 840)], 2, p.SHADE, 0.2)
        c.line(curve((420, 840), (414, 890), (440, 930)), 16, p.RED)
        cover = box(220, 160, 746, 846, 26)
        c.solid(cover, p.NAVY, edge=34)
        with c.inside(cover):
            c.fill(box(200, 100, 310, 900), darker(p.NAVY, 0.3))
            for y in range(190, 840, 40):
                c.line([(310, y), (310, y + 20)], 5, p.SKY, 0.6)
            c.fill(poly((500, 100), (640, 100), (300, 900), (160, 900)), p.LIGHT, 0.06)
        label = box(390, 290, 680, 470, 16)
        c.cast(label, dx=3, dy=5, blur=5)
        c.solid(label, p.CREAM, edge=10)
        for y in (340, 382, 424):
            c.line([(425, y), (645, y)], 5, p.SLATE, 0.6)
        c.solid(box(690, 150, 714, 858, 6), p.RED, edge=8)


@_SCENE.picture("pencils-six", flat=True)
def _pencils(c: Canvas) -> None:
    grey = "#8e959f"
    for i in range(6):
        x = 262 + i * 95
        top = 110 + (i * 3 % 5) * 26
        _pencil(c, x, top)
    case = box(180, 520, 820, 890, 26)
    c.cast(case, dx=16, dy=16, blur=16, alpha=0.34)
    c.solid(case, grey, edge=30)
    for y in (534, 846):
        c.line([(200, y), (800, y)], 4, p.LIGHT, 0.4)
    c.fill(oval(500, 520, 70, 52), darker(grey, 0.3))
    c.fill(oval(500, 512, 70, 52), "#eef4f6")
    with c.inside(oval(500, 512, 70, 52)):
        for x in (452, 547):
            c.fill(box(x - 34, 440, x + 34, 600), p.WOOD)
            c.fill(box(x + 12, 440, x + 34, 600), darker(p.WOOD, 0.24))
            c.fill(box(x - 34, 440, x - 12, 600), lighter(p.WOOD, 0.32))
    c.solid(box(330, 660, 670, 780, 10), p.CREAM, edge=12)
    tree = poly((500, 676), (540, 738), (460, 738))
    c.fill(tree + box(493, 734, 507, 762), p.PINE)
    for x in (366, 566):
        c.line([(x, 710), (x + 68, 710)], 6, p.SLATE, 0.6)
        c.line([(x, 736), (x + 48, 736)], 6, p.SLATE, 0.6)


def _pencil(c: Canvas, x: float, top: float) -> None:
    body = box(x - 34, top + 100, x + 34, 700)
    cone = poly((x - 34, top + 104), (x, top - 6), (x + 34, top + 104))
    c.cast(body + cone, dx=10, dy=8, blur=8, alpha=0.3)
    c.fill(cone, p.ASH)
    c.fill(poly((x - 11, top + 30), (x, top - 6), (x + 11, top + 30)), p.INK)
    c.fill(body, p.WOOD)
    c.fill(box(x - 34, top + 100, x - 12, 700), lighter(p.WOOD, 0.32))
    c.fill(box(x + 12, top + 100, x + 34, 700), darker(p.WOOD, 0.24))
    wave = arc(x - 23, top + 102, 11, 18, 0, 180) + arc(x, top + 102, 12, 18, 0, 180)
    c.fill(Shape.of(wave), p.WOOD)
    c.fill(Shape.of(arc(x - 23, top + 102, 11, 18, 0, 180)), lighter(p.WOOD, 0.32))
    c.fill(Shape.of(arc(x + 23, top + 102, 11, 18, 0, 180)), darker(p.WOOD, 0.24))


@_SCENE.picture("ink-bottle")
def _ink(c: Canvas) -> None:
    c.ground(480, 260)
    c.fill(blob((700, 850), (780, 830), (860, 846), (840, 876), (740, 880)), p.NAVY)
    c.fill(oval(905, 862, 18, 10), p.NAVY)
    c.fill(blob((740, 852), (780, 842), (820, 850), (780, 856)), p.SKY, 0.7)
    bottle = poly((330, 400, 20), (630, 400, 20), (740, 520, 70), (730, 850, 60), (230, 850, 60),
                  (220, 520, 70))  # fmt: skip
    c.fill(bottle, p.GLASS)
    with c.inside(bottle):
        inside = poly((250, 545, 40), (710, 545, 40), (704, 826, 40), (256, 826, 40))
        c.fade(inside, "#2f5590", "#1d2f57")
        c.fill(poly((252, 545, 10), (708, 545, 10), (708, 566), (252, 566)), "#5c87bd")
        c.fill(poly((640, 380), (800, 380), (800, 900), (620, 900)), p.SHADE, 0.14)
        c.line(curve((352, 424), (262, 520), (252, 600)), 20, p.WHITE, 0.9)
    label = poly((300, 600, 20), (660, 600, 20), (652, 786, 20), (308, 786, 20))
    c.solid(label, p.CREAM, edge=18, shade=0.14)
    drop = blob((480, 618), (516, 690), (508, 740), (480, 756), (452, 740), (444, 690))
    c.solid(drop, p.NAVY, edge=16)
    for x in (335, 560):
        c.line([(x, 670), (x + 66, 670)], 7, p.SLATE, 0.7)
        c.line([(x, 710), (x + 66, 710)], 7, p.SLATE, 0.7)
    c.solid(box(372, 350, 588, 412, 10), p.GLASS, edge=24)
    cap = thrown(480, (226, 130), (350, 132), tilt=0.12, straight=True)
    c.solid(cap, p.IRON, edge=40)
    for x in range(360, 610, 24):
        c.line([(x, 262), (x, 352)], 7, p.INK, 0.6)
    c.fill(oval(480, 226, 130, 16), lighter(p.IRON, 0.2))


@_SCENE.picture("pen-fountain", flat=True)
def _fountain_pen(c: Canvas) -> None:
    turn = 45
    c.line(curve((120, 860), (200, 800), (220, 880), (300, 810), (330, 880), (450, 820),
        (640, 850)),
           10, p.NAVY, end=4)  # fmt: skip
    nib = poly((80, 500, 4), (250, 446, 60), (290, 470), (290, 530), (250, 554, 60)).turned(-turn)
    grip = poly((280, 462, 8), (380, 452), (380, 548), (280, 538, 8)).turned(-turn)
    body = poly((380, 442, 12), (800, 442, 10), (960, 472, 30), (960, 528, 30), (800, 558, 10),
                (380, 558, 12)).turned(-turn)  # fmt: skip
    c.cast(nib + grip + body, dx=26, dy=40, blur=22, alpha=0.36)
    c.solid(nib, p.BRASS, edge=18, light=0.6)
    c.line(turned([(90, 500), (220, 500)], -turn), 5, p.INK)
    c.fill(oval(226, 500, 13).turned(-turn), p.INK)
    c.solid(grip, p.INK, edge=22, light=0.4)
    c.solid(body, "#3a3545", edge=34, light=0.4)
    c.solid(box(366, 438, 392, 562, 6).turned(-turn), p.BRASS, edge=10)
    c.solid(box(560, 438, 582, 562, 4).turned(-turn), p.BRASS, edge=10)
    c.solid(box(786, 440, 806, 560, 4).turned(-turn), p.BRASS, edge=10)
    c.line(turned([(410, 470), (548, 470)], -turn), 16, p.LIGHT, 0.5)
    clip = poly((590, 424, 10), (800, 424, 12), (800, 452), (770, 452), (764, 446), (590, 450, 8))
    c.line(turned([(600, 474), (770, 474)], -turn), 14, p.LIGHT, 0.4)
    c.solid(clip.turned(-turn), p.BRASS, edge=10, light=0.5)


@_SCENE.picture("cards-letter", flat=True)
def _cards(c: Canvas) -> None:
    at, paper = (480, 640), "#f4e3c5"
    flap = poly((128, 436), (480, 150, 60), (832, 436)).turned(-4, at)
    c.cast(flap, dx=12, dy=14, blur=14, alpha=0.26)
    c.solid(flap, paper, edge=12)
    c.fill(poly((176, 430), (480, 186, 50), (784, 430)).turned(-4, at), p.NAVY)
    back = box(128, 428, 832, 860, 18).turned(-4, at)
    c.cast(back, dx=16, dy=22, blur=18, alpha=0.36)
    c.fill(back, darker(p.NAVY, 0.2))
    card = box(196, 250, 764, 700, 10).turned(3, at)
    c.cast(card, dx=6, dy=8, blur=8, alpha=0.4)
    c.solid(card, p.WHITE, edge=12, shade=0.1)
    for x, y, colour in ((370, 370, p.CORAL), (490, 330, p.MUSTARD), (620, 380, p.PLUM)):
        _flower(c, x, y, colour)
    with c.inside(back):
        front = poly((100, 420), (480, 690, 30), (860, 420), (860, 900), (100, 900)).turned(-4, at)
        c.cast(front, dx=0, dy=-6, blur=8, alpha=0.3)
        c.solid(front, paper, edge=14, shade=0.1)
        low = poly((90, 900), (480, 640, 50), (870, 900)).turned(-4, at)
        c.cast(low, dx=0, dy=-8, blur=10, alpha=0.2)
        c.solid(low, lighter(paper, 0.3), edge=10)


def _flower(c: Canvas, x: float, y: float, colour: Colour) -> None:
    c.line(curve((x, y), (x + 8, y + 90), (x - 6, y + 220)), 9, p.LEAF)
    leaf = blob((x, y + 126), (x + 34, y + 80), (x + 70, y + 76), (x + 46, y + 116))
    c.fill(leaf, p.LEAF)
    petals = [oval(x, y - 32, 22, 35).turned(72 * i, (x, y)) for i in range(5)]
    c.fill(union(petals), colour)
    c.fill(oval(x, y, 18), p.HONEY)


@_SCENE.coloured("sealing-wax", flat=True, red=p.RED, navy=p.NAVY, gold=p.BRASS)
def _wax(c: Canvas, colour: Colour) -> None:
    for k, tint in ((-1, lighter(colour, 0.12)), (1, darker(colour, 0.1)), (0, colour)):
        stick = box(150, 520, 800, 600, 22).turned(-34 + k * 12, (250, 560)).moved(k * 4, k * 24)
        c.cast(stick, dx=14, dy=20, blur=14)
        c.solid(stick, tint, edge=22)
        shine = stroke([(200, 542), (740, 542)], 12)
        c.fill(shine.turned(-34 + k * 12, (250, 560)).moved(k * 4, k * 24), p.LIGHT, 0.42)
    seal = blob(
        (640, 560), (740, 520), (840, 560), (890, 650), (860, 760), (770, 810), (660, 790),
        (580, 740), (570, 640),
    ).moved(-30, 60)  # fmt: skip
    c.cast(seal, dx=12, dy=18, blur=12, alpha=0.36)
    c.solid(seal, colour, edge=26)
    c.fill(oval(702, 724, 104), darker(colour, 0.26))
    c.solid(oval(706, 728, 98), lighter(colour, 0.08), edge=12)
    for turn in range(0, 360, 72):
        petal = oval(706, 690, 17, 30).turned(turn, (706, 728))
        c.solid(petal, darker(colour, 0.16), edge=8)
    c.fill(oval(706, 728, 15), darker(colour, 0.3))
    for x, y, r in ((420, 790, 26), (470, 850, 15)):
        c.cast(oval(x, y, r), dx=4, dy=8, blur=6)
        c.solid(oval(x, y, r), colour, edge=9)


@_SCENE.picture("planner-week", flat=True)
def _planner(c: Canvas) -> None:
    pad = box(90, 210, 910, 800, 14)
    c.cast(pad, dx=18, dy=26, blur=20, alpha=0.36)
    for drop in (22, 14, 6):
        c.solid(pad.moved(0, drop), p.OAT, edge=8)
    c.solid(pad, p.WHITE, edge=12, shade=0.1)
    with c.inside(pad):
        c.fill(box(60, 180, 940, 256), p.PINE)
        c.fill(box(60, 248, 940, 256), p.SHADE, 0.2)
        c.fill(box(778, 256, 940, 820), p.HONEY, 0.5)
    tints = (p.CORAL, p.MUSTARD, p.SAGE, p.SEA, p.SKY, p.PLUM, p.BLUSH)
    for i, tint in enumerate(tints):
        x = 112 + i * 94
        c.fill(box(x, 284, x + 80, 330, 16), tint)
        c.line([(x + 87, 290), (x + 87, 770)], 3, p.SLATE, 0.3)
        for line in range(6):
            y = 382 + line * 66
            c.line([(x + 6, y), (x + 74, y)], 3, p.SLATE, 0.22)
            if (i * 5 + line * 3) % 4:
                c.line(
                    [(x + 10, y - 16), (x + 34 + (i * 17 + line * 11) % 34, y - 16)], 8, tint, 0.8
                )
    for i in range(5):
        y = 320 + i * 92
        c.solid(box(798, y, 826, y + 28, 6), p.WHITE, edge=6)
        c.line([(844, y + 14), (888 - i * 13 % 20, y + 14)], 7, p.SLATE, 0.6)
        if i < 3:
            c.line([(800, y + 10), (811, y + 22), (832, y - 8)], 9, p.LEAF)
    pencil = box(300, 860, 760, 896, 6).turned(-5, (500, 880))
    tip = poly((300, 860), (236, 878), (300, 896)).turned(-5, (500, 880))
    c.cast(pencil + tip, dx=8, dy=14, blur=10)
    c.solid(tip, p.ASH, edge=10)
    c.fill(poly((258, 872), (236, 878), (258, 884)).turned(-5, (500, 880)), p.INK)
    c.solid(pencil, p.CORAL, edge=14)


@_SCENE.picture("brush-set", flat=True)
def _brushes(c: Canvas) -> None:
    c.line(
        curve((90, 800), (260, 690), (430, 760), (640, 700), (900, 770)), 66, p.NAVY, 0.9, end=16
    )
    for x, drop, wide in ((270, 90, 0.62), (495, 40, 0.86), (740, 0, 1.2)):
        _brush(c, x, drop, wide)


def _brush(c: Canvas, x: float, drop: float, k: float) -> None:
    hair = poly(
        (x - 40 * k, 620 + drop), (x + 40 * k, 620 + drop), (x + 46 * k, 700 + drop, 40),
        (x, 850 + drop, 8), (x - 46 * k, 700 + drop, 40),
    )  # fmt: skip
    handle = box(x - 26 * k, 150 + drop, x + 26 * k, 580 + drop, 12)
    collar = poly((x - 30 * k, 556 + drop), (x + 30 * k, 556 + drop), (x + 42 * k, 630 + drop),
                  (x - 42 * k, 630 + drop))  # fmt: skip
    c.line(arc(x, 116 + drop, 24, 44, 90, 450), 7, p.RED)
    c.cast(hair + handle + collar, dx=18, dy=20, blur=14, alpha=0.34)
    c.solid(hair, p.CREAM, edge=24)
    with c.inside(hair):
        c.fill(
            blob((x - 80, 760 + drop), (x, 730 + drop), (x + 80, 766 + drop), (x, 900 + drop)),
            p.NAVY,
        )
        for dx in (-18, 0, 18):
            c.line([(x + dx * k, 630 + drop), (x + dx * k, 740 + drop)], 4, p.SHADE, 0.25)
    c.solid(handle, p.ASH, edge=18)
    for y in (250, 390, 510):
        knot = box(x - 30 * k, y + drop, x + 30 * k, y + drop + 16, 8)
        c.solid(knot, p.WOOD, edge=8)
    c.line([(x - 12 * k, 180 + drop), (x - 12 * k, 540 + drop)], 7, p.LIGHT, 0.5)
    c.solid(collar, p.WALNUT, edge=16)

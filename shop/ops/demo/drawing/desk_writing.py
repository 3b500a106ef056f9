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
    star,
    stroke,
    thrown,
    turned,
    union,
)  # fmt: skip

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
    for i in range(6):
        x = 262 + i * 95
        top = 110 + (i * 3 % 5) * 26
        _pencil(c, x, top)
    case = box(180, 520, 820, 890, 26)
    c.cast(case, dx=16, dy=16, blur=16, alpha=0.34)
    c.solid(case, p.PINE, edge=30)
    flap = poly((180, 520), (820, 520), (820, 600, 20), (500, 700, 60), (180, 600, 20))
    c.cast(flap, dx=0, dy=8, blur=8, alpha=0.3)
    c.solid(flap, lighter(p.PINE, 0.1), edge=16)
    c.solid(oval(500, 640, 24), p.BRASS, edge=12)
    for x in (204, 796):
        for y in range(560, 870, 34):
            c.line([(x, y), (x, y + 18)], 5, p.SAGE)


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
    for y in (330, 350):
        c.fill(box(x - 34, y, x + 34, y + 10), p.BRASS)


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
    c.solid(body, p.RED, edge=34)
    c.solid(box(366, 438, 392, 562, 6).turned(-turn), p.BRASS, edge=10)
    c.solid(box(560, 438, 582, 562, 4).turned(-turn), p.BRASS, edge=10)
    c.solid(box(786, 440, 806, 560, 4).turned(-turn), p.BRASS, edge=10)
    c.line(turned([(410, 470), (548, 470)], -turn), 16, p.LIGHT, 0.5)
    c.line(turned([(600, 470), (770, 470)], -turn), 16, p.LIGHT, 0.5)


@_SCENE.picture("cards-letter", flat=True)
def _cards(c: Canvas) -> None:
    back = box(300, 180, 860, 560, 14).turned(9, (580, 370))
    c.cast(back, dx=12, dy=18, blur=16, alpha=0.3)
    c.solid(back, p.WHITE, edge=12, shade=0.1)
    with c.inside(back):
        for x, y, colour in ((440, 300, p.CORAL), (560, 270, p.MUSTARD), (690, 310, p.PLUM)):
            _flower(c, x, y, colour)
        for y in (460, 500):
            c.line([(420, y), (680, y + 36)], 6, p.SLATE, 0.4)
    front = box(130, 420, 790, 850, 18).turned(-5, (460, 640))
    c.cast(front, dx=16, dy=22, blur=18, alpha=0.36)
    c.solid(front, p.BLUSH, edge=20, shade=0.14)
    with c.inside(front):
        low = poly((60, 900), (460, 600, 40), (860, 900)).turned(-5, (460, 640))
        c.fill(low, darker(p.BLUSH, 0.08))
        flap = poly((80, 400), (840, 400), (470, 690, 50)).turned(-5, (460, 640))
        c.cast(flap, dx=2, dy=14, blur=12, alpha=0.34)
        c.solid(flap, lighter(p.BLUSH, 0.2), edge=14)
    seal = blob(*[(472 + dx, 672 + dy) for dx, dy in (
        (0, -62), (40, -46), (64, 0), (46, 44), (4, 62), (-44, 48), (-62, 2),
        (-42, -42))])  # fmt: skip
    c.cast(seal, dx=4, dy=8, blur=8)
    c.solid(seal, p.RED, edge=18)
    c.line(arc(472, 672, 36, 36, 0, 360), 6, darker(p.RED))
    c.fill(star(472, 672, 24, 10, 5), darker(p.RED))


def _flower(c: Canvas, x: float, y: float, colour: Colour) -> None:
    c.line(curve((x, y), (x + 8, y + 60), (x - 6, y + 130)), 8, p.LEAF)
    leaf = blob((x, y + 96), (x + 30, y + 60), (x + 60, y + 56), (x + 40, y + 90))
    c.fill(leaf, p.LEAF)
    petals = [oval(x, y - 26, 18, 28).turned(72 * i, (x, y)) for i in range(5)]
    c.fill(union(petals), colour)
    c.fill(oval(x, y, 14), p.HONEY)


@_SCENE.coloured("sealing-wax", red=p.RED, navy=p.NAVY, gold=p.BRASS)
def _wax(c: Canvas, colour: Colour) -> None:
    c.ground(470, 330)
    stick = stroke([(620, 800), (850, 560)], 66)
    for dx, tint in ((0, colour), (-96, lighter(colour, 0.16))):
        one = stick.moved(dx + 16, dx * 0.1)
        c.cast(one, dx=14, dy=16, blur=12)
        c.solid(one, tint, edge=22)
        c.line([(628 + dx, 778 + dx * 0.1), (836 + dx, 562 + dx * 0.1)], 12, p.LIGHT, 0.4)
        c.line(curve((856 + dx, 548), (870 + dx, 500), (900 + dx, 480)), 8, p.CREAM)
    seal = blob((130, 800), (200, 745), (330, 735), (450, 760), (500, 812), (440, 866), (300, 884),
                (170, 868))  # fmt: skip
    c.cast(seal, dx=10, dy=12, blur=10)
    c.solid(seal, colour, edge=24)
    c.fill(oval(318, 806, 132, 44), darker(colour, 0.22))
    c.solid(oval(318, 812, 126, 38), lighter(colour, 0.06), edge=10)
    c.line(curve((240, 815), (290, 800), (340, 815), (395, 803)), 9, darker(colour, 0.35))
    with c.placed(400, 730, 0.95):
        c.solid(thrown(430, (740, 112), (800, 118), straight=True), p.BRASS, edge=34)
        c.solid(thrown(430, (650, 40), (700, 44), (740, 92), tilt=0.1), p.BRASS, edge=26)
        grip = thrown(430, (300, 54), (360, 88), (450, 84), (560, 48), (650, 52))
        c.solid(grip, p.WALNUT, edge=36)
        c.line(curve((368, 350), (364, 420), (392, 530)), 18, p.LIGHT, 0.4)


@_SCENE.picture("planner-week", flat=True)
def _planner(c: Canvas) -> None:
    pad = box(130, 190, 870, 840, 26)
    c.cast(pad, dx=18, dy=24, blur=20, alpha=0.34)
    c.solid(pad.moved(8, 12), p.OAT, edge=12)
    c.solid(pad, p.WHITE, edge=14, shade=0.1)
    with c.inside(pad):
        c.fill(box(100, 150, 900, 300), p.TERRACOTTA)
        c.fill(box(100, 292, 900, 300), p.SHADE, 0.2)
    for i in range(12):
        x = 180 + i * 58
        c.fill(oval(x, 228, 12), darker(p.TERRACOTTA, 0.5))
        c.line(arc(x, 196, 13, 36, 100, 420), 9, p.STEEL)
    tints = (p.BLUSH, p.GLASS, p.HONEY, p.SAGE, p.CORAL, p.SKY, p.CREAM)
    for i in range(7):
        x, y = 164 + i % 4 * 172, 330 + i // 4 * 250
        cell = box(x, y, x + 156, y + 232, 14)
        c.fill(cell, tints[i], 0.4)
        c.fill(box(x, y, x + 156, y + 36, 12), tints[i])
        for line in range(3):
            ly = y + 80 + line * 46
            c.line([(x + 22, ly), (x + 130 - (i * 37 + line * 23) % 50, ly)], 8, p.SLATE, 0.5)
    note = box(692, 590, 830, 728, 6).turned(5, (760, 660))
    c.cast(note, dx=4, dy=8, blur=6)
    c.solid(note, p.HONEY, edge=10)
    tick = [(728, 662), (752, 688), (796, 630)]
    c.line(tick, 14, p.LEAF)


@_SCENE.picture("brush-set", flat=True)
def _brushes(c: Canvas) -> None:
    kinds = ((210, 60, p.TERRACOTTA, "round"), (355, 20, p.SEA, "flat"),
        (500, 70, p.MUSTARD, "round"),
             (645, 10, p.PLUM, "fan"), (790, 50, p.LEAF, "round"))  # fmt: skip
    for x, drop, colour, kind in kinds:
        _brush(c, x, drop, colour, kind)


def _brush(c: Canvas, x: float, drop: float, colour: Colour, kind: str) -> None:
    handle = poly((x - 24, 340 + drop), (x + 24, 340 + drop), (x + 34, 480 + drop, 60),
                  (x + 9, 850, 8), (x - 9, 850, 8), (x - 34, 480 + drop, 60))  # fmt: skip
    ferrule = poly(
        (x - 34, 240 + drop), (x + 34, 240 + drop), (x + 25, 350 + drop), (x - 25, 350 + drop)
    )
    y = drop
    hair = {
        "round": blob((x - 30, 240 + y), (x - 40, 180 + y), (x, 90 + y), (x + 40, 180 + y),
        (x + 30, 240 + y)),
        "flat": poly((x - 34, 246 + y), (x - 52, 130 + y, 8), (x + 52, 130 + y, 8),
        (x + 34, 246 + y)),
        "fan": poly((x - 30, 246 + y), (x - 76, 150 + y, 10), (x, 110 + y, 60),
        (x + 76, 150 + y, 10),
                    (x + 30, 246 + y)),
    }[kind]  # fmt: skip
    c.cast(hair + ferrule + handle, dx=16, dy=18, blur=14, alpha=0.34)
    c.solid(hair, p.WOOD, edge=22)
    with c.inside(hair):
        c.fill(box(x - 90, 60 + y, x + 90, 176 + y), colour)
        for dx in (-20, 0, 20):
            c.line([(x + dx * 0.8, 240 + y), (x + dx * 1.4, 130 + y)], 4, p.SHADE, 0.25)
    c.solid(handle, colour, edge=18)
    c.line([(x - 12, 480 + drop), (x - 5, 700)], 8, p.LIGHT, 0.5)
    c.solid(ferrule, p.STEEL, edge=18)
    for dy in (320, 334):
        c.line([(x - 26, dy + drop), (x + 26, dy + drop)], 4, p.SHADE, 0.35)

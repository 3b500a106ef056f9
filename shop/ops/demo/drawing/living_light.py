"""Living room, light."""

from typing import Final

from shop.ops.demo.drawing import palette as p
from shop.ops.demo.drawing.album import Scene
from shop.ops.demo.drawing.canvas import Canvas
from shop.ops.demo.drawing.palette import Colour, darker, lighter
from shop.ops.demo.drawing.parts import bulb, flame
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
)

_SCENE: Final = Scene("living-room-light")
_WAX = "#f0c05a"


@_SCENE.picture("lamp-pier")
def _table_lamp(c: Canvas) -> None:
    c.glow(500, 380, 480, p.HONEY, 0.5)
    c.ground(500, 180)
    c.solid(thrown(500, (806, 150), (826, 168), tilt=0.14, straight=True), p.WALNUT, edge=40)
    foot = thrown(500, (500, 22), (560, 26), (600, 62), (680, 84), (760, 60), (800, 110), tilt=0.1)
    c.solid(foot, p.ASH, edge=34)
    for y, r in ((596, 58), (764, 62)):
        c.line(arc(500, y, r, r * 0.12, 0, 180), 7, p.WALNUT, 0.6)
    c.line(curve((446, 650), (440, 690), (456, 735)), 16, p.LIGHT, 0.6)
    shade = thrown(500, (170, 168), (500, 292), tilt=0.1, straight=True)
    c.fade(shade, "#fbe2ad", "#ffd98a")
    with c.inside(shade):
        c.glow(500, 400, 250, "#fffbe6", 0.95)
        for i in range(-10, 11):
            c.line([(500 + i * 17, 150), (500 + i * 30, 540)], 6, "#c98b3c", 0.34)
        c.fill(poly((610, 150), (700, 150), (830, 540), (690, 540)), p.RUST, 0.13)
    c.line(arc(500, 500, 292, 29, 0, 180), 10, p.WHITE, 0.8)
    c.fill(oval(500, 170, 168, 17), "#fff3cf")
    c.line(curve((640, 820), (740, 850), (830, 840), (960, 868), (1010, 860)), 8, p.INK)


@_SCENE.picture("candle-wax")
def _candles(c: Canvas) -> None:
    for x, top, y in ((385, 330, 850), (610, 250, 850)):
        c.ground(x, 120, y)
        c.glow(x, top - 60, 330, p.HONEY, 0.5)
    for x, top in ((385, 330), (610, 250)):
        body = thrown(x, (top, 62), (780, 74), tilt=0.2, straight=True)
        c.solid(body, _WAX, edge=34)
        with c.inside(body):
            c.fade(box(x - 90, top - 20, x + 90, top + 170), "#fff0bb", _WAX)
            c.line([(x - 46, top + 80), (x - 52, 740)], 14, p.LIGHT, 0.5)
            c.fill(box(x + 34, top - 20, x + 100, 860), p.RUST, 0.22)
        c.fill(oval(x, top, 62, 13), "#fff3c9")
        drip = stroke([(x + 30, top + 6), (x + 32, top + 90)], 24, 30)
        c.fill(drip, "#f8d684")
        c.line([(x, top + 2), (x, top - 26)], 7, p.INK)
        flame(c, x, top - 16, 1.15)
        dish = thrown(x, (790, 112), (826, 84), tilt=0.16)
        c.solid(dish, p.TERRACOTTA, edge=30)
        c.fill(oval(x, 790, 112, 18), lighter(p.TERRACOTTA))
        c.solid(thrown(x, (740, 82), (786, 82), tilt=0.16, straight=True), p.TERRACOTTA, edge=26)


@_SCENE.picture("lantern-storm")
def _lantern(c: Canvas) -> None:
    c.glow(500, 540, 480, p.HONEY, 0.5)
    c.ground(500, 215)
    steel = p.STEEL
    c.line(arc(500, 330, 250, 250, 184, 356), 16, darker(steel))
    for x in (274, 726):
        c.solid(stroke(curve((500, 260), (x, 300), (x, 560), (x, 740)), 30), steel, edge=12)
    tank = thrown(500, (722, 190), (760, 216), (826, 208), tilt=0.12)
    c.solid(tank, steel, edge=52)
    c.solid(oval(620, 770, 30, 24), p.RED, edge=12)
    c.solid(thrown(500, (690, 96), (726, 120), straight=True), darker(steel, 0.1), edge=30)
    glass = thrown(500, (400, 92), (470, 150), (560, 172), (640, 148), (690, 98), tilt=0.1)
    c.fill(glass, "#ffe6a6", 0.9)
    with c.inside(glass):
        c.glow(500, 570, 200, "#fffbe6", 0.9)
    flame(c, 500, 660, 1.35, glow=0)
    c.line(curve((392, 470), (356, 555), (384, 640)), 16, p.WHITE, 0.85)
    for y in (500, 610):
        c.line(arc(500, y, 164, 26, 0, 180), 8, darker(steel))
    c.solid(thrown(500, (330, 74), (400, 104), straight=True), steel, edge=30)
    cap = half(500, 338, 170, 76) + half(500, 338, 170, 20, 0)
    c.solid(cap, steel, edge=36)
    c.solid(thrown(500, (216, 60), (266, 74), straight=True), steel, edge=24)
    c.fill(oval(500, 216, 60, 9), lighter(steel))
    for x in (466, 500, 534):
        c.line([(x, 236), (x, 254)], 9, p.INK, 0.6)


@_SCENE.coloured("lamp-pendant", mustard=p.MUSTARD, sage=p.SAGE, slate=p.SLATE)
def _pendant(c: Canvas, colour: Colour) -> None:
    beam = poly((230, 560), (770, 560), (930, 850), (70, 850))
    c.fade(beam, "#f9dc94", "#7c7a84", alpha=0.5)
    c.fill(oval(500, 850, 430, 60), p.HONEY, 0.42)
    c.line([(500, 0), (500, 190)], 12, p.INK)
    c.solid(box(462, 178, 538, 246, 16), p.BRASS, edge=18)
    bulb(c, 500, 570, 66)
    shade = thrown(500, (236, 66), (262, 104), (340, 190), (450, 268), (560, 304), tilt=0.12)
    opening = oval(500, 560, 304, 50)
    c.solid(shade, colour, edge=84, shade=0.24)
    c.line(curve((420, 290), (330, 380), (268, 480)), 28, p.LIGHT, 0.45)
    c.fill(opening, lighter(colour, 0.5))
    c.fill(oval(500, 562, 288, 43), "#ffe9b0")
    with c.inside(oval(500, 562, 288, 43)):
        c.glow(500, 575, 220, "#fffdf0", 1)
    with c.inside(box(0, 566, 1000, 1000) + oval(500, 562, 288, 43)):
        bulb(c, 500, 572, 66, lit=False)
        c.fill(oval(500, 572, 66), "#fff4cd")
        c.glow(500, 610, 260, p.HONEY, 0.4)


@_SCENE.picture("candlestick-iron")
def _candlestick(c: Canvas) -> None:
    iron = "#3a3644"
    c.glow(500, 150, 330, p.HONEY, 0.5)
    c.ground(490, 230)
    c.solid(oval(500, 812, 220, 50), iron, edge=20, light=0.4)
    c.fill(oval(500, 802, 192, 38), lighter(iron, 0.14))
    c.solid(oval(500, 798, 190, 36), iron, edge=12, light=0.4)
    ring = stroke(arc(748, 770, 62, 58, 0, 360), 26)
    c.solid(ring, iron, edge=10, light=0.4)
    stem = thrown(500, (560, 34), (600, 54), (640, 26), (720, 26), (760, 44), (800, 96), tilt=0.1)
    c.solid(stem, iron, edge=20, light=0.4)
    candle = thrown(500, (230, 52), (540, 54), tilt=0.2, straight=True)
    c.solid(candle, p.CREAM, edge=28)
    with c.inside(candle):
        c.fade(box(440, 210, 560, 340), "#fff3c8", p.CREAM)
        c.fill(box(530, 200, 600, 700), p.PLUM, 0.2)
    c.fill(oval(500, 230, 52, 11), p.WHITE)
    c.fill(stroke([(470, 236), (468, 300)], 22, 28), p.WHITE)
    cup = thrown(500, (512, 84), (560, 62), tilt=0.14)
    c.solid(cup, iron, edge=20, light=0.4)
    c.line(arc(500, 512, 84, 12, 0, 180), 6, p.STEEL, 0.6)
    c.line([(500, 232), (500, 206)], 7, p.INK)
    flame(c, 500, 216, 1.15)


@_SCENE.picture("lights-string", flat=True)
def _string(c: Canvas) -> None:
    spans = [
        curve((40, 190), (270, 330), (500, 356), (730, 320), (970, 170)),
        curve((20, 520), (260, 650), (500, 690), (740, 640), (985, 500)),
    ]
    for x, y in ((30, 180), (970, 160), (20, 510), (984, 490)):
        c.solid(oval(x, y, 22), p.BRASS, edge=10)
    for wire in spans:
        c.line(wire, 11, "#262a3d")
    bulbs = [spans[0][i] for i in (8, 18, 28, 38, 48)] + [spans[1][i] for i in (7, 17, 28, 39, 49)]
    for left, top in bulbs:
        c.glow(left, top + 120, 180, p.HONEY, 0.62)
    for left, top in bulbs:
        _hanging_bulb(c, left, top)


def _hanging_bulb(c: Canvas, x: float, y: float) -> None:
    c.solid(box(x - 23, y - 4, x + 23, y + 56, 8), "#262a3d", edge=12, light=0.3)
    glass = blob((x - 20, y + 54), (x + 20, y + 54), (x + 56, y + 110), (x + 40, y + 168),
                 (x, y + 186), (x - 40, y + 168), (x - 56, y + 110))  # fmt: skip
    c.solid(glass, "#ffe39a", edge=22, shade=0.12, light=0.6)
    thread = curve(
        (x - 14, y + 70), (x - 20, y + 120), (x, y + 100), (x + 20, y + 120), (x + 14, y + 70)
    )
    c.line(thread, 6, "#e38a2c")
    c.line([(x - 28, y + 96), (x - 32, y + 128)], 9, p.WHITE, 0.9)


@_SCENE.picture("lamp-reading")
def _reading_lamp(c: Canvas) -> None:
    metal = p.TERRACOTTA
    beam = poly((210, 372), (420, 336), (560, 846), (40, 846))
    c.fade(beam, "#f9dc94", "#8a8078", alpha=0.5)
    c.fill(oval(300, 848, 260, 40), p.HONEY, 0.4)
    c.ground(690, 140)
    _stool(c)
    c.solid(thrown(690, (806, 120), (830, 132), tilt=0.16), metal, edge=34)
    c.fill(oval(690, 806, 120, 20), lighter(metal, 0.2))
    c.solid(stroke([(690, 800), (690, 470)], 24), p.ASH, edge=10)
    c.solid(stroke([(690, 480), (690, 452)], 34), p.BRASS, edge=10)
    neck = curve((690, 460), (690, 260), (640, 140), (520, 110), (420, 160), (378, 220))
    c.solid(stroke(neck, 18), "#2a2d40", edge=7, light=0.4)
    shade = poly((350, 176, 40), (430, 206, 40), (448, 330, 20), (190, 382, 20), (232, 270, 50))
    c.solid(shade, metal, edge=50, shade=0.24)
    c.line(curve((350, 212), (282, 264), (246, 330)), 20, p.LIGHT, 0.5)
    c.fill(oval(319, 356, 132, 30).turned(-11, (319, 356)), "#ffe9b0")
    c.line(curve((800, 826), (880, 812), (930, 850), (1010, 840)), 9, p.INK)


def _stool(c: Canvas) -> None:
    """A stool with the book that is being read."""
    for x, foot in ((210, 180), (390, 420)):
        c.solid(stroke([(x, 720), (foot, 842)], 24), p.WALNUT, edge=8)
    c.solid(box(150, 690, 450, 732, 18), p.WOOD, edge=14)
    for side in (-1, 1):
        page = blob(
            (300, 690), (300 + side * 60, 654), (300 + side * 140, 668), (300 + side * 140, 690)
        )
        c.solid(page, p.WHITE, edge=10)
    c.line([(160, 690), (440, 690)], 9, p.RED)


@_SCENE.coloured("holder-tealight", amber="#e09a3c", green="#6f9f78", rose="#d58a90")
def _tealight(c: Canvas, colour: Colour) -> None:
    _glass_light(c, 700, 770, 0.62, colour)
    _glass_light(c, 420, 850, 1, colour)


def _glass_light(c: Canvas, x: float, y: float, zoom: float, colour: Colour) -> None:
    with c.placed(x, y, zoom):
        c.glow(500, 560, 520, p.HONEY, 0.42)
        c.ground(500, 260)
        body = thrown(500, (430, 230), (560, 268), (700, 258), (812, 190), tilt=0.16)
        c.fill(oval(500, 430, 230, 37), darker(colour, 0.3))
        c.fill(body, colour, 0.92)
        with c.inside(body):
            c.glow(500, 640, 270, "#fff1b8", 0.95)
            cup = thrown(500, (700, 120), (780, 120), tilt=0.16, straight=True)
            c.solid(cup, p.STEEL, edge=26)
            c.fill(oval(500, 700, 112, 16), p.WHITE)
            flame(c, 500, 690, 1.3, glow=0)
            for i in range(-6, 7):
                line = [(500 + i * 36, 420), (500 + i * 44, 600), (500 + i * 30, 860)]
                c.line(curve(*line), 10, lighter(colour, 0.3), 0.34)
            c.fill(poly((640, 380), (860, 380), (860, 900), (620, 900)), p.SHADE, 0.14)
            c.line(curve((300, 480), (272, 580), (292, 690)), 24, p.WHITE, 0.6)
        c.fill(oval(500, 430, 230, 37) - oval(500, 433, 210, 30), lighter(colour, 0.45))


@_SCENE.picture("bulb-filament")
def _filament(c: Canvas) -> None:
    c.glow(500, 410, 490, p.HONEY, 0.62)
    c.ground(500, 110)
    screw = thrown(500, (640, 96), (790, 92), tilt=0.1, straight=True)
    c.solid(thrown(500, (780, 80), (838, 34), straight=True), p.INK, edge=20, light=0.3)
    c.solid(screw, p.BRASS, edge=40)
    for y in (664, 702, 740, 778):
        c.line(curve((398, y), (500, y + 18), (604, y + 4)), 17, darker(p.BRASS, 0.32))
        c.line(curve((398, y - 10), (480, y + 6), (560, y + 4)), 7, p.LIGHT, 0.6)
    glass = blob((410, 640), (380, 570), (286, 470), (258, 350), (300, 220), (400, 140), (500, 120),
                 (600, 140), (700, 220), (742, 350), (714, 470), (620, 570),
                 (590, 640))  # fmt: skip
    c.fill(glass, "#ffe7a8", 0.92)
    with c.inside(glass):
        c.glow(500, 370, 280, "#fffdf0", 0.9)
        c.fill(blob((700, 160), (790, 350), (600, 640), (690, 360)), p.RUST, 0.12)
    c.fill(poly((462, 640), (538, 640), (520, 520), (480, 520)), p.STEEL, 0.9)
    for i in range(5):
        x = 400 + i * 50
        c.line([(x, 260), (x, 460)], 12, "#e8892b")
        if i < 4:
            y = 260 if i % 2 else 460
            c.line(arc(x + 25, y, 25, 20, 180, 360 if i % 2 else 0), 12, "#e8892b")
    c.line([(490, 530), (400, 462)], 8, darker(p.STEEL))
    c.line([(510, 530), (600, 462)], 8, darker(p.STEEL))
    c.line(curve((330, 250), (300, 340), (320, 440)), 26, p.WHITE, 0.9)
    c.line([(372, 196), (376, 192)], 26, p.WHITE, 0.9)

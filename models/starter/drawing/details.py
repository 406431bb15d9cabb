"""What is sewn onto a top: closures, pockets, hems, cuffs, trims and decorations."""

import numpy as np

from models.starter.drawing.canvas import Canvas
from models.starter.drawing.garment import Garment
from models.starter.drawing.necklines import front_edge, neck_depth
from models.starter.drawing.palette import Palette, companion, luma
from models.starter.drawing.pen import Field, Outline, Patch, bend, circle, mirror
from models.starter.drawing.prints import motif_coverage
from models.starter.drawing.silhouettes import MIDDLE, Measures, Sleeve, side

METAL = np.array([196, 199, 204], np.float32)
WHITE = np.array([244, 243, 240], np.float32)


def _box(x0: float, y0: float, x1: float, y1: float) -> Outline:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def neck_low(m: Measures, garment: Garment) -> float:
    """The lowest point of the front neck edge."""
    return m.top + neck_depth(m, garment.drawn_neckline or "crew")


def stamp(canvas: Canvas, motif: str, x: float, y: float, side_length: float, colour: Field, strength: float = 1.0) -> None:
    """Prints a motif centred at a design point."""
    pen = canvas.pen
    pixels = round(side_length * pen.unit)
    (px, py), = pen.place([(x, y)])
    left, top = round(px - pixels / 2), round(py - pixels / 2)
    coverage = motif_coverage(motif, pixels)
    patch = Patch(slice(top, top + pixels), slice(left, left + pixels), coverage)
    canvas.dye(patch, colour, strength)


def front_print(canvas: Canvas, m: Measures, garment: Garment, palette: Palette) -> None:
    """The print on the chest: large for a placement print, small for a print."""
    motif = garment.front_print
    if motif is None:
        return
    large = garment.pattern != "print"
    side_length = min(m.chest * (1.42 if large else 0.8), 76)
    y = max(m.underarm + (8 if large else 0), neck_low(m, garment) + 12 + side_length / 2)
    if garment.type == "hoodie":  # between the cords' ends and the pouch
        side_length = min(side_length, 50.0)
        y = m.hem_y - 64 - side_length / 2
    stamp(canvas, motif, MIDDLE, y, side_length, palette.printed, 0.94)


def button(canvas: Canvas, x: float, y: float, base: Field, radius: float = 2.1, metal: bool = False) -> None:
    """A sewn button, or a press stud of metal."""
    tone = METAL if metal else WHITE if luma(base) < 205 else np.array([176, 170, 160], np.float32)
    canvas.shade(canvas.pen.fill(circle(x + 0.4, y + 0.8, radius + 0.6)), 0.75)
    canvas.lay([circle(x, y, radius)], tone, 1.0, edge=0.45)


def placket(canvas: Canvas, m: Measures, garment: Garment, palette: Palette, low: float, buttons: int) -> None:
    """A button placket from the neck edge down to `low`."""
    start, wide = neck_low(m, garment) + (0 if "collar" in (garment.drawn_neckline or "") else 4), 4.6
    canvas.lay([_box(MIDDLE - wide, start, MIDDLE + wide, low)], palette.trim, 1.0, edge=0.0)
    canvas.seam([[(MIDDLE - wide, start), (MIDDLE - wide, low)], [(MIDDLE + wide, start), (MIDDLE + wide, low)]], 0.5)
    canvas.shade(canvas.pen.stroke([(MIDDLE + wide + 1.2, start), (MIDDLE + wide + 1.2, low)], width=2.2), 0.9)
    if low < m.hem_y - 8:
        canvas.seam([[(MIDDLE - wide, low), (MIDDLE + wide, low)]], 0.55)
    studs = "press studs" in garment.details
    for y in np.linspace(start + 7, low - 6, buttons):
        button(canvas, MIDDLE, float(y), palette.base if palette.trim is None else palette.trim, metal=studs)


def zip_front(canvas: Canvas, m: Measures, garment: Garment, low: float) -> None:
    """A metal zip from the neck edge down to `low`."""
    start = neck_low(m, garment) - (0 if garment.drawn_neckline != "stand-up collar" else 10)
    canvas.seam([[(MIDDLE - 3.2, start), (MIDDLE - 3.2, low)], [(MIDDLE + 3.2, start), (MIDDLE + 3.2, low)]], 0.6)
    canvas.lay([_box(MIDDLE - 1.5, start, MIDDLE + 1.5, low)], np.array([120, 122, 128], np.float32), 1.0, edge=0.3)
    canvas.stitch([(MIDDLE, start), (MIDDLE, low)], 0.7, 1.6)
    canvas.lay([_box(MIDDLE - 2.2, start + 5, MIDDLE + 2.2, start + 15)], METAL, 1.0, edge=0.5)


def chest_pocket(canvas: Canvas, m: Measures, palette: Palette) -> None:
    """A patch pocket on the wearer's left."""
    x, y, w, h = MIDDLE + m.chest * 0.22, m.underarm - 14, m.chest * 0.44, m.chest * 0.5
    outline = [(x, y), (x + w, y), (x + w, y + h * 0.82), (x + w / 2, y + h), (x, y + h * 0.82)]
    canvas.shade(canvas.pen.fill([(px + 1, py + 1.6) for px, py in outline]), 0.85)
    canvas.lay([outline], palette.trim, 1.02, edge=0.62)
    canvas.seam([[(x, y + 5), (x + w, y + 5)]], 0.42)


def kangaroo_pocket(canvas: Canvas, m: Measures) -> None:
    """The pouch of a hoodie."""
    y = m.hem_y - 60
    half = [(MIDDLE, y), (MIDDLE + 22, y), *bend((MIDDLE + 22, y), (MIDDLE + 30, y + 14), (MIDDLE + 38, y + 24)), (MIDDLE + 38, y + 44), (MIDDLE, y + 46)]
    outline = [*mirror(half), *half]
    canvas.shade(canvas.pen.fill([(x, py + 2) for x, py in outline]), 0.9)
    canvas.lay([outline], None, 1.01, edge=0.55)


def cords(canvas: Canvas, m: Measures, garment: Garment, palette: Palette) -> None:
    """Drawstrings hanging from the neck."""
    y = neck_low(m, garment) + 3
    tone = palette.trim if palette.trim is not None else WHITE if luma(palette.base) < 190 else companion(palette.base, 0.5)
    for s in (-1, 1):
        line = bend((MIDDLE + s * 8, y - 3), (MIDDLE + s * 9, y + 18), (MIDDLE + s * 11, y + 38 + 4 * s))
        canvas.shade(canvas.pen.stroke([(px + 1.2, py + 1) for px, py in line], width=2.6), 0.75)
        canvas.dye(canvas.pen.stroke(line, width=2.6), tone)
        canvas.seam([line[-2:]], 0.5, 3.2)


def hem_finish(canvas: Canvas, m: Measures, garment: Garment, palette: Palette, ribbed: bool) -> None:
    """A ribbed band or a double-stitched hem."""
    if ribbed:
        upper = bend((MIDDLE + m.hem - 1, m.hem_y - 13), (MIDDLE, m.hem_y - 7), (MIDDLE - m.hem + 1, m.hem_y - 13))
        lower = bend((MIDDLE - m.hem + 3, m.hem_y), (MIDDLE, m.hem_y + 6), (MIDDLE + m.hem - 3, m.hem_y))
        canvas.lay([[*upper, *lower]], palette.trim, 0.98, edge=0.5)
        xs = np.linspace(-m.hem + 4, m.hem - 4, 27)
        canvas.seam([[(MIDDLE + x, m.hem_y - 9 - abs(x) * 0.07), (MIDDLE + x, m.hem_y + 1.5 - abs(x) * 0.05)] for x in xs], 0.3, 0.9)
        return
    rounded = "rounded hem" in garment.details or garment.type == "shirt"
    if not rounded:
        line = bend((MIDDLE - m.hem + 1, m.hem_y - 6), (MIDDLE, m.hem_y), (MIDDLE + m.hem - 1, m.hem_y - 6))
        canvas.seam([line], 0.34)
        canvas.stitch([(x, y + 2) for x, y in line], 0.26)


def cuff(canvas: Canvas, arm: Sleeve, garment: Garment, palette: Palette, kind: str) -> None:
    """Ends one right-hand sleeve and its mirror: "rib", "shirt", "band" or "stitched"."""
    trim = palette.trim if palette.trim is not None and (kind != "stitched" or "contrast cuffs" in garment.details) else None
    for turned in (False, True):
        def cut(outline: Outline, turned: bool = turned) -> list[tuple[float, float]]:
            return mirror(outline) if turned else list(outline)

        depth = {"rib": 12.0, "shirt": 13.0, "band": 6.0, "stitched": 5.0}[kind]
        band = arm.band(depth)
        if kind == "stitched" and trim is None:
            canvas.seam([cut(band[2:])], 0.36)
            continue
        canvas.lay([cut(band)], trim, 0.97, edge=0.55)
        if kind == "rib":
            canvas.seam([cut(rib) for rib in _ribs(band)], 0.28, 0.9)
        if kind == "shirt":
            (x, y), (u, v) = band[1], band[2]
            button(canvas, *cut([((x + u) / 2 + 4, (y + v) / 2 - 1)])[0], palette.base, 1.6)


def _ribs(band: Outline) -> list[Outline]:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = band
    return [
        [(ax + (bx - ax) * t, ay + (by - ay) * t), (dx + (cx - dx) * t, dy + (cy - dy) * t)]
        for t in np.linspace(0.15, 0.85, 6).tolist()
    ]


def side_panels(canvas: Canvas, m: Measures, palette: Palette, sleeveless: bool) -> None:
    """Contrast strips along both side seams."""
    edge = [p for p in side(m, sleeveless) if p[1] >= m.underarm]
    panel = [*edge, *[(x - 13, y) for x, y in reversed(edge)]]
    for outline in (panel, mirror(panel)):
        canvas.lay([outline], palette.second, 1.0, edge=0.45)


def piping(canvas: Canvas, m: Measures, palette: Palette, arm: Sleeve | None) -> None:
    """A contrast cord along the shoulder seams and the armholes."""
    lines: list[Outline] = [[(MIDDLE + m.neck + 4, m.top + 14), (MIDDLE + m.chest - 1, m.underarm - 22)]]
    if arm is not None:
        lines.append(arm.armhole)
    for line in lines:
        for turned in (line, mirror(line)):
            canvas.dye(canvas.pen.stroke(turned, width=2.4), palette.second)


def ruffles(canvas: Canvas, m: Measures, garment: Garment, palette: Palette) -> None:
    """Two rows of frills across the chest."""
    for row in (0, 1):
        y = max(m.underarm - 4, neck_low(m, garment) + 12) + row * 13
        half = m.chest - 3
        xs = np.linspace(-half, half, 41)
        lower = [(MIDDLE + float(x), y + 12 + 2.4 * float(np.sin(i * np.pi / 2.5))) for i, x in enumerate(xs)]
        outline = [(MIDDLE - half, y), (MIDDLE + half, y), *reversed(lower)]
        canvas.shade(canvas.pen.fill([(px, py + 2.5) for px, py in outline]), 0.8)
        canvas.lay([outline], palette.trim, 1.03, edge=0.5)
        canvas.seam([[(MIDDLE + float(x) * 0.98, y + 1), (MIDDLE + float(x), y + 9)] for x in xs[1::2]], 0.26, 1.0)


def lace(canvas: Canvas, m: Measures, garment: Garment, palette: Palette) -> None:
    """A scalloped lace border under the neck edge."""
    edge = front_edge(m, garment.drawn_neckline or "crew", 5)
    tone = palette.second if garment.second_role == "contrast" else WHITE if luma(palette.base) < 215 else companion(palette.base, 0.25)
    points = np.asarray(edge[1:-1])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    for s in np.arange(2, along[-1], 6.0):
        x, y = float(np.interp(s, along, points[:, 0])), float(np.interp(s, along, points[:, 1]))
        canvas.lay([circle(x, y + 4, 5.0, 10)], tone, 1.0, edge=0.4)
        canvas.lay([circle(x, y + 5, 1.3, 8)], palette.base, 0.9, edge=0.0)


def knot(canvas: Canvas, m: Measures) -> None:
    """A knot in the middle of the front hem."""
    y = m.hem_y - 16
    for s in (-1, 1):
        for reach, rise in ((40, 34), (30, 14), (20, 50)):
            canvas.seam([bend((MIDDLE + s * 6, y), (MIDDLE + s * reach * 0.5, y - rise * 0.3), (MIDDLE + s * reach, y - rise))], 0.4, 1.4)
        tail = [(MIDDLE + s * 3, y), (MIDDLE + s * 20, y + 17), (MIDDLE + s * 9, y + 25)]
        canvas.lay([tail], None, 0.97, edge=0.6)
    canvas.lay([circle(MIDDLE, y, 8.5, 16)], None, 1.04, edge=0.7)
    canvas.seam([bend((MIDDLE - 5, y - 5), (MIDDLE + 4, y - 1), (MIDDLE + 3, y + 7))], 0.45)


def decorate(canvas: Canvas, m: Measures, garment: Garment, palette: Palette, rng: np.random.Generator) -> None:
    """Embroidery and applique as a small motif; sequins, rhinestones and glitter as bright dots on the chest."""
    kind = garment.decoration
    y = max(m.underarm, neck_low(m, garment) + 34)
    stated = palette.second if garment.second_role in ("contrast", "print") else companion(palette.base, 0.8)
    if kind == "embroidery":
        x = MIDDLE - m.chest * 0.45
        stamp(canvas, "flower", x, m.underarm - 4, 21, stated)
        canvas.seam([[(x - 9, m.underarm + 10), (x + 9, m.underarm + 10)]], 0.5, 1.4)
    elif kind == "applique":
        canvas.lay([circle(MIDDLE, y, 23, 28)], stated, 1.02, edge=0.5)
        canvas.stitch([*circle(MIDDLE, y, 20, 28), (MIDDLE + 20, y)], 0.55)
        stamp(canvas, garment.motif or "star", MIDDLE, y, 26, palette.base)
    elif kind is not None:
        count, radius, spread = {"sequins": (120, 1.9, 27.0), "rhinestones": (34, 1.8, 24.0), "glitter": (190, 0.9, 34.0)}[kind]
        _sparkle(canvas, palette, rng, (MIDDLE, y), count, radius, spread)


def _sparkle(
    canvas: Canvas, palette: Palette, rng: np.random.Generator, centre: tuple[float, float], count: int, radius: float, spread: float
) -> None:
    tones = np.array([[255, 255, 255], [214, 222, 236], [250, 226, 150], [150, 158, 176]], np.float32)
    turns, reach = np.arange(count) * 2.39996, np.sqrt((np.arange(count) + 0.5) / count) * spread
    order = rng.integers(0, 4, count)
    for tone in range(4):
        dots = [circle(centre[0] + r * np.cos(t), centre[1] + r * np.sin(t), radius, 7) for t, r in zip(turns[order == tone], reach[order == tone], strict=True)]
        if dots:
            canvas.lay(dots, tones[tone], 1.0, edge=0.35 if radius > 1 else 0.0)

"""Necklines, collars and hoods, laid onto a finished body."""

import numpy as np

from models.starter.drawing.canvas import Canvas
from models.starter.drawing.garment import Garment
from models.starter.drawing.palette import Palette
from models.starter.drawing.pen import Outline, Point, bend, mirror
from models.starter.drawing.silhouettes import MIDDLE, Measures, back_neck

DEPTHS = {
    "crew": 20.0, "crew with v-notch": 20.0, "henley": 20.0, "boat": 10.0, "scoop": 40.0, "square": 26.0, "v-neck": 42.0,
    "polo collar": 20.0, "kent collar": 18.0, "shirt collar": 26.0, "stand-up collar": 12.0, "turtleneck": 12.0,
    "hood": 24.0, "elasticated off-shoulder": 4.0,
}  # fmt: skip
COLLARS = ("polo collar", "kent collar", "shirt collar")
RIB = 5.5  # design units of a neck band


def neck_depth(m: Measures, neckline: str) -> float:
    """How far the front edge lies below the back neck, in design units."""
    return DEPTHS[neckline] * (0.85 if m.sleeve < 0.85 else 1.0)


def front_edge(m: Measures, neckline: str, grow: float = 0.0) -> list[Point]:
    """The front neck edge from the left to the right shoulder; `grow` moves it outwards."""
    width, low = m.neck + grow, m.top + neck_depth(m, neckline) + grow
    # A grown edge starts further down the shoulder seam.
    slope = (m.shoulder_y - m.top) / max(m.shoulder - m.neck, 6.0)
    left = (MIDDLE - width, m.top + grow * slope)
    if neckline in ("v-neck", *COLLARS, "hood"):
        half = bend(left, (MIDDLE - width * 0.62, m.top + (low - m.top) * 0.45), (MIDDLE, low))
    elif neckline == "square":
        half = [left, (MIDDLE - width + 1.5, low - 1), (MIDDLE - width + 4, low), (MIDDLE, low)]
    else:
        half = bend(left, (MIDDLE - width * 0.9, low), (MIDDLE, low))
    return [*half, *mirror(half)]


def opening(canvas: Canvas, m: Measures, garment: Garment, palette: Palette) -> None:
    """Cuts the neckline: the inside of the back shows, with its label, or an inner layer."""
    neckline = garment.drawn_neckline or "crew"
    front = front_edge(m, neckline)
    canvas.lay([[*back_neck(m), *reversed(front)]], palette.base, light=0.66, edge=0.25)
    tape = [(x, y + 4) for x, y in back_neck(m)]
    canvas.seam([tape], 0.35)
    if neckline not in ("elasticated off-shoulder", "boat", "turtleneck"):
        canvas.lay([_box(MIDDLE - 4.5, m.top + 5, MIDDLE + 4.5, m.top + 9.5)], np.array([228, 226, 220], np.float32), 0.95, 0.2)
    if palette.layer is not None:
        inner = [(x, y - 0.42 * (y - m.top)) for x, y in front]
        canvas.lay([[*inner, *reversed(front)]], palette.layer, light=0.96, edge=0.35)
        canvas.seam([[(x, y + 2.5) for x, y in inner]], 0.3)


def _box(x0: float, y0: float, x1: float, y1: float) -> Outline:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def finish_neck(canvas: Canvas, m: Measures, garment: Garment, palette: Palette) -> None:
    """Bands, collars, hoods over the opening."""
    neckline = garment.drawn_neckline or "crew"
    trim = palette.trim
    if neckline in COLLARS:
        _collar(canvas, m, neckline, palette)
    elif neckline == "stand-up collar":
        _stand_up(canvas, m, palette)
    elif neckline == "turtleneck":
        _turtleneck(canvas, m, palette)
    elif neckline == "hood":
        _hood_front(canvas, m, palette)
    elif neckline == "elasticated off-shoulder":
        _gathered(canvas, m, palette)
    else:
        width = RIB + (2 if garment.type in ("sweatshirt", "knit jumper", "cardigan") else 0)
        front, outer = front_edge(m, neckline), front_edge(m, neckline, width)
        canvas.lay([[*front, *reversed(outer)]], trim, light=0.97, edge=0.45)
        if garment.type in ("sweatshirt", "knit jumper", "cardigan") and neckline != "square":
            canvas.seam([[a, b] for a, b in zip(front[1::2], outer[1::2], strict=True)], 0.28, 0.9)
        canvas.shade(canvas.pen.stroke([(x, y + 1.5) for x, y in outer], width=2.4), 0.92)
    if neckline == "crew with v-notch":
        low = m.top + neck_depth(m, neckline)
        canvas.seam([[(MIDDLE - 7, low + RIB), (MIDDLE, low + 17), (MIDDLE + 7, low + RIB)]], 0.62, 1.5)
        canvas.seam([[(MIDDLE - 4, low + RIB), (MIDDLE, low + 12), (MIDDLE + 4, low + RIB)]], 0.4)


def _collar(canvas: Canvas, m: Measures, neckline: str, palette: Palette) -> None:
    n, top, low = m.neck, m.top, m.top + neck_depth(m, neckline)
    drop, spread = {"polo collar": (32, 4), "kent collar": (40, 6), "shirt collar": (33, 8)}[neckline]
    if m.sleeve < 0.85:
        drop *= 0.86
    stand = [*bend((MIDDLE - n, top + 4), (MIDDLE, top - 17), (MIDDLE + n, top + 4)), *bend((MIDDLE + n, top + 4), (MIDDLE, top + 7), (MIDDLE - n, top + 4))]
    canvas.lay([stand], palette.trim if palette.trim is not None else palette.base, light=0.8, edge=0.4)
    tip = (MIDDLE + n * 0.62 + spread, top + drop)
    leaf = [
        *bend((MIDDLE + n - 3, top - 3), (MIDDLE + n + 2, top - 1), (MIDDLE + n + 7, top + 7)),
        *bend((MIDDLE + n + 7, top + 7), (MIDDLE + n * 0.9 + spread, top + drop * 0.62), tip),
        *bend(tip, (MIDDLE + n * 0.3, low + 3), (MIDDLE + 0.5, low)),
        *bend((MIDDLE + 0.5, low), (MIDDLE + n * 0.75, top + (low - top) * 0.5), (MIDDLE + n - 3, top - 3)),
    ]  # fmt: skip
    for piece in (leaf, mirror(leaf)):
        canvas.shade(canvas.pen.fill([(x, y + 2.5) for x, y in piece]), 0.84)
    for piece in (leaf, mirror(leaf)):
        canvas.lay([piece], palette.trim, light=1.03, edge=0.6)
    if neckline != "polo collar":
        inset = [(x - 1.5, y - 3) for x, y in leaf[9:22]]
        canvas.stitch(inset, 0.3)
        canvas.stitch(mirror(inset), 0.3)


def _stand_up(canvas: Canvas, m: Measures, palette: Palette) -> None:
    n, top = m.neck, m.top
    back = [*bend((MIDDLE - n + 2, top - 9), (MIDDLE, top - 15), (MIDDLE + n - 2, top - 9)), *bend((MIDDLE + n - 2, top - 9), (MIDDLE, top + 16), (MIDDLE - n + 2, top - 9))]
    canvas.lay([back], palette.base, light=0.66, edge=0.4)
    left = [(MIDDLE - n + 2, top - 9), *bend((MIDDLE - n + 2, top - 9), (MIDDLE - n * 0.55, top), (MIDDLE - 0.5, top + 1)),
            *bend((MIDDLE - 0.5, top + 15), (MIDDLE - n * 0.7, top + 14), (MIDDLE - n - 3, top + 2))]  # fmt: skip
    for piece in (left, mirror(left)):
        canvas.lay([piece], palette.trim, light=1.0, edge=0.6)


def _turtleneck(canvas: Canvas, m: Measures, palette: Palette) -> None:
    n, top = m.neck + 1, m.top
    tube = [*bend((MIDDLE - n + 2, top - 20), (MIDDLE, top - 25), (MIDDLE + n - 2, top - 20)), *bend((MIDDLE + n + 1, top + 4), (MIDDLE, top + 19), (MIDDLE - n - 1, top + 4))]
    canvas.shade(canvas.pen.fill([(x, y + 2.5) for x, y in tube]), 0.85)
    canvas.lay([tube], palette.trim, light=1.0, edge=0.6)
    canvas.lay([[*bend((MIDDLE - n + 3, top - 20), (MIDDLE, top - 25), (MIDDLE + n - 3, top - 20)), *bend((MIDDLE + n - 3, top - 20), (MIDDLE, top - 13), (MIDDLE - n + 3, top - 20))]],
               palette.base, light=0.62, edge=0.4)  # fmt: skip
    canvas.seam([[(MIDDLE + k * n / 6.5, top - 15 - abs(k) * 0.3), (MIDDLE + k * n / 6.2, top + 9 - abs(k) * 0.7)] for k in range(-6, 7)], 0.25, 0.9)
    canvas.seam([bend((MIDDLE - n, top - 4), (MIDDLE, top + 5), (MIDDLE + n, top - 4))], 0.4)


def hood_back(canvas: Canvas, m: Measures, palette: Palette) -> None:
    """The hood behind the neck; laid before the body."""
    n, top = m.neck, m.top
    half = [*bend((MIDDLE, top - 29), (MIDDLE + n + 8, top - 30), (MIDDLE + n + 15, top - 4)), *bend((MIDDLE + n + 15, top - 4), (MIDDLE + n + 18, top + 10), (MIDDLE + n + 4, top + 22))]
    canvas.lay([[*mirror(half), *half]], palette.trim, light=0.99, edge=0.6)
    canvas.seam([[(MIDDLE, top - 29), (MIDDLE, top - 8)]], 0.35)


def _hood_front(canvas: Canvas, m: Measures, palette: Palette) -> None:
    n, top, low = m.neck, m.top, m.top + neck_depth(m, "hood")
    inside = [*bend((MIDDLE - n + 1, top + 1), (MIDDLE, top - 23), (MIDDLE + n - 1, top + 1)), *bend((MIDDLE + n - 1, top + 1), (MIDDLE + n * 0.5, low - 5), (MIDDLE, low)),
              *bend((MIDDLE, low), (MIDDLE - n * 0.5, low - 5), (MIDDLE - n + 1, top + 1))]  # fmt: skip
    canvas.lay([inside], palette.layer if palette.layer is not None else palette.base, light=0.6, edge=0.5)
    lapel = [*bend((MIDDLE + n - 1, top + 1), (MIDDLE + n * 0.5, low - 5), (MIDDLE, low)), *bend((MIDDLE + 1, low + 7), (MIDDLE + n * 0.75, low + 1), (MIDDLE + n + 9, top + 9)),
             *bend((MIDDLE + n + 9, top + 9), (MIDDLE + n + 6, top - 14), (MIDDLE + 2, top - 20)), *bend((MIDDLE + 2, top - 11), (MIDDLE + n * 0.8, top - 10), (MIDDLE + n - 1, top + 1))]  # fmt: skip
    for piece in (mirror(lapel), lapel):
        canvas.lay([piece], palette.trim, light=1.02, edge=0.5)


def _gathered(canvas: Canvas, m: Measures, palette: Palette) -> None:
    n, top = m.neck + 1, m.top
    band = [*bend((MIDDLE - n, top - 1), (MIDDLE, top + 5), (MIDDLE + n, top - 1)), *bend((MIDDLE + n + 3, top + 20), (MIDDLE, top + 29), (MIDDLE - n - 3, top + 20))]
    canvas.shade(canvas.pen.fill([(x, y + 3) for x, y in band]), 0.82)
    canvas.lay([band], palette.trim, light=1.0, edge=0.55)
    xs = np.linspace(-n + 3, n - 3, 19)
    canvas.seam([[(MIDDLE + x, top + 3 - abs(x) * 0.05), (MIDDLE + x * 1.04, top + 14 + 5 * (i % 2))] for i, x in enumerate(xs)], 0.35, 1.0)

"""Closures and pockets of tops: buttons, plackets, zips, cords."""

import numpy as np

from models.starter.drawing.canvas import Canvas
from models.starter.drawing.palette import WHITE, companion, luma
from models.starter.drawing.pen import Field, Point, bend, box, circle, mirror
from models.starter.drawing.piece import Piece
from models.starter.drawing.silhouettes import MIDDLE

METAL = np.array([196, 199, 204], np.float32)
ZIP_TEETH = np.array([120, 122, 128], np.float32)
HORN = np.array([176, 170, 160], np.float32)  # buttons of pale cloth, which white ones would not show on


def button(canvas: Canvas, at: Point, base: Field, radius: float = 2.1, *, metal: bool = False) -> None:
    """A sewn button, or a press stud of metal."""
    (x, y), sewn = at, WHITE if luma(base) < 205 else HORN
    canvas.shade(canvas.pen.fill(circle(x + 0.4, y + 0.8, radius + 0.6)), 0.75)
    canvas.lay([circle(x, y, radius)], METAL if metal else sewn, 1.0, edge=0.45)


def placket(piece: Piece, low: float, buttons: int) -> None:
    """A button placket from the neck edge down to `low`."""
    canvas, m, garment, palette = piece.canvas, piece.m, piece.garment, piece.palette
    start, wide = piece.neck_low + (0 if "collar" in (garment.drawn_neckline or "") else 4), 4.6
    canvas.lay([box(MIDDLE - wide, start, MIDDLE + wide, low)], palette.trim, 1.0, edge=0.0)
    canvas.seam([[(MIDDLE - wide, start), (MIDDLE - wide, low)], [(MIDDLE + wide, start), (MIDDLE + wide, low)]], 0.5)
    canvas.shade(canvas.pen.stroke([(MIDDLE + wide + 1.2, start), (MIDDLE + wide + 1.2, low)], width=2.2), 0.9)
    if low < m.hem_y - 8:
        canvas.seam([[(MIDDLE - wide, low), (MIDDLE + wide, low)]], 0.55)
    studs = "press studs" in garment.details
    for y in np.linspace(start + 7, low - 6, buttons):
        button(canvas, (MIDDLE, float(y)), palette.base if palette.trim is None else palette.trim, metal=studs)


def zip_front(piece: Piece, low: float) -> None:
    """A metal zip from the neck edge down to `low`."""
    canvas = piece.canvas
    start = piece.neck_low - (0 if piece.neckline != "stand-up collar" else 10)
    canvas.seam([[(MIDDLE - 3.2, start), (MIDDLE - 3.2, low)], [(MIDDLE + 3.2, start), (MIDDLE + 3.2, low)]], 0.6)
    canvas.lay([box(MIDDLE - 1.5, start, MIDDLE + 1.5, low)], ZIP_TEETH, 1.0, edge=0.3)
    canvas.stitch([(MIDDLE, start), (MIDDLE, low)], 0.7, 1.6)
    canvas.lay([box(MIDDLE - 2.2, start + 5, MIDDLE + 2.2, start + 15)], METAL, 1.0, edge=0.5)


def chest_pocket(piece: Piece) -> None:
    """A patch pocket on the wearer's left."""
    canvas, m, palette = piece.canvas, piece.m, piece.palette
    x, y, w, h = MIDDLE + m.chest * 0.22, m.underarm - 14, m.chest * 0.44, m.chest * 0.5
    outline = [(x, y), (x + w, y), (x + w, y + h * 0.82), (x + w / 2, y + h), (x, y + h * 0.82)]
    canvas.shade(canvas.pen.fill([(px + 1, py + 1.6) for px, py in outline]), 0.85)
    canvas.lay([outline], palette.trim, 1.02, edge=0.62)
    canvas.seam([[(x, y + 5), (x + w, y + 5)]], 0.42)


def kangaroo_pocket(piece: Piece) -> None:
    """The pouch of a hoodie."""
    canvas, m = piece.canvas, piece.m
    y = m.hem_y - 60
    half = [
        (MIDDLE, y),
        (MIDDLE + 22, y),
        *bend((MIDDLE + 22, y), (MIDDLE + 30, y + 14), (MIDDLE + 38, y + 24)),
        (MIDDLE + 38, y + 44),
        (MIDDLE, y + 46),
    ]
    outline = [*mirror(half), *half]
    canvas.shade(canvas.pen.fill([(x, py + 2) for x, py in outline]), 0.9)
    canvas.lay([outline], None, 1.01, edge=0.55)


def cords(piece: Piece) -> None:
    """Drawstrings hanging from the neck."""
    canvas, palette = piece.canvas, piece.palette
    y = piece.neck_low + 3
    plain = WHITE if luma(palette.base) < 190 else companion(palette.base, 0.5)
    tone = palette.trim if palette.trim is not None else plain
    for s in (-1, 1):
        line = bend((MIDDLE + s * 8, y - 3), (MIDDLE + s * 9, y + 18), (MIDDLE + s * 11, y + 38 + 4 * s))
        canvas.shade(canvas.pen.stroke([(px + 1.2, py + 1) for px, py in line], width=2.6), 0.75)
        canvas.dye(canvas.pen.stroke(line, width=2.6), tone)
        canvas.seam([line[-2:]], 0.5, 3.2)

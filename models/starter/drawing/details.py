"""Prints, hems, cuffs, panels and piping of tops."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from models.starter.drawing.canvas import Canvas
from models.starter.drawing.closures import button
from models.starter.drawing.pen import Field, Outline, Patch, Point, bend, mirror
from models.starter.drawing.piece import Piece
from models.starter.drawing.prints import motif_coverage
from models.starter.drawing.silhouettes import MIDDLE, Sleeve, side

Cuff = Literal["rib", "shirt", "band", "stitched"]
CUFF_DEPTHS: dict[Cuff, float] = {"rib": 12.0, "shirt": 13.0, "band": 6.0, "stitched": 5.0}


def stamp(canvas: Canvas, motif: str, at: Point, side_length: float, colour: Field, *, strength: float = 1.0) -> None:
    """Prints a motif centred at a design point."""
    pen = canvas.pen
    pixels = round(side_length * pen.unit)
    left, top = (round(float(middle) - pixels / 2) for middle in pen.place([at])[0])
    coverage = motif_coverage(motif, pixels)
    patch = Patch(slice(top, top + pixels), slice(left, left + pixels), coverage)
    canvas.dye(patch, colour, strength)


def front_print(piece: Piece) -> None:
    """The print on the chest: large for a placement print, small for a print."""
    canvas, m, garment, palette = piece.canvas, piece.m, piece.garment, piece.palette
    motif = garment.front_print
    if motif is None:
        return
    large = garment.pattern != "print"
    side_length = min(m.chest * (1.42 if large else 0.8), 76)
    y = max(m.underarm + (8 if large else 0), piece.neck_low + 12 + side_length / 2)
    if garment.type == "hoodie":  # between the cords' ends and the pouch
        side_length = min(side_length, 50.0)
        y = m.hem_y - 64 - side_length / 2
    stamp(canvas, motif, (MIDDLE, y), side_length, palette.printed, strength=0.94)


def hem_finish(piece: Piece, ribbed: bool) -> None:
    """A ribbed band or a double-stitched hem."""
    canvas, m, garment, palette = piece.canvas, piece.m, piece.garment, piece.palette
    if ribbed:
        upper = bend((MIDDLE + m.hem - 1, m.hem_y - 13), (MIDDLE, m.hem_y - 7), (MIDDLE - m.hem + 1, m.hem_y - 13))
        lower = bend((MIDDLE - m.hem + 3, m.hem_y), (MIDDLE, m.hem_y + 6), (MIDDLE + m.hem - 3, m.hem_y))
        canvas.lay([[*upper, *lower]], palette.trim, 0.98, edge=0.5)
        xs = np.linspace(-m.hem + 4, m.hem - 4, 27)
        canvas.seam(
            [[(MIDDLE + x, m.hem_y - 9 - abs(x) * 0.07), (MIDDLE + x, m.hem_y + 1.5 - abs(x) * 0.05)] for x in xs],
            0.3,
            0.9,
        )
        return
    rounded = "rounded hem" in garment.details or garment.type == "shirt"
    if not rounded:
        line = bend((MIDDLE - m.hem + 1, m.hem_y - 6), (MIDDLE, m.hem_y), (MIDDLE + m.hem - 1, m.hem_y - 6))
        canvas.seam([line], 0.34)
        canvas.stitch([(x, y + 2) for x, y in line], 0.26)


def cuff(piece: Piece, arm: Sleeve, style: Cuff) -> None:
    """Ends both sleeves: ribbed, buttoned as a shirt's, banded or merely stitched."""
    dyed = style != "stitched" or "contrast cuffs" in piece.garment.details
    trim = piece.palette.trim if dyed else None
    band = arm.band(CUFF_DEPTHS[style])
    _cuff(piece, band, style, trim, list[Point])
    _cuff(piece, band, style, trim, mirror)


def _cuff(piece: Piece, band: Outline, style: Cuff, trim: Field | None, cut: Callable[[Outline], list[Point]]) -> None:
    canvas = piece.canvas
    if style == "stitched" and trim is None:
        canvas.seam([cut(band[2:])], 0.36)
        return
    canvas.lay([cut(band)], trim, 0.97, edge=0.55)
    if style == "rib":
        canvas.seam([cut(rib) for rib in _ribs(band)], 0.28, 0.9)
    if style == "shirt":
        (x, y), (u, v) = band[1], band[2]
        button(canvas, cut([((x + u) / 2 + 4, (y + v) / 2 - 1)])[0], piece.palette.base, 1.6)


def _ribs(band: Outline) -> list[Outline]:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = band
    return [
        [(ax + (bx - ax) * t, ay + (by - ay) * t), (dx + (cx - dx) * t, dy + (cy - dy) * t)]
        for t in np.linspace(0.15, 0.85, 6).tolist()
    ]


def side_panels(piece: Piece) -> None:
    """Contrast strips along both side seams."""
    canvas, m, palette = piece.canvas, piece.m, piece.palette
    edge = [p for p in side(m, piece.arm is None) if p[1] >= m.underarm]
    panel = [*edge, *[(x - 13, y) for x, y in reversed(edge)]]
    for outline in (panel, mirror(panel)):
        canvas.lay([outline], palette.second, 1.0, edge=0.45)


def piping(piece: Piece) -> None:
    """A contrast cord along the shoulder seams and the armholes."""
    canvas, m, palette, arm = piece.canvas, piece.m, piece.palette, piece.arm
    lines: list[Outline] = [[(MIDDLE + m.neck + 4, m.top + 14), (MIDDLE + m.chest - 1, m.underarm - 22)]]
    if arm is not None:
        lines.append(arm.armhole)
    for line in lines:
        for turned in (line, mirror(line)):
            canvas.dye(canvas.pen.stroke(turned, width=2.4), palette.second)

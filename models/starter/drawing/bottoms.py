"""Assembles skirts, trousers and shorts."""

from dataclasses import dataclass

import numpy as np

from models.starter.drawing.canvas import Canvas
from models.starter.drawing.closures import button
from models.starter.drawing.garment import Garment
from models.starter.drawing.palette import WHITE, Palette, companion, luma
from models.starter.drawing.pen import bend, mirror
from models.starter.drawing.silhouettes import MIDDLE


@dataclass(frozen=True, slots=True)
class Cut:
    """Half waist, half hip, top edge, crotch and hem heights, and leg width at the hem, in design units."""

    waist: float
    hip: float
    top: float
    hem_y: float
    leg: float


CUTS = {
    "men": Cut(36, 46, 22, 236, 33), "women": Cut(30, 44, 22, 236, 25), "boys": Cut(36, 45, 44, 216, 34),
    "girls": Cut(32, 43, 44, 214, 27), "unisex_kids": Cut(34, 44, 44, 214, 31), "baby": Cut(40, 50, 66, 200, 32),
}  # fmt: skip
BAND = 13  # design units of a waistband


def draw_bottom(canvas: Canvas, garment: Garment, palette: Palette) -> None:
    """Lays a skirt, trousers or shorts onto an empty canvas."""
    cut = CUTS[garment.audience]
    if garment.type == "skirt":
        _skirt(canvas, cut, palette)
    else:
        _legs(canvas, cut, garment, palette)
    _waistband(canvas, cut, garment, palette)


def _skirt(canvas: Canvas, cut: Cut, palette: Palette) -> None:
    top, low, wide = cut.top + 24, min(cut.hem_y - 16, 206), cut.hip + 34
    right = bend((MIDDLE + cut.waist, top), (MIDDLE + cut.hip + 8, top + 40), (MIDDLE + wide, low))
    hem = bend((MIDDLE + wide, low), (MIDDLE, low + 18), (MIDDLE - wide, low))
    canvas.lay([[*mirror(right), *right, *hem]], edge=0.5)
    pleats = [
        [(MIDDLE + k * cut.waist / 5.5, top + BAND), (MIDDLE + k * wide / 5.2, low + 6 - abs(k) * 1.1)]
        for k in range(-4, 5)
    ]
    canvas.seam(list(pleats), 0.36, 1.4)
    for k in range(-4, 5):
        x0, x1 = MIDDLE + k * cut.waist / 5.5, MIDDLE + k * wide / 5.2
        canvas.shade(canvas.pen.fill([(x0, top + BAND), (x1, low + 6), (x1 + 8, low + 6)]), 0.9)
    canvas.seam([[(x, y - 5) for x, y in hem[1:-1]]], 0.36)
    if palette.trim is not None:
        canvas.dye(canvas.pen.stroke([(x, y - 3) for x, y in hem], width=6), palette.trim)


def _legs(canvas: Canvas, cut: Cut, garment: Garment, palette: Palette) -> None:
    shorts = garment.type == "shorts"
    top = cut.top + (46 if shorts else 0)
    crotch = top + 72
    low = min(crotch + 44, 226) if shorts else cut.hem_y
    leg = cut.leg * (1.3 if shorts else 1.0)
    outer = MIDDLE + cut.hip + (13 if shorts else 4)
    right = [
        *bend((MIDDLE + cut.waist, top), (MIDDLE + cut.hip, top + 24), (MIDDLE + cut.hip + 2, crotch - 14)),
        (outer, low), (outer - leg, low + 3), (MIDDLE + 1.5, crotch + 4), (MIDDLE, crotch),
    ]  # fmt: skip
    canvas.lay([[*right, *mirror(right)]], edge=0.5)
    line = [(outer, low - 8), (outer - leg, low - 5)]
    crease = [(MIDDLE + cut.waist * 0.55, top + 40), (outer - leg * 0.52, low - 8)]
    if palette.trim is not None:
        stripe = [(MIDDLE + cut.hip - 1, crotch - 14), (outer - 4, low)]
        canvas.dye(canvas.pen.stroke(stripe, mirror(stripe), width=6), palette.trim)
    if garment.pattern == "colour-block" or (garment.second is not None and garment.second_role in ("block", None)):
        knee = (crotch + low) / 2
        canvas.dye(canvas.pen.fill([(0, knee), (256, knee), (256, 256), (0, 256)]), palette.second)
    canvas.seam([line, mirror(line)], 0.42)
    canvas.seam([crease, mirror(crease)], 0.18, 1.4)
    fly = [(MIDDLE, top + BAND), (MIDDLE, crotch)]
    canvas.seam([fly, bend((MIDDLE + 9, top + BAND), (MIDDLE + 9, crotch - 26), (MIDDLE, crotch - 18))], 0.55)
    pocket = bend(
        (MIDDLE + cut.waist - 12, top + BAND), (MIDDLE + cut.waist - 8, top + 34), (MIDDLE + cut.hip - 2, top + 40)
    )
    canvas.seam([pocket, mirror(pocket)], 0.6, 1.5)


def _waistband(canvas: Canvas, cut: Cut, garment: Garment, palette: Palette) -> None:
    top = cut.top + {"skirt": 24, "shorts": 46}.get(garment.type, 0)
    w = cut.waist
    back = [
        *bend((MIDDLE - w, top), (MIDDLE, top - 6), (MIDDLE + w, top)),
        *bend((MIDDLE + w, top), (MIDDLE, top + 6), (MIDDLE - w, top)),
    ]
    canvas.lay([back], palette.base, 0.68, edge=0.4)
    upper = bend((MIDDLE - w, top), (MIDDLE, top + 6), (MIDDLE + w, top))
    lower = bend((MIDDLE + w + 1.5, top + BAND), (MIDDLE, top + BAND + 6), (MIDDLE - w - 1.5, top + BAND))
    canvas.lay([[*upper, *lower]], palette.trim, 1.0, edge=0.55)
    if garment.type == "skirt" or "drawstring" in garment.details:
        xs = np.linspace(-w + 3, w - 3, 19)
        canvas.seam(
            [
                [(MIDDLE + float(x), top + 5 - abs(x) * 0.07), (MIDDLE + float(x), top + BAND + 1 - abs(x) * 0.05)]
                for x in xs
            ],
            0.3,
            0.9,
        )
    else:
        for x in (-w * 0.6, w * 0.6):
            canvas.seam([[(MIDDLE + x, top + 2), (MIDDLE + x, top + BAND + 2)]], 0.5, 2.4)
        button(canvas, (MIDDLE + 3, top + 10), palette.base, 2.4)
    if "drawstring" in garment.details:
        tone = WHITE if luma(palette.base) < 190 else companion(palette.base, 0.5)
        for s in (-1, 1):
            line = bend((MIDDLE + s * 3, top + 10), (MIDDLE + s * 6, top + 26), (MIDDLE + s * 8, top + 40 + 3 * s))
            canvas.dye(canvas.pen.stroke(line, width=2.6), tone)
            canvas.seam([line[-2:]], 0.5, 3.2)

"""Ruffles, lace, knots and what glitters."""

import numpy as np

from models.starter.drawing.canvas import Canvas
from models.starter.drawing.details import stamp
from models.starter.drawing.palette import WHITE, companion, luma
from models.starter.drawing.pen import Outline, Point, bend, circle
from models.starter.drawing.piece import Piece
from models.starter.drawing.silhouettes import MIDDLE, front_edge

Sparkle = tuple[int, float, float]  # dots, radius of one, radius of the field in design units
SPARKLES: dict[str, Sparkle] = {
    "sequins": (120, 1.9, 27.0),
    "rhinestones": (34, 1.8, 24.0),
    "glitter": (190, 0.9, 34.0),
}


def ruffles(piece: Piece) -> None:
    """Two rows of frills across the chest."""
    canvas, m, palette = piece.canvas, piece.m, piece.palette
    for row in (0, 1):
        y = max(m.underarm - 4, piece.neck_low + 12) + row * 13
        half = m.chest - 3
        xs = np.linspace(-half, half, 41)
        lower = [(MIDDLE + float(x), y + 12 + 2.4 * float(np.sin(i * np.pi / 2.5))) for i, x in enumerate(xs)]
        outline = [(MIDDLE - half, y), (MIDDLE + half, y), *reversed(lower)]
        canvas.shade(canvas.pen.fill([(px, py + 2.5) for px, py in outline]), 0.8)
        canvas.lay([outline], palette.trim, 1.03, edge=0.5)
        canvas.seam([[(MIDDLE + float(x) * 0.98, y + 1), (MIDDLE + float(x), y + 9)] for x in xs[1::2]], 0.26, 1.0)


def lace(piece: Piece) -> None:
    """A scalloped lace border under the neck edge."""
    canvas, m, garment, palette = piece.canvas, piece.m, piece.garment, piece.palette
    edge = front_edge(m, garment.drawn_neckline or "crew", 5)
    plain = WHITE if luma(palette.base) < 215 else companion(palette.base, 0.25)
    tone = palette.second if garment.second_role == "contrast" else plain
    points = np.asarray(edge[1:-1])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    for s in np.arange(2, along[-1], 6.0):
        x, y = float(np.interp(s, along, points[:, 0])), float(np.interp(s, along, points[:, 1]))
        canvas.lay([circle(x, y + 4, 5.0, 10)], tone, 1.0, edge=0.4)
        canvas.lay([circle(x, y + 5, 1.3, 8)], palette.base, 0.9, edge=0.0)


def knot(piece: Piece) -> None:
    """A knot in the middle of the front hem."""
    canvas, m = piece.canvas, piece.m
    y = m.hem_y - 16
    for s in (-1, 1):
        for reach, rise in ((40, 34), (30, 14), (20, 50)):
            canvas.seam(
                [bend((MIDDLE + s * 6, y), (MIDDLE + s * reach * 0.5, y - rise * 0.3), (MIDDLE + s * reach, y - rise))],
                0.4,
                1.4,
            )
        tail = [(MIDDLE + s * 3, y), (MIDDLE + s * 20, y + 17), (MIDDLE + s * 9, y + 25)]
        canvas.lay([tail], None, 0.97, edge=0.6)
    canvas.lay([circle(MIDDLE, y, 8.5, 16)], None, 1.04, edge=0.7)
    canvas.seam([bend((MIDDLE - 5, y - 5), (MIDDLE + 4, y - 1), (MIDDLE + 3, y + 7))], 0.45)


def decorate(piece: Piece, rng: np.random.Generator) -> None:
    """Embroidery and applique as a small motif; sequins, rhinestones and glitter as bright dots on the chest."""
    canvas, m, garment, palette = piece.canvas, piece.m, piece.garment, piece.palette
    kind = garment.decoration
    y = max(m.underarm, piece.neck_low + 34)
    stated = palette.second if garment.second_role in ("contrast", "print") else companion(palette.base, 0.8)
    if kind == "embroidery":
        x = MIDDLE - m.chest * 0.45
        stamp(canvas, "flower", (x, m.underarm - 4), 21, stated)
        canvas.seam([[(x - 9, m.underarm + 10), (x + 9, m.underarm + 10)]], 0.5, 1.4)
    elif kind == "applique":
        canvas.lay([circle(MIDDLE, y, 23, 28)], stated, 1.02, edge=0.5)
        canvas.stitch([*circle(MIDDLE, y, 20, 28), (MIDDLE + 20, y)], 0.55)
        stamp(canvas, garment.motif or "star", (MIDDLE, y), 26, palette.base)
    elif kind is not None:
        _sparkle(canvas, rng, (MIDDLE, y), SPARKLES[kind])


def _sparkle(canvas: Canvas, rng: np.random.Generator, centre: Point, sparkle: Sparkle) -> None:
    count, radius, spread = sparkle
    tones = np.array([[255, 255, 255], [214, 222, 236], [250, 226, 150], [150, 158, 176]], np.float32)
    # A sunflower spiral spreads any number of dots evenly.
    turns, reach = np.arange(count) * 2.39996, np.sqrt((np.arange(count) + 0.5) / count) * spread
    x, y = centre[0] + reach * np.cos(turns), centre[1] + reach * np.sin(turns)
    order = rng.integers(0, 4, count)
    for tone in range(4):
        chosen = order == tone
        dots: list[Outline] = [circle(a, b, radius, 7) for a, b in zip(x[chosen], y[chosen], strict=True)]
        if dots:
            canvas.lay(dots, tones[tone], 1.0, edge=0.35 if radius > 1 else 0.0)

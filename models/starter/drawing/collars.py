"""Collars, tubes and hoods."""

from models.starter.drawing.pen import bend, mirror
from models.starter.drawing.piece import Piece
from models.starter.drawing.silhouettes import MIDDLE


def collar(piece: Piece) -> None:
    """A turned-down collar on its stand: soft for polo shirts, pointed for shirts, open for blouses."""
    canvas, m, palette = piece.canvas, piece.m, piece.palette
    n, top, low = m.neck, m.top, piece.neck_low
    drop, spread = {"polo collar": (32.0, 4), "kent collar": (40.0, 6), "shirt collar": (33.0, 8)}[piece.neckline]
    drop *= 0.86 if m.sleeve < 0.85 else 1.0
    stand = [
        *bend((MIDDLE - n, top + 4), (MIDDLE, top - 17), (MIDDLE + n, top + 4)),
        *bend((MIDDLE + n, top + 4), (MIDDLE, top + 7), (MIDDLE - n, top + 4)),
    ]
    canvas.lay([stand], palette.trim if palette.trim is not None else palette.base, light=0.8, edge=0.4)
    tip = (MIDDLE + n * 0.62 + spread, top + drop)
    leaf = [
        *bend((MIDDLE + n - 3, top - 3), (MIDDLE + n + 2, top - 1), (MIDDLE + n + 7, top + 7)),
        *bend((MIDDLE + n + 7, top + 7), (MIDDLE + n * 0.9 + spread, top + drop * 0.62), tip),
        *bend(tip, (MIDDLE + n * 0.3, low + 3), (MIDDLE + 0.5, low)),
        *bend((MIDDLE + 0.5, low), (MIDDLE + n * 0.75, top + (low - top) * 0.5), (MIDDLE + n - 3, top - 3)),
    ]
    for leaf_or_half in (leaf, mirror(leaf)):
        canvas.shade(canvas.pen.fill([(x, y + 2.5) for x, y in leaf_or_half]), 0.84)
    for leaf_or_half in (leaf, mirror(leaf)):
        canvas.lay([leaf_or_half], palette.trim, light=1.03, edge=0.6)
    if piece.neckline != "polo collar":
        inset = [(x - 1.5, y - 3) for x, y in leaf[9:22]]
        canvas.stitch(inset, 0.3)
        canvas.stitch(mirror(inset), 0.3)


def stand_up(piece: Piece) -> None:
    """A band that stands round the neck, open in the middle."""
    canvas, m, palette = piece.canvas, piece.m, piece.palette
    n, top = m.neck, m.top
    back = [
        *bend((MIDDLE - n + 2, top - 9), (MIDDLE, top - 15), (MIDDLE + n - 2, top - 9)),
        *bend((MIDDLE + n - 2, top - 9), (MIDDLE, top + 16), (MIDDLE - n + 2, top - 9)),
    ]
    canvas.lay([back], palette.base, light=0.66, edge=0.4)
    left = [
        (MIDDLE - n + 2, top - 9),
        *bend((MIDDLE - n + 2, top - 9), (MIDDLE - n * 0.55, top), (MIDDLE - 0.5, top + 1)),
        *bend((MIDDLE - 0.5, top + 15), (MIDDLE - n * 0.7, top + 14), (MIDDLE - n - 3, top + 2)),
    ]
    for leaf_or_half in (left, mirror(left)):
        canvas.lay([leaf_or_half], palette.trim, light=1.0, edge=0.6)


def turtleneck(piece: Piece) -> None:
    """A ribbed tube, folded once."""
    canvas, m, palette = piece.canvas, piece.m, piece.palette
    n, top = m.neck + 1, m.top
    tube = [
        *bend((MIDDLE - n + 2, top - 20), (MIDDLE, top - 25), (MIDDLE + n - 2, top - 20)),
        *bend((MIDDLE + n + 1, top + 4), (MIDDLE, top + 19), (MIDDLE - n - 1, top + 4)),
    ]
    canvas.shade(canvas.pen.fill([(x, y + 2.5) for x, y in tube]), 0.85)
    canvas.lay([tube], palette.trim, light=1.0, edge=0.6)
    canvas.lay(
        [
            [
                *bend((MIDDLE - n + 3, top - 20), (MIDDLE, top - 25), (MIDDLE + n - 3, top - 20)),
                *bend((MIDDLE + n - 3, top - 20), (MIDDLE, top - 13), (MIDDLE - n + 3, top - 20)),
            ]
        ],
        palette.base,
        light=0.62,
        edge=0.4,
    )
    canvas.seam(
        [
            [(MIDDLE + k * n / 6.5, top - 15 - abs(k) * 0.3), (MIDDLE + k * n / 6.2, top + 9 - abs(k) * 0.7)]
            for k in range(-6, 7)
        ],
        0.25,
        0.9,
    )
    canvas.seam([bend((MIDDLE - n, top - 4), (MIDDLE, top + 5), (MIDDLE + n, top - 4))], 0.4)


def hood_back(piece: Piece) -> None:
    """The hood behind the neck; laid before the body."""
    canvas, m, palette = piece.canvas, piece.m, piece.palette
    n, top = m.neck, m.top
    half = [
        *bend((MIDDLE, top - 29), (MIDDLE + n + 8, top - 30), (MIDDLE + n + 15, top - 4)),
        *bend((MIDDLE + n + 15, top - 4), (MIDDLE + n + 18, top + 10), (MIDDLE + n + 4, top + 22)),
    ]
    canvas.lay([[*mirror(half), *half]], palette.trim, light=0.99, edge=0.6)
    canvas.seam([[(MIDDLE, top - 29), (MIDDLE, top - 8)]], 0.35)


def hood_front(piece: Piece) -> None:
    """The dark inside of a hood and the two halves that cross below it."""
    canvas, m, palette = piece.canvas, piece.m, piece.palette
    n, top, low = m.neck, m.top, piece.neck_low
    inside = [
        *bend((MIDDLE - n + 1, top + 1), (MIDDLE, top - 23), (MIDDLE + n - 1, top + 1)),
        *bend((MIDDLE + n - 1, top + 1), (MIDDLE + n * 0.5, low - 5), (MIDDLE, low)),
        *bend((MIDDLE, low), (MIDDLE - n * 0.5, low - 5), (MIDDLE - n + 1, top + 1)),
    ]
    canvas.lay([inside], palette.layer if palette.layer is not None else palette.base, light=0.6, edge=0.5)
    lapel = [
        *bend((MIDDLE + n - 1, top + 1), (MIDDLE + n * 0.5, low - 5), (MIDDLE, low)),
        *bend((MIDDLE + 1, low + 7), (MIDDLE + n * 0.75, low + 1), (MIDDLE + n + 9, top + 9)),
        *bend((MIDDLE + n + 9, top + 9), (MIDDLE + n + 6, top - 14), (MIDDLE + 2, top - 20)),
        *bend((MIDDLE + 2, top - 11), (MIDDLE + n * 0.8, top - 10), (MIDDLE + n - 1, top + 1)),
    ]
    for leaf_or_half in (mirror(lapel), lapel):
        canvas.lay([leaf_or_half], palette.trim, light=1.02, edge=0.5)

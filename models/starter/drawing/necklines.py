"""Openings of necks and the edges of those without a collar."""

import numpy as np

from models.starter.drawing import collars
from models.starter.drawing.pen import bend, box
from models.starter.drawing.piece import Piece
from models.starter.drawing.silhouettes import COLLARS, MIDDLE, back_neck, front_edge

RIB = 5.5  # design units of a neck band
RIBBED = ("sweatshirt", "knit jumper", "cardigan")
LABEL = np.array([228, 226, 220], np.float32)


def opening(piece: Piece) -> None:
    """Cuts the neckline: the inside of the back shows, with its label, or an inner layer."""
    canvas, m, palette = piece.canvas, piece.m, piece.palette
    front = front_edge(m, piece.neckline)
    canvas.lay([[*back_neck(m), *reversed(front)]], palette.base, light=0.66, edge=0.25)
    tape = [(x, y + 4) for x, y in back_neck(m)]
    canvas.seam([tape], 0.35)
    if piece.neckline not in ("elasticated off-shoulder", "boat", "turtleneck"):
        canvas.lay([box(MIDDLE - 4.5, m.top + 5, MIDDLE + 4.5, m.top + 9.5)], LABEL, 0.95, 0.2)
    if palette.layer is not None:
        inner = [(x, y - 0.42 * (y - m.top)) for x, y in front]
        canvas.lay([[*inner, *reversed(front)]], palette.layer, light=0.96, edge=0.35)
        canvas.seam([[(x, y + 2.5) for x, y in inner]], 0.3)


def finish_neck(piece: Piece) -> None:
    """Bands, collars, hoods over the opening."""
    if piece.neckline in COLLARS:
        collars.collar(piece)
    elif piece.neckline == "stand-up collar":
        collars.stand_up(piece)
    elif piece.neckline == "turtleneck":
        collars.turtleneck(piece)
    elif piece.neckline == "hood":
        collars.hood_front(piece)
    elif piece.neckline == "elasticated off-shoulder":
        _gathered(piece)
    else:
        _band(piece)


def _band(piece: Piece) -> None:
    """The bound or ribbed edge of a neck without a collar."""
    canvas, m, heavy = piece.canvas, piece.m, piece.garment.type in RIBBED
    front, outer = front_edge(m, piece.neckline), front_edge(m, piece.neckline, RIB + (2 if heavy else 0))
    canvas.lay([[*front, *reversed(outer)]], piece.palette.trim, light=0.97, edge=0.45)
    if heavy and piece.neckline != "square":
        canvas.seam([[a, b] for a, b in zip(front[1::2], outer[1::2], strict=True)], 0.28, 0.9)
    canvas.shade(canvas.pen.stroke([(x, y + 1.5) for x, y in outer], width=2.4), 0.92)
    if piece.neckline == "crew with v-notch":
        low = piece.neck_low
        canvas.seam([[(MIDDLE - 7, low + RIB), (MIDDLE, low + 17), (MIDDLE + 7, low + RIB)]], 0.62, 1.5)
        canvas.seam([[(MIDDLE - 4, low + RIB), (MIDDLE, low + 12), (MIDDLE + 4, low + RIB)]], 0.4)


def _gathered(piece: Piece) -> None:
    canvas, m, palette = piece.canvas, piece.m, piece.palette
    n, top = m.neck + 1, m.top
    band = [
        *bend((MIDDLE - n, top - 1), (MIDDLE, top + 5), (MIDDLE + n, top - 1)),
        *bend((MIDDLE + n + 3, top + 20), (MIDDLE, top + 29), (MIDDLE - n - 3, top + 20)),
    ]
    canvas.shade(canvas.pen.fill([(x, y + 3) for x, y in band]), 0.82)
    canvas.lay([band], palette.trim, light=1.0, edge=0.55)
    xs = np.linspace(-n + 3, n - 3, 19)
    canvas.seam(
        [
            [(MIDDLE + x, top + 3 - abs(x) * 0.05), (MIDDLE + x * 1.04, top + 14 + 5 * (i % 2))]
            for i, x in enumerate(xs)
        ],
        0.35,
        1.0,
    )

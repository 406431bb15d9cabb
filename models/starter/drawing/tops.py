"""Assembles tops and dresses from their pieces."""

import numpy as np

from models.starter.drawing import closures, collars, details, necklines, trims
from models.starter.drawing.canvas import Canvas
from models.starter.drawing.garment import Garment
from models.starter.drawing.palette import Palette
from models.starter.drawing.patterns import cloth
from models.starter.drawing.pen import Field, bend, mirror
from models.starter.drawing.piece import Piece
from models.starter.drawing.silhouettes import MIDDLE, body, measures, sleeve

HEAVY = ("sweatshirt", "hoodie", "knit jumper", "cardigan")  # ribbed at hem and cuffs
ALONG_THE_ARM = ("striped", "checked")  # patterns that turn with the sleeve


def draw_top(canvas: Canvas, garment: Garment, palette: Palette, tile: int, rng: np.random.Generator) -> None:
    """Lays a whole top onto an empty canvas; `tile` is the texture's, `rng` strews glitter."""
    m = measures(garment)
    kind = garment.drawn_sleeve or "sleeveless"
    puffed = garment.type == "blouse" or (garment.type == "dress" and kind != "cap")
    arm = None if kind == "sleeveless" else sleeve(m, kind, puffed)
    piece = Piece(canvas, m, garment, palette, arm)
    if arm is not None:
        _sleeves(piece, tile)
    if piece.neckline == "hood":
        collars.hood_back(piece)
    rounded = "rounded hem" in garment.details or garment.type == "shirt"
    canvas.lay([body(m, arm is None, rounded)], edge=0.5)
    _sewn(piece, rng)


def _sewn(piece: Piece, rng: np.random.Generator) -> None:
    """Everything on the body, from the cloth outwards."""
    garment = piece.garment
    _colour_block(piece)
    _armholes(piece)
    _seams(piece)
    if "contrast side panels" in garment.details:
        details.side_panels(piece)
    details.hem_finish(piece, garment.type in HEAVY or "ribbed hem" in garment.details)
    details.front_print(piece)
    trims.decorate(piece, rng)
    necklines.opening(piece)
    if "ruffles" in garment.details:
        trims.ruffles(piece)
    _front(piece)
    necklines.finish_neck(piece)
    _trims(piece)


def _sleeves(piece: Piece, tile: int) -> None:
    canvas, garment, palette, arm = piece.canvas, piece.garment, piece.palette, piece.arm
    assert arm is not None
    right, left = _sleeve_cloth(piece, tile)
    if palette.layer is not None:
        inner = arm.band(9, inset=-7)
        for outline in (inner, mirror(inner)):
            canvas.lay([outline], palette.layer, 0.95, edge=0.5)
    canvas.lay([arm.outline], right, edge=0.5)
    canvas.lay([mirror(arm.outline)], left, edge=0.5)
    details.cuff(piece, arm, _cuff_style(garment))
    # The body lies on the sleeve and shades it.
    shadow = [(x + 2.5, y + 1) for x, y in arm.armhole]
    canvas.shade(canvas.pen.stroke(shadow, mirror(shadow), width=5), 0.88)


def _cuff_style(garment: Garment) -> details.Cuff:
    covered = garment.drawn_sleeve in ("long", "3/4")
    if garment.type in HEAVY and covered:
        return "rib"
    if garment.type in ("shirt", "blouse") and covered:
        return "shirt"
    return "band" if garment.type in ("polo shirt", "blouse") or "elasticated cuffs" in garment.details else "stitched"


def _sleeve_cloth(piece: Piece, tile: int) -> tuple[Field | None, Field | None]:
    """The right and the left sleeve's cloth where it is not simply the body's."""
    m, garment, palette, arm = piece.m, piece.garment, piece.palette, piece.arm
    if "raglan sleeves" in garment.details and garment.second_role == "contrast":
        return palette.second, palette.second
    if garment.pattern not in ALONG_THE_ARM or arm is None:
        return None, None
    x, y = piece.canvas.pen.design()
    dx, dy = np.float32(arm.direction[0]), np.float32(arm.direction[1])

    def turned(across: Field) -> Field:
        u, v = across - np.float32(MIDDLE + m.shoulder), y - np.float32(m.shoulder_y)
        across_arm: Field = u * dy - v * dx + np.float32(MIDDLE)
        along_arm: Field = u * dx + v * dy + np.float32(m.shoulder_y)
        return cloth(garment, palette, across_arm, along_arm, tile)

    return turned(x), turned(np.float32(2 * MIDDLE) - x)


def _colour_block(piece: Piece) -> None:
    """The yoke, shoulders included, in the second colour: a block, or the other of two stated colours."""
    canvas, m, garment, palette = piece.canvas, piece.m, piece.garment, piece.palette
    two_coloured = garment.second is not None and garment.second_role in ("block", None)
    if not two_coloured and garment.pattern != "colour-block":
        return
    low = m.underarm + 4
    patch = canvas.pen.fill([(0, 0), (256, 0), (256, low), (0, low)])
    body_only = canvas.pen.fill(body(m, garment.drawn_sleeve == "sleeveless"))
    inside = np.zeros_like(canvas.alpha)
    inside[body_only.window] = body_only.coverage
    patch.coverage[...] *= inside[patch.window]
    canvas.dye(patch, palette.second)
    canvas.seam([[(MIDDLE - m.chest, low), (MIDDLE + m.chest, low)]], 0.4)


def _armholes(piece: Piece) -> None:
    """Where sleeves are set in: bound edges, raglan lines or plain seams."""
    canvas, m, garment, palette, arm = piece.canvas, piece.m, piece.garment, piece.palette, piece.arm
    if arm is None:
        edge = [
            (x - 3, y + 1)
            for x, y in bend(
                (MIDDLE + m.shoulder, m.shoulder_y),
                (MIDDLE + m.shoulder - 9, m.underarm - 8),
                (MIDDLE + m.chest, m.underarm),
            )
        ]
        if palette.trim is not None:
            canvas.dye(
                canvas.pen.stroke([(x + 1.5, y) for x, y in edge], mirror([(x + 1.5, y) for x, y in edge]), width=4),
                palette.trim,
            )
        canvas.seam([edge, mirror(edge)], 0.42)
    elif "raglan sleeves" in garment.details:
        line = bend(
            (MIDDLE + m.neck + 1, m.top + 3), (MIDDLE + m.chest * 0.72, m.underarm - 30), (MIDDLE + m.chest, m.underarm)
        )
        wedge = [*line, (MIDDLE + m.chest + 2, m.underarm), *reversed(arm.armhole), (MIDDLE + m.shoulder, m.shoulder_y)]
        if garment.second_role == "contrast":
            for outline in (wedge, mirror(wedge)):
                canvas.dye(canvas.pen.fill(outline), palette.second)
        canvas.seam([line, mirror(line)], 0.55)
    else:
        canvas.seam([arm.armhole, mirror(arm.armhole)], 0.55)


def _seams(piece: Piece) -> None:
    """The lines by which types are told apart."""
    canvas, m, garment = piece.canvas, piece.m, piece.garment
    if garment.type == "dress":
        waist = bend((MIDDLE - m.waist, m.waist_y), (MIDDLE, m.waist_y + 4), (MIDDLE + m.waist, m.waist_y))
        canvas.seam([waist], 0.6, 1.6)
        canvas.seam(
            [
                [(MIDDLE + k * m.waist / 5, m.waist_y + 3), (MIDDLE + k * m.hem / 6.2, m.waist_y + 36 + 16 * (k % 2))]
                for k in range(-4, 5)
            ],
            0.3,
        )
    if garment.type == "blouse":
        low = m.underarm - 22
        canvas.seam(
            [
                [(MIDDLE + s * k, low + 2), (MIDDLE + s * k * 1.06, low + 24 + 5 * (k % 3))]
                for s in (-1, 1)
                for k in (16, 21, 26, 31)
            ],
            0.3,
        )
        canvas.seam([[(MIDDLE + s * 13, low), (MIDDLE + s * (m.chest - 5), low)] for s in (-1, 1)], 0.4)
    if garment.type == "shirt":
        yoke = [(MIDDLE + m.neck + 6, m.top + 15), (MIDDLE + m.shoulder - 3, m.shoulder_y + 13)]
        canvas.seam([yoke, mirror(yoke)], 0.4)
    if garment.type == "sweatshirt" and garment.drawn_neckline == "crew":
        low = m.top + 23
        canvas.seam([[(MIDDLE - 9, low), (MIDDLE, low + 11), (MIDDLE + 9, low)]], 0.4)


def _front(piece: Piece) -> None:
    """Closures and pouch, under the collar."""
    canvas, m, garment = piece.canvas, piece.m, piece.garment
    low, neckline = piece.neck_low, garment.drawn_neckline
    end = m.hem_y + 2
    if (
        garment.type == "shirt"
        or "full button front" in garment.details
        or (garment.type == "blouse" and neckline in ("shirt collar", "stand-up collar"))
    ):
        closures.placket(piece, end, 7)
    elif garment.type == "cardigan":
        closures.placket(piece, end, 6)
    elif garment.type == "jacket" or "zip" in garment.details:
        closures.zip_front(piece, end)
    elif "half zip" in garment.details:
        closures.zip_front(piece, low + 42)
    elif neckline in ("polo collar", "henley", "kent collar", "shirt collar") or "button placket" in garment.details:
        closures.placket(piece, low + 36, 3)
    if garment.type == "hoodie":
        closures.kangaroo_pocket(piece)
        if "zip" in garment.details:
            closures.zip_front(piece, end)
    if garment.type == "jacket":
        for s in (-1, 1):
            slit = [(MIDDLE + s * 24, m.hem_y - 62), (MIDDLE + s * 36, m.hem_y - 28)]
            canvas.seam([slit, [(x + 3 * s, y - 1) for x, y in slit]], 0.65)
        canvas.seam(
            [
                [(MIDDLE - m.chest + 4, m.underarm - 16), (MIDDLE - 4, m.underarm - 8)],
                [(MIDDLE + 4, m.underarm - 8), (MIDDLE + m.chest - 4, m.underarm - 16)],
            ],
            0.5,
        )


def _trims(piece: Piece) -> None:
    canvas, m, garment, palette = piece.canvas, piece.m, piece.garment, piece.palette
    chosen = garment.details
    if "chest pocket" in chosen:
        closures.chest_pocket(piece)
    if "lace at neckline" in chosen:
        trims.lace(piece)
    if "contrast piping" in chosen:
        details.piping(piece)
    if "knot at front" in chosen:
        trims.knot(piece)
    if garment.drawn_neckline == "hood" or "drawstring" in chosen:
        closures.cords(piece)
    if "press studs" in chosen and garment.drawn_neckline not in ("polo collar", "henley"):
        for k in range(3):
            closures.button(canvas, (MIDDLE - m.neck - 6 - 6 * k, m.top + 6 + 3 * k), palette.base, 2.0, metal=True)

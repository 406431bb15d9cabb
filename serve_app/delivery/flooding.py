"""The product in a picture of which nobody has a mask: what a flood from the rim does not reach."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.domain import Pixels

ALIKE = 3  # levels from the background's colour; a JPEG of quality 90 moves flat areas less
RIM_SHARE = 0.6  # of the outermost pixels: the rest may be a product that is cut off
PIECE = 0.05  # of the largest piece: smaller ones are lettering and specks, not a part of the product
BORDER_MOST = 0.06  # of the side: a darker rim up to this width is a border around the background
RINGING = 8  # pixels: a JPEG's block, which a border's edge disturbs
Bools = NDArray[np.bool_]
Box = tuple[int, int, int, int]  # (x0, y0, x1, y1), exclusive ends


@dataclass(frozen=True, eq=False)
class Ground:
    """The background's colour, RGB; every pixel that has it, (height, width); what of the picture no border takes."""

    colour: tuple[int, int, int]
    alike: Bools
    inside: Box


def box_of(solid: Bools) -> Box | None:
    """Around what is set."""
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if rows.size == 0:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def ground_of(pixels: Pixels) -> Ground | None:
    """The background, where the picture's outermost pixels, or those within a border, agree on one."""
    height, width = pixels.shape[:2]
    colour = _rim_colour(pixels)
    if colour is None:
        return None
    alike, inside = _alike(pixels, colour), (0, 0, width, height)
    x0, y0, x1, y1 = box_of(~alike) or inside
    if 0 < max(x0, y0, width - x1, height - y1) <= BORDER_MOST * max(width, height):
        x0, y0, x1, y1 = x0 + RINGING, y0 + RINGING, x1 - RINGING, y1 - RINGING
        within = _rim_colour(pixels[y0:y1, x0:x1])
        if within is not None and sum(within) > sum(colour):
            colour, alike, inside = within, _alike(pixels, within), (x0, y0, x1, y1)
    return Ground(colour, alike, inside)


def _rim_colour(pixels: Pixels) -> tuple[int, int, int] | None:
    rim = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])
    colour = np.median(rim, axis=0).astype(np.int16)
    if np.mean(np.abs(rim - colour).max(axis=1) <= ALIKE) < RIM_SHARE:
        return None
    red, green, blue = (int(level) for level in colour)
    return red, green, blue


def _alike(pixels: Pixels, colour: tuple[int, int, int]) -> Bools:
    alike = np.ones(pixels.shape[:2], dtype=bool)
    for channel, level in enumerate(colour):
        plane = pixels[..., channel]
        alike &= (plane >= max(0, level - ALIKE)) & (plane <= min(255, level + ALIKE))
    return alike


def flooded(ground: Ground) -> Bools:
    """The product: its pieces with what they enclose, without small things beside it."""
    x0, y0, x1, y1 = ground.inside
    regions, count = ndimage.label(ground.alike[y0:y1, x0:x1])
    reached = np.zeros(count + 1, dtype=bool)
    for rim in (regions[0], regions[-1], regions[:, 0], regions[:, -1]):
        reached[rim] = True
    reached[0] = False  # what is not alike is no region
    pieces, count = ndimage.label(~reached[regions])
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    kept = sizes >= max(1, round(PIECE * int(sizes.max())))
    kept[0] = False
    solid = np.zeros(ground.alike.shape, dtype=bool)
    solid[y0:y1, x0:x1] = kept[pieces]
    return solid

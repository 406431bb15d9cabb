"""What stands before the backdrop, cut into connected pieces."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.domain import Pixels
from models.masking import filled

Bits = NDArray[np.bool_]
EDGE = 3  # pixels of the border that show what is behind the garment
DIFFERENT = 28  # levels from what lies behind: more than a contact shadow
PALE = 6  # levels, inside the mask: white cloth differs so little, and rendered backdrops by up to 4
UNEVEN = 12  # levels: a border of which more than half varies more is a room
LEAST = 12 / 256**2  # of the picture: smaller marks are rounding


@dataclass(frozen=True)
class Layout:
    """Areas in pixels: the garment, and each thing apart from it, largest first."""

    garment: int
    apart: tuple[int, ...]

    def share(self, area: int) -> float:
        """An area as a share of the garment's."""
        return area / max(1, self.garment)


def foreground(pixels: Pixels, solid: Bits) -> Bits:
    """What differs from an even backdrop; before a room the mask, which may bridge two garments. (height, width)"""
    behind = _behind(pixels)
    if behind is None:
        return solid
    away = np.abs(pixels.astype(np.int16) - behind).max(axis=-1)
    return np.asarray((away > DIFFERENT) | (solid & (away > PALE)))


def layout(shown: Bits, solid: Bits) -> Layout:
    """The connected pieces of a foreground; the garment is the one that the mask covers most."""
    labels, own = _pieces(shown, solid)
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    others = (int(area) for number, area in enumerate(areas) if number != own and area > LEAST * shown.size)
    return Layout(int(areas[own]), tuple(sorted(others, reverse=True)))


def apart(shown: Bits, solid: Bits) -> Bits:
    """Everything of a foreground that is not connected with the garment; (height, width)."""
    labels, own = _pieces(shown, solid)
    return np.asarray((labels != own) & (labels != 0))


def _pieces(shown: Bits, solid: Bits) -> tuple[NDArray[np.signedinteger], int]:
    """The number of each pixel's piece, 0 for the backdrop, and the garment's number."""
    labels, count = ndimage.label(filled(shown), np.ones((3, 3)))
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    covered = np.bincount(labels[solid], minlength=count + 1)
    areas[0] = covered[0] = 0
    return labels, int(np.argmax(covered if covered.any() else areas))


def _behind(pixels: Pixels) -> NDArray[np.int16] | None:
    """The colour of the backdrop; None where the border is of several."""
    bands = (pixels[:EDGE], pixels[-EDGE:], pixels[:, :EDGE], pixels[:, -EDGE:])
    border = np.concatenate([band.reshape(-1, 3) for band in bands])
    colour = np.median(border, axis=0)
    even = np.abs(border - colour).max(axis=-1) <= UNEVEN
    return colour.astype(np.int16) if even.mean() > 0.5 else None

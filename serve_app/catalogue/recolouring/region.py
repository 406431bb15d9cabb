"""The part of a picture that holds the garment, and where in it the garment is sure, possible and excluded."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.domain import Mask, Picture, Pixels

Bits = NDArray[np.bool_]
EDGE = 2 / 256  # of the side: how far from the mask's edge a pixel may hold garment and background


@dataclass(frozen=True, eq=False)
class Region:
    """`pixels` (height, width, 3) and `alpha` (height, width) of `box`; `unit`: pixels that an edge is soft."""

    pixels: Pixels
    alpha: Pixels
    unit: int
    box: tuple[slice, slice]

    @classmethod
    def of(cls, picture: Picture, mask: Mask) -> "Region":
        """The garment's box with room for its edges; the mask holds at least one pixel."""
        unit = max(1, round(EDGE * max(mask.alpha.shape)))
        rows, columns = (np.flatnonzero((mask.alpha > 127).any(axis=axis)) for axis in (1, 0))
        margin = 3 * unit
        box = (
            slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
            slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
        )
        return cls(picture.pixels[box], mask.alpha[box], unit, box)

    @cached_property
    def inside(self) -> Bits:
        """Nothing but garment; a garment that is thin everywhere is taken whole."""
        solid = self.alpha > 127
        eroded = np.asarray(ndimage.binary_erosion(solid, iterations=self.unit))
        return eroded if eroded.any() else solid

    @property
    def outside(self) -> Bits:
        """Nothing of the garment: these pixels stay as they are."""
        return np.asarray(self.alpha == 0)

    def laid(self, picture: Picture, pixels: Pixels) -> Picture:
        """The picture with this part of it replaced."""
        whole = picture.pixels.copy()
        whole[self.box] = pixels
        return Picture(whole)

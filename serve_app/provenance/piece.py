"""Pixels with those of them that may change: what is seen stays seen, what is white stays white."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from models.domain import Pixels
from serve_app.delivery.flooding import Bools
from serve_app.provenance.cells import CELL, VISIBLE, Grid
from serve_app.provenance.codebook import Cells

MIDDLE = 128  # level that stands for no change


@dataclass(frozen=True, eq=False)
class Piece:
    """`pixels`: (height, width, 3); `darkest`: channel of each, (height, width); `free`: where they may change."""

    pixels: Pixels
    darkest: Pixels
    free: Bools

    @classmethod
    def of(cls, pixels: Pixels, within: Bools | None = None) -> "Piece":
        """Background never changes, nor what is not `within`."""
        least = darkest(pixels)
        free = least < VISIBLE
        return cls(pixels, least, free if within is None else free & within)

    def smaller(self, times: int) -> "Piece":
        """The same with a mean of `times` x `times` pixels for each."""
        if times == 1:
            return self
        pixels = np.asarray(Image.fromarray(self.pixels).reduce(times))
        return Piece.of(pixels, np.asarray(Image.fromarray(self.free).convert("L").reduce(times)) > MIDDLE)

    def pushed(self, push: Cells, grid: Grid) -> Pixels:
        """The pixels with the levels that each cell is pushed by; `grid`: of the picture with CELL pixels to a cell."""
        levels = np.rint(push + MIDDLE).astype(np.uint8).repeat(CELL, 0).repeat(CELL, 1)[: grid[1], : grid[0]]
        height, width = self.free.shape
        levels = np.asarray(Image.fromarray(levels).resize((width, height), Image.Resampling.BILINEAR))
        levels = np.where(self.free, levels, np.uint8(MIDDLE))
        up = np.minimum(np.maximum(levels, MIDDLE) - MIDDLE, VISIBLE - 1 - np.minimum(self.darkest, VISIBLE - 1))
        down = MIDDLE - np.minimum(levels, MIDDLE)
        moved = np.empty_like(self.pixels)
        for channel in range(3):
            plane = np.minimum(self.pixels[..., channel], 255 - up) + up
            moved[..., channel] = np.maximum(plane, down) - down
        return moved


def darkest(pixels: Pixels) -> Pixels:
    """The least of the three channels, (height, width)."""
    least: Pixels = np.minimum(np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    return least

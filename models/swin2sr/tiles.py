"""A picture cut into tiles that overlap, and put together again without a seam.

All tiles of a picture have one shape and begin at multiples of the model's window, so that its windows lie as they
would over the whole picture. Where two of them overlap, the outer quarters are what a border spoils and are not used;
over the half between them one tile fades into the next.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Grid:
    """How a picture is cut, in pixels: tiles of `side`, of which neighbours share at least `overlap`; both multiples of
    the model's `window`."""

    side: int
    overlap: int
    window: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Where tiles of `side` pixels begin along a side of a picture."""

    starts: tuple[int, ...]
    side: int

    @classmethod
    def of(cls, length: int, grid: Grid) -> "Cut":
        """As few as do, evenly spread; one alone where the length is no longer. `length`: a multiple of the window."""
        if length <= grid.side:
            return cls((0,), length)
        gaps = math.ceil((length - grid.side) / (grid.side - grid.overlap))
        windows = (length - grid.side) // grid.window
        return cls(tuple(windows * number // gaps * grid.window for number in range(gaps + 1)), grid.side)

    def weights(self, times: int, overlap: int) -> list[Tensor]:
        """How much each tile counts along the enlarged side, shape (side * times,); together 1 everywhere."""
        found = [torch.ones(self.side * times) for _ in self.starts]
        fading = torch.linspace(0.0, 1.0, times * overlap // 2 + 2)[1:-1]
        for (one, first), (other, second) in pairwise(zip(found, self.starts, strict=True)):
            shared = (first + self.side - second) * times
            before = (shared - len(fading)) // 2
            rising = torch.cat([torch.zeros(before), fading, torch.ones(shared - before - len(fading))])
            other[:shared] *= rising
            one[-shared:] *= 1.0 - rising
        return found


@dataclass(frozen=True, slots=True)
class Tiling:
    """The tiles of a picture, row by row."""

    down: Cut
    across: Cut
    overlap: int

    @classmethod
    def of(cls, size: Sequence[int], grid: Grid) -> "Tiling":
        """Of (height, width)."""
        height, width = size
        return cls(Cut.of(height, grid), Cut.of(width, grid), grid.overlap)

    def cut(self, picture: Tensor) -> list[Tensor]:
        """Views of (channels, height, width)."""
        return [
            picture[:, top : top + self.down.side, left : left + self.across.side]
            for top in self.down.starts
            for left in self.across.starts
        ]

    def joined(self, tiles: Sequence[Tensor], times: int) -> Tensor:
        """The enlarged tiles as one picture (channels, height * times, width * times)."""
        height, width = (times * (cut.starts[-1] + cut.side) for cut in (self.down, self.across))
        whole = torch.zeros(tiles[0].shape[0], height, width)
        columns, found = self.across.weights(times, self.overlap), iter(tiles)
        for top, row in zip(self.down.starts, self.down.weights(times, self.overlap), strict=True):
            for left, column in zip(self.across.starts, columns, strict=True):
                tile = next(found)
                place = whole[:, top * times :, left * times :][:, : tile.shape[1], : tile.shape[2]]
                place += tile * row[:, None] * column
        return whole

"""A picture as cells: how much brighter each is than its like around it, folded onto one square."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from scipy import ndimage

from serve_app.provenance.codebook import SIDE, Cells

CELL = 4  # pixels of a cell as it is read; the picture is scaled to that first
VISIBLE = 250  # a pixel whose darkest channel is brighter is background
LIMIT = 1.5  # levels that a cell counts at most, so that edges do not outvote the rest
NEAR = 5  # cells along the window in which stripes along and across are told apart
CALM = 0.25  # square of the levels by which cells of plain cloth differ anyway
ALIKE = 4.0  # levels within which a neighbour is of the same part of a pattern
RIM = 0.3  # of two neighbours: with less of them seen, a cell lies at the product's rim and has no like
Plane = NDArray[Any]  # of numbers, one per pixel
Grid = tuple[int, int]  # width and height that bring a picture to CELL pixels a cell
Compared = Callable[[Cells], Cells]  # levels of cells above their like, from levels
Comparison = Callable[[Cells], Compared]  # what compares, from the seen shares of cells


def measured(image: Image.Image, grid: Grid, phases: int) -> tuple[Cells, Cells]:
    """Mean level of each cell and the share of it that is seen.

    For `phases` beginnings of the first cell along and across; shape (phases, phases, rows, columns).
    """
    return cells(*planes(image, grid), phases)


def seen(image: Image.Image) -> Image.Image:
    """255 where a pixel is no background."""
    red, green, blue = image.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return darkest.point([255] * VISIBLE + [0] * (256 - VISIBLE))


def planes(image: Image.Image, grid: Grid) -> tuple[Plane, Plane]:
    """Brightness where the picture is seen, and where that is, with CELL pixels to a cell."""
    visible = seen(image)
    light = ImageChops.darker(image.convert("L"), visible)
    weight = np.clip(scaled(visible, grid) / np.float32(255), 0, 1)
    return scaled(light, grid), weight


def scaled(plane: Image.Image, grid: Grid) -> Plane:
    """By the mean; what grows by no whole number by Lanczos, since its mean would lie beside the cells."""
    whole = grid[0] % plane.width == grid[1] % plane.height == 0
    beside = grid[0] > plane.width and not whole
    return np.asarray(plane.convert("F").resize(grid, Image.Resampling.LANCZOS if beside else Image.Resampling.BOX))


def cells(light: Plane, weight: Plane, phases: int) -> tuple[Cells, Cells]:
    """Mean level of each cell's seen pixels, and their share; shape (phases, phases, rows, columns)."""
    levels, shares = (_means(plane, phases) for plane in (light, weight))
    return levels / np.maximum(shares, 1e-3), shares


def _means(plane: Plane, phases: int) -> Cells:
    """Over cells of CELL x CELL pixels, for each place among the first pixels where they may begin."""
    rows, columns = (-(-side // CELL) for side in plane.shape)
    whole = np.zeros((rows * CELL, columns * CELL), np.float32)
    whole[: plane.shape[0], : plane.shape[1]] = plane
    if phases > 1:
        whole = ndimage.uniform_filter(whole, CELL, mode="constant", origin=-(CELL // 2))
        return whole.reshape(rows, CELL, columns, CELL).transpose(1, 3, 0, 2)
    means: Cells = whole.reshape(rows, CELL, columns, CELL).mean(axis=(1, 3))[None, None]
    return means


def by_direction(seen: Cells) -> Compared:
    """Levels of each cell above its two neighbours, those in the calmer direction before the others: for stripes."""
    around = np.maximum(_around(seen), 1e-3)
    sides = [(axis, room > RIM, np.maximum(room, RIM)) for axis in (-1, -2) for room in [_beside(seen, axis)]]

    def compared(level: Cells) -> Cells:
        total: Any = 0.0
        trust: Any = 1e-9
        for axis, inner, room in sides:
            gap = np.where(inner, level - _beside(level * seen, axis) / room, 0)
            weight = inner / ((_around(np.abs(gap) * seen) / around) ** 2 + CALM)
            total, trust = total + weight * gap, trust + weight
        return np.asarray(total / trust)

    return compared


def by_likeness(seen: Cells) -> Compared:
    """Levels of each cell above its eight neighbours, those that are alike before the others: for lattices and dots."""
    rows, columns = seen.shape[-2:]
    around = [(0, 0)] * (seen.ndim - 2) + [(1, 1), (1, 1)]
    places = [(..., slice(y, y + rows), slice(x, x + columns)) for y in range(3) for x in range(3) if (y, x) != (1, 1)]
    padded = np.pad(seen, around)
    shares = [padded[place] ** 2 for place in places]

    def compared(level: Cells) -> Cells:
        total: Any = 0.0
        trust: Any = 1e-9
        levels = np.pad(level, around)
        for place, share in zip(places, shares, strict=True):
            gap = level - levels[place]
            weight = share / (gap**2 + ALIKE**2)
            total, trust = total + weight * gap, trust + weight
        return np.asarray(total / trust)

    return compared


COMPARISONS: tuple[Comparison, ...] = (by_direction, by_likeness)


def unrest(apart: Cells, seen: Cells) -> Cells:
    """How much cells differ nearby, in levels."""
    near: Cells = _around(np.abs(apart) * seen) / np.maximum(_around(seen), 1e-3)
    return near


def _beside(plane: Cells, axis: int) -> Cells:
    """Sum of the two neighbours along an axis."""
    both = np.zeros_like(plane)
    if axis == -1:
        both[..., 1:] = plane[..., :-1]
        both[..., :-1] += plane[..., 1:]
    else:
        both[..., 1:, :] = plane[..., :-1, :]
        both[..., :-1, :] += plane[..., 1:, :]
    return both


def _around(plane: Cells) -> Cells:
    near: Cells = ndimage.uniform_filter(plane, NEAR, mode="constant", axes=(-2, -1))
    return near


def folded(apart: Cells, seen: Cells) -> Cells:
    """All squares of the picture laid on one another; shape (phases, phases, SIDE, SIDE)."""
    value = np.clip(apart, -LIMIT, LIMIT) * seen
    rows, columns = (-(-count // SIDE) for count in value.shape[-2:])
    whole = np.zeros((*value.shape[:2], rows * SIDE, columns * SIDE))
    whole[..., : value.shape[-2], : value.shape[-1]] = value
    square: Cells = whole.reshape(*value.shape[:2], rows, SIDE, columns, SIDE).sum(axis=(2, 4))
    return square

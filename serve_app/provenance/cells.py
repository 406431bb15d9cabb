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
Plane = NDArray[Any]  # of numbers, one per pixel
Comparison = Callable[[Cells, Cells], Cells]


def measured(image: Image.Image, size: float, phases: int) -> tuple[Cells, Cells]:
    """Mean level of each cell and the share of it that is seen.

    For `phases` beginnings of the first cell along and across; shape (phases, phases, rows, columns).
    """
    return cells(*planes(image, size), phases)


def seen(image: Image.Image) -> Image.Image:
    """255 where a pixel is no background."""
    red, green, blue = image.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return darkest.point([255] * VISIBLE + [0] * (256 - VISIBLE))


def planes(image: Image.Image, size: float) -> tuple[Plane, Plane]:
    """Brightness where the picture is seen, and where that is, with CELL pixels to a cell."""
    visible = seen(image)
    light = ImageChops.darker(image.convert("L"), visible)
    weight: Plane = scaled(visible, size) / np.float32(255)
    return scaled(light, size), weight


def scaled(plane: Image.Image, size: float) -> Plane:
    width, height = (max(1, round(side * CELL / size)) for side in plane.size)
    return np.asarray(plane.convert("F").resize((width, height), Image.Resampling.BOX))


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


def by_direction(level: Cells, seen: Cells) -> Cells:
    """Levels of each cell above its two neighbours, those in the calmer direction before the others: for stripes."""
    total: Any = 0.0
    trust: Any = 1e-9
    for axis in (-1, -2):
        beside, room = (_beside(plane, axis) for plane in (level * seen, seen))
        gap = np.where(room > 0.3, level - beside / np.maximum(room, 0.3), 0)  # a rim is no neighbour
        weight = (room > 0.3) / (unrest(gap, seen) ** 2 + CALM)
        total, trust = total + weight * gap, trust + weight
    return np.asarray(total / trust)


def by_likeness(level: Cells, seen: Cells) -> Cells:
    """Levels of each cell above its eight neighbours, those that are alike before the others: for lattices and dots."""
    total: Any = 0.0
    trust: Any = 1e-9
    rows, columns = level.shape[-2:]
    around = [(0, 0)] * (level.ndim - 2) + [(1, 1), (1, 1)]
    levels, shares = (np.pad(plane, around) for plane in (level, seen))
    for y, x in ((y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)):
        place = (..., slice(y, y + rows), slice(x, x + columns))
        gap = level - levels[place]
        weight = shares[place] ** 2 / (gap**2 + ALIKE**2)
        total, trust = total + weight * gap, trust + weight
    return np.asarray(total / trust)


COMPARISONS: tuple[Comparison, ...] = (by_direction, by_likeness)


def unrest(apart: Cells, seen: Cells) -> Cells:
    """How much cells differ nearby, in levels."""
    near: Cells = _around(np.abs(apart) * seen) / np.maximum(_around(seen), 1e-3)
    return near


def _beside(plane: Cells, axis: int) -> Cells:
    """Sum of the two neighbours along an axis."""
    padded = np.pad(plane, [(1, 1) if at == plane.ndim + axis else (0, 0) for at in range(plane.ndim)])
    count = plane.shape[axis]
    both: Cells = padded.take(range(count), axis) + padded.take(range(2, count + 2), axis)
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

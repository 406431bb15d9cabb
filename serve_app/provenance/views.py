"""How a picture of unknown past may lie over the cells of its mark: scaled as a whole, halved or cut."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from serve_app.provenance.cells import CELL, Grid

SHARES = (128, 64)  # cells along the longer side of what was scaled as a whole
LEAST = 1.5  # pixels of a cell: less is no cell of anybody's
HALVED = 256  # pixels of the longer side, at most, of what had cells of CELL pixels and was halved
SIZES = (4, 8, 16)  # pixels of a cell of what was cut
RANGES = ((0, 768), (256, 2400), (512, 4800))  # longer sides of what has them: as marked, halved, and with 30 % cut off
VIEWS = 15  # at most: two wholes, four halves, and of the three sizes one, four and four


@dataclass(frozen=True, slots=True)
class View:
    """`first`: the pixel (x, y) with which a cell begins, or one beside it; `grid`: what the rest is scaled to."""

    first: tuple[int, int]
    grid: Grid


def views(width: int, height: int) -> Iterator[View]:
    """The likeliest first, none twice."""
    yield from dict.fromkeys(itertools.chain(_scaled(width, height), _halved(width, height), _cut(width, height)))


def _scaled(width: int, height: int) -> Iterator[View]:
    for share in SHARES:
        size = max(width, height) / share
        if size >= LEAST:
            yield View((0, 0), _grid(width, height, size))


def _halved(width: int, height: int) -> Iterator[View]:
    """The sides before may have been odd: half a pixel is an eighth of a cell."""
    if max(width, height) <= HALVED:
        for across, down in ((0, 0), (1, 1), (1, 0), (0, 1)):
            yield View((0, 0), (2 * width + across, 2 * height + down))


def _cut(width: int, height: int) -> Iterator[View]:
    """Large cells are sought at half a pixel of their grid: a lattice that is cut elsewhere has other cells."""
    for size, (least, most) in zip(SIZES, RANGES, strict=True):
        if least <= max(width, height) <= most:
            for x, y in itertools.product({0, size // CELL // 2}, repeat=2):
                yield View((x, y), _grid(width - x, height - y, size))


def _grid(width: int, height: int, size: float) -> Grid:
    return max(1, round(width * CELL / size)), max(1, round(height * CELL / size))

"""What a mark is written on: the product's cells, how far each may be pushed, and what becomes of them in a shop."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from models.domain import Pixels
from serve_app.delivery.flooding import Bools, box_of
from serve_app.provenance.cells import CELL, VISIBLE, Compared, Grid, cells, planes, scaled, unrest
from serve_app.provenance.codebook import SIDE, Cells
from serve_app.provenance.piece import Piece, darkest

EDGE = 1.3  # times the most it may be pushed: a cell that lies further on the wrong side is an edge, and left alone
ROUNDS, MORE = 8, 3  # pushing a cell moves what its neighbours are compared with; MORE: from a gentler push on
STEP = 0.8  # of what is missing that a round pushes; more swings
QUALITY, METHOD = 80, 0  # of a WebP, which takes more than a JPEG of 70; method 4 takes three times the time
HALF = 1.2  # half a picture is the same in every shop, a WebP is not: 12.5 there are as good as 15 here
FINE = 8  # pixels to a cell, at most, of what is tried: a picture of larger cells is looked at smaller
CROP = math.sqrt(0.7)  # of each side: what cuts off 30 % of the area leaves
BLOCK = 4  # cells: a block of 16 pixels begins where it does in the whole picture
BESIDE = 3  # cells around the product: what its rim is compared with


@dataclass(frozen=True, slots=True)
class Strength:
    """`depth`: levels by which every cell is to differ; `plain`, `busy`: most that a pixel changes, there and there."""

    depth: float
    plain: float
    busy: float


@dataclass(frozen=True)
class Worn:
    """What became of a marked picture, the grid of its cells, and which cell of the square it begins with.

    `worth`: of its score, where what is tried is all that can happen.
    """

    image: Image.Image
    grid: Grid
    first: tuple[int, int]
    worth: float = 1.0


@dataclass(frozen=True, eq=False)
class Cloth:
    """The product's place in a picture, in pixels; there `tried`, the same with at most FINE of them to a cell, and
    per cell the mean level, the share that is seen, and of that the share that may change."""

    pixels: Pixels
    cell: int
    place: tuple[slice, slice]
    piece: Piece
    tried: Piece
    level: Cells
    seen: Cells
    reach: Cells

    @classmethod
    def of(cls, pixels: Pixels, cell: int, within: Bools | None) -> "Cloth | None":
        """`cell`: pixels of one in the picture; None where nothing may change."""
        box = box_of(darkest(pixels) < VISIBLE if within is None else within)
        if box is None:
            return None
        place = (_spaced(box[1], box[3], cell), _spaced(box[0], box[2], cell))
        piece = Piece.of(pixels[place], None if within is None else within[place])
        tried = piece.smaller(max(1, cell // FINE))
        grid = grid_of(piece, cell)
        light, weight = planes(Image.fromarray(tried.pixels), grid)
        level, seen = (each[0, 0] for each in cells(light, weight, phases=1))
        free = scaled(Image.fromarray(tried.free).convert("L"), grid) / np.float32(255)
        share = cells(light, free, phases=1)[1][0, 0]
        reach = np.where(seen > 0.1, share / np.maximum(seen, 0.1), 0)  # a thinner rim is no cell of the product
        return cls(pixels, cell, place, piece, tried, level, seen, reach) if reach.any() else None

    @property
    def first(self) -> tuple[int, int]:
        """Row and column of the picture's cell with which the product's place begins."""
        return self.place[0].start // self.cell, self.place[1].start // self.cell

    @property
    def left(self) -> float:
        """Of the product, the share that a crop leaves which takes most of it."""
        free = self.seen * self.reach
        across, down = (
            (slice(max(0, kept - first)), slice(max(0, math.ceil(side / self.cell) - kept - first), None))
            for side, first in zip(self.pixels.shape, self.first, strict=False)
            for kept in [math.ceil(CROP * side / self.cell)]
        )
        return float(min(free[corner].sum() for corner in itertools.product(across, down)) / max(free.sum(), 1e-9))

    def pushed(self, signs: Cells, strength: Strength, compared: Compared, gentler: Cells | None = None) -> Cells:
        """Levels per cell until each lies on its side, as far as its surroundings hide it.

        `signs`: of each cell; `gentler`: what a lesser strength has pushed.
        """
        most = np.clip(strength.plain + unrest(compared(self.level), self.seen), strength.plain, strength.busy)
        lowest, highest = -np.minimum(most, self.level), np.minimum(most, np.maximum(VISIBLE - 1 - self.level, 0))
        push = np.zeros_like(self.level) if gentler is None else gentler
        for _ in range(ROUNDS if gentler is None else MORE):
            apart = compared(self.level + push * self.reach)
            missing = np.maximum(strength.depth - signs * apart, 0)
            missing = np.where(missing > EDGE * most, 0, missing)
            push = np.clip(push + STEP * signs * missing, lowest, highest)
        return push

    def signs(self, word: Cells) -> Cells:
        """The word's, repeated over the product's cells."""
        rows, columns = self.level.shape
        tiled = np.tile(np.roll(word, [-at for at in self.first], axis=(0, 1)), (-(-rows // SIDE), -(-columns // SIDE)))
        return tiled[:rows, :columns].astype(np.float32)

    def worn(self, push: Cells) -> Iterator[Worn]:
        """The pushed product in a shop's WebP; then, where cells are small, the picture at half its size."""
        grid = grid_of(self.piece, self.cell)
        moved, written = self.tried.pushed(push, grid), BytesIO()
        Image.fromarray(moved).save(written, "WEBP", quality=QUALITY, method=METHOD)
        with Image.open(written) as worn:
            yield Worn(worn.convert("RGB"), grid, self.first)
        if self.cell == CELL:
            whole = Image.fromarray(self.marked(push))
            half = (whole.width // 2, whole.height // 2)
            yield Worn(whole.resize(half, Image.Resampling.LANCZOS), whole.size, (0, 0), HALF)

    def marked(self, push: Cells) -> Pixels:
        """The picture with its product pushed."""
        pixels = self.pixels.copy()
        pixels[self.place] = self.piece.pushed(push, grid_of(self.piece, self.cell))
        return pixels


def grid_of(piece: Piece, cell: int) -> Grid:
    """With CELL pixels to what are `cell` in the piece."""
    height, width = (math.ceil(side * CELL / cell) for side in piece.free.shape)
    return width, height


def _spaced(first: int, last: int, cell: int) -> slice:
    """From `first` to `last` and beside them, in whole blocks."""
    block = BLOCK * cell
    return slice(max(0, first - BESIDE * cell) // block * block, -(-(last + BESIDE * cell) // cell) * cell)

"""What a mark is written on: a picture's cells, how far each may be pushed, and what becomes of them in a shop."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from serve_app.provenance.cells import CELL, VISIBLE, Comparison, Plane, cells, planes, scaled, unrest
from serve_app.provenance.cells import seen as seen_in
from serve_app.provenance.codebook import SIDE, Cells

EDGE = 1.3  # times the most it may be pushed: a cell that lies further on the wrong side is an edge, and left alone
ROUNDS = 8  # pushing a cell moves what its neighbours are compared with
STEP = 0.8  # of what is missing that a round pushes; more swings
QUALITY, FINE = 80, 8.0  # WebP, which takes more than a JPEG of 70, of a picture of at most FINE pixels to a cell
CROP = math.sqrt(0.7)  # of each side: what cuts off 30 % of the area leaves
BLOCK = 4  # cells: a block of 16 pixels begins where it does in the whole picture


@dataclass(frozen=True, slots=True)
class Strength:
    """`depth`: levels by which every cell is to differ; `plain`, `busy`: most that a pixel changes, there and there."""

    depth: float
    plain: float
    busy: float


@dataclass(frozen=True)
class Worn:
    """What became of a marked picture, the size of its cells, and which cell of the square it begins with."""

    image: Image.Image
    size: float
    first: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Cloth:
    """What of a picture can be marked: mean level and seen share of each cell, and the share of it that may change."""

    image: Image.Image
    size: float
    free: Image.Image  # 255 for pixels that may change
    scaled: tuple[int, int]  # height and width with CELL pixels to a cell
    level: Cells
    seen: Cells
    reach: Cells

    @classmethod
    def of(cls, image: Image.Image, size: float, within: NDArray[np.bool_] | None) -> "Cloth":
        light, weight = planes(image, size)
        free = seen_in(image)
        if within is not None:
            free = ImageChops.darker(free, Image.fromarray(within).convert("L"))
        level, seen = (each[0, 0] for each in cells(light, weight, phases=1))
        share = cells(light, scaled(free, size) / np.float32(255), phases=1)[1][0, 0]
        reach = np.where(seen > 0.1, share / np.maximum(seen, 0.1), 0)  # a thinner rim is no cell of the product
        return cls(image, size, free, weight.shape, level, seen, reach)

    @property
    def left(self) -> float:
        """Of the product, the share that a crop leaves which takes most of it."""
        rows, columns = (math.ceil(CROP * side) for side in self.seen.shape)
        corners = itertools.product((slice(rows), slice(-rows, None)), (slice(columns), slice(-columns, None)))
        return float(min(self.seen[corner].sum() for corner in corners) / max(self.seen.sum(), 1e-9))

    def pushed(self, word: Cells, strength: Strength, compared: Comparison) -> Cells:
        """Levels per cell until each lies on its side, as far as its surroundings hide it."""
        rows, columns = self.level.shape
        signs = np.tile(word, (-(-rows // SIDE), -(-columns // SIDE)))[:rows, :columns]
        busy = unrest(compared(self.level, self.seen), self.seen)
        most = np.clip(strength.plain + busy, strength.plain, strength.busy)
        lowest, highest = -np.minimum(most, self.level), np.minimum(most, np.maximum(VISIBLE - 1 - self.level, 0))
        push = np.zeros_like(self.level)
        for _ in range(ROUNDS):
            apart = compared(self.level + push * self.reach, self.seen)
            missing = np.maximum(strength.depth - signs * apart, 0)
            missing = np.where(missing > EDGE * most, 0, missing)
            push = np.clip(push + STEP * signs * missing, lowest, highest)
        return push

    def marked(self, push: Cells) -> Image.Image:
        """The picture with its cells pushed; what is seen stays seen, what is white stays white."""
        height, width = self.scaled
        plane = push.repeat(CELL, 0).repeat(CELL, 1)[:height, :width].astype(np.float32)
        change = np.rint(np.asarray(Image.fromarray(plane).resize(self.image.size, Image.Resampling.BILINEAR)))
        up, down = (ImageChops.darker(_bytes(np.maximum(way, 0)), self.free) for way in (change, -change))
        lighter = ImageChops.add(self.image, Image.merge("RGB", (up, up, up)))
        moved = ImageChops.subtract(lighter, Image.merge("RGB", (down, down, down)))
        moved.paste(self.image, mask=ImageChops.subtract(self.free, seen_in(moved)))
        return moved

    def worn(self, marked: Image.Image) -> Iterator[Worn]:
        """The product after a shop's WebP, and at half its size."""
        rows, columns = (np.flatnonzero((self.seen > 0).any(axis=axis)) for axis in (1, 0))
        first = (int(rows[0]) // BLOCK * BLOCK, int(columns[0]) // BLOCK * BLOCK)
        top, left, bottom, right = (int(at * self.size) for at in (*first, rows[-1] + 1, columns[-1] + 1))
        cut = marked.crop((left, top, min(right, marked.width), min(bottom, marked.height)))
        times, written = max(1, round(self.size / FINE)), BytesIO()
        cut.reduce(times).save(written, "WEBP", quality=QUALITY)
        with Image.open(written) as worn:
            yield Worn(worn.convert("RGB"), self.size / times, first)
        yield Worn(cut.reduce(2), self.size / 2, first)


def _bytes(levels: Plane) -> Image.Image:
    return Image.fromarray(levels.astype(np.uint8))

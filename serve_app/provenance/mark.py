"""The invisible mark: 42 bits in the brightness of the product, and none of it in the white around it.

The picture is laid out in cells; a square of 32 x 32 cells repeats over it. Each cell's brightness, compared with cells
around it that are alike, is pushed to the side that the keyed codebook names, as far as it does not lie there already.
A reader needs the key only: it finds the squares in a crop by the part that all payloads share.

False positives: for a picture that was not marked with the key, the signs of a given payload at a given place are
independent coin tosses, so its score exceeds t with at most exp(-t^2 / 2) (Hoeffding), whatever the picture shows.
`THRESHOLD` is where that, times everything a reading tries, is 1e-6.
"""

import itertools
import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.domain import Pixels
from serve_app.provenance.cells import CELL, COMPARISONS, Comparison, folded, measured
from serve_app.provenance.cloth import Cloth, Strength, Worn
from serve_app.provenance.codebook import MOST, SIDE, Cells, Codebook

SIZES = (4.0, 8.0, 16.0, 2.0)  # cells of what was cropped: as delivered, and half of it
SHARES = (128, 64)  # cells along the longer side of what was scaled as a whole
MOST_CELLS = 300  # along the longer side: what is marked has at most that many, up to 4,800 pixels
LOOKS = 16  # places at which a payload is tried, best alignment first
FALSE_POSITIVES = 1e-6  # per picture that is read
TRIALS = MOST * (SIDE * CELL) ** 2 * (len(SIZES) + len(SHARES)) * len(COMPARISONS)
THRESHOLD = math.sqrt(2 * math.log(TRIALS / FALSE_POSITIVES))  # 10.5

SURE = 13.5  # score that a fresh mark keeps in a WebP and at half its size
READABLE = 12.5  # what the worst crop has to leave of it; below 12 words begin to be misread
STRENGTHS = (  # the first one that lasts is taken; more than the last is seen
    Strength(0.5, 2, 4),
    Strength(0.8, 3, 6),
    Strength(1.6, 5, 10),
    Strength(2.5, 7, 14),
    Strength(2.5, 9, 20),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A payload and its score; `chance`: of a score so high without a mark, over all that was tried."""

    payload: int
    score: float

    @property
    def chance(self) -> float:
        return float(min(1.0, TRIALS * math.exp(-(self.score**2) / 2)))


class Watermarker(Protocol):
    """Writes a payload into pixels, and reads it from what became of them."""

    def write(self, pixels: Pixels, payload: int, within: NDArray[np.bool_] | None = None) -> Pixels | None:
        """The marked pixels, shape (height, width, 3), uint8; None for a product that is too small, light or busy.

        `within`, shape (height, width): where a pixel may change.
        """

    def read(self, pixels: Pixels) -> Reading | None:
        """What the pixels carry; None for what was not marked with this key."""


class SpreadSpectrum:
    """The mark of this module under one key."""

    def __init__(self, key: bytes) -> None:
        self._book = Codebook(key)

    def write(self, pixels: Pixels, payload: int, within: NDArray[np.bool_] | None = None) -> Pixels | None:
        cloth, word = Cloth.of(Image.fromarray(pixels), cell_of(pixels), within), self._book.word(payload)
        if not cloth.reach.any():
            return None
        least = max(SURE, READABLE / math.sqrt(max(cloth.left, 0.5)))  # half of a product is another picture
        for strength, compared in itertools.product(STRENGTHS, COMPARISONS):
            marked = cloth.marked(cloth.pushed(word, strength, compared))
            found = (self._found(worn, compared) for worn in cloth.worn(marked))
            if all(one.payload == payload and one.score >= least for one in found):
                return np.asarray(marked)
        return None

    def _found(self, worn: Worn, compared: Comparison) -> Reading:
        level, seen = measured(worn.image, worn.size, phases=1)
        square = folded(compared(level, seen), seen)[0, 0]
        return Reading(*self._book.read(np.roll(square, worn.first, axis=(0, 1))))

    def read(self, pixels: Pixels) -> Reading | None:
        longer, image = max(pixels.shape[:2]), Image.fromarray(pixels)
        for size in dict.fromkeys((*(longer / share for share in SHARES), *SIZES)):
            if size < 1.5 or longer / size > MOST_CELLS:  # two cells would be a pixel, or the cells too many
                continue
            reading = self._sized(image, size)
            if reading is not None:
                return reading
        return None

    def _sized(self, image: Image.Image, size: float) -> Reading | None:
        level, seen = measured(image, size, phases=CELL)
        for compared in COMPARISONS:
            best = self._aligned(folded(compared(level, seen), seen))
            if best.score >= THRESHOLD:
                return best
        return None

    def _aligned(self, squares: Cells) -> Reading:
        found = (
            Reading(*self._book.read(np.roll(squares[phase_y, phase_x], (-y, -x), axis=(0, 1))))
            for phase_y, phase_x, y, x in _places(squares, self._book.shared)
        )
        return max(found, key=lambda reading: reading.score)


def cell_of(pixels: Pixels) -> float:
    """Pixels of a cell in a picture that is to be marked: larger in larger pictures, which are shrunk more."""
    longer = max(pixels.shape[:2])
    return 4.0 if longer < 512 else 8.0 if longer < 1536 else 16.0


def _places(squares: Cells, shared: Cells) -> list[tuple[int, ...]]:
    """Where the square may begin, by what every payload shares."""
    agreement, power = (_correlated(a, b) for a, b in ((squares, shared), (squares**2, np.abs(shared))))
    score = (agreement / np.sqrt(np.maximum(power, 1e-9))).ravel()
    best = np.argpartition(score, -LOOKS)[-LOOKS:]
    return [tuple(map(int, np.unravel_index(place, squares.shape))) for place in best]


def _correlated(cells: Cells, pattern: Cells) -> Cells:
    found: Cells = np.fft.irfft2(np.fft.rfft2(cells) * np.conj(np.fft.rfft2(pattern)), pattern.shape)
    return found

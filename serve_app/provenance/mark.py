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
from operator import itemgetter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.domain import Pixels
from serve_app.provenance.cells import CELL, COMPARISONS, folded, measured
from serve_app.provenance.cloth import Cloth
from serve_app.provenance.codebook import MOST, SIDE, Cells, Codebook
from serve_app.provenance.trial import READABLE, STRENGTHS, Trial
from serve_app.provenance.views import VIEWS, views

LOOKS = 16  # places at which a payload is tried, best alignment first
FALSE_POSITIVES = 1e-6  # per picture that is read
TRIALS = MOST * (SIDE * CELL) ** 2 * VIEWS * len(COMPARISONS)
THRESHOLD = math.sqrt(2 * math.log(TRIALS / FALSE_POSITIVES))  # 10.6
CERTAIN = 13.0  # a score from which no word is misread, and no other view need be tried

SURE = 15.0  # score that a fresh mark keeps in the WebP in which it is tried; one written with more effort leaves 12


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
        cloth, word = Cloth.of(pixels, cell_of(pixels), within), self._book.word(payload)
        if cloth is None:
            return None
        # The worst crop has to be readable; half of a product is another picture.
        least = max(SURE, READABLE / math.sqrt(max(cloth.left, 0.5)))
        trials = [Trial(cloth, word, comparison, least) for comparison in COMPARISONS]
        for strength, trial in itertools.product(STRENGTHS, trials):
            push = trial.lasting(strength)
            if push is not None:
                return cloth.marked(push)
        spare = max((trial.spare for trial in trials if trial.spare is not None), key=itemgetter(0), default=None)
        return None if spare is None else cloth.marked(spare[1])

    def read(self, pixels: Pixels) -> Reading | None:
        best, image = Reading(0, 0.0), Image.fromarray(pixels)
        for view in views(*image.size):
            level, seen = measured(image.crop((*view.first, *image.size)), view.grid, phases=CELL)
            for comparison in COMPARISONS:
                squares = folded(comparison(seen)(level), seen)
                best = max(best, self._aligned(squares), key=lambda reading: reading.score)
            if best.score >= CERTAIN:
                break
        return best if best.score >= THRESHOLD else None

    def _aligned(self, squares: Cells) -> Reading:
        found = (
            Reading(*self._book.read(np.roll(squares[phase_y, phase_x], (-y, -x), axis=(0, 1))))
            for phase_y, phase_x, y, x in _places(squares, self._book.shared)
        )
        return max(found, key=lambda reading: reading.score)


def cell_of(pixels: Pixels) -> int:
    """Pixels of a cell in a picture that is to be marked: larger in larger pictures, which are shrunk more."""
    longer = max(pixels.shape[:2])
    return 4 if longer < 512 else 8 if longer < 1536 else 16


def _places(squares: Cells, shared: Cells) -> list[tuple[int, ...]]:
    """Where the square may begin, by what every payload shares."""
    agreement, power = (_correlated(a, b) for a, b in ((squares, shared), (squares**2, np.abs(shared))))
    score = (agreement / np.sqrt(np.maximum(power, 1e-9))).ravel()
    best = np.argpartition(score, -LOOKS)[-LOOKS:]
    return [tuple(map(int, np.unravel_index(place, squares.shape))) for place in best]


def _correlated(cells: Cells, pattern: Cells) -> Cells:
    found: Cells = np.fft.irfft2(np.fft.rfft2(cells) * np.conj(np.fft.rfft2(pattern)), pattern.shape)
    return found

"""The invisible mark: 42 bits in the brightness of the product, and none of it in the white around it.

The picture is laid out in cells; a square of 32 x 32 cells repeats over it. Each cell's brightness against its
surroundings is pushed to the side that the keyed codebook names, as far as it does not lie there already. A reader
needs the key only: it finds the squares in a crop by the part that all payloads share.

False positives: for a picture that was not marked with the key, the signs of a given payload at a given place are
independent coin tosses, so its score exceeds t with at most exp(-t^2 / 2) (Hoeffding), whatever the picture shows.
`THRESHOLD` is where that, times everything a reading tries, is 1e-6.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from models.domain import Pixels
from serve_app.provenance.codebook import MOST, SIDE, Cells, Codebook

CELL = 4  # pixels of a cell as it is read; the picture is scaled to that first
SPAN = SIDE * CELL
VISIBLE = 250  # a pixel whose darkest channel is brighter is background
AROUND = 3 * CELL + 1  # pixels of the surroundings that a cell is compared with
SIZES = (4.0, 8.0, 16.0, 2.0)  # cells of what was cropped: as delivered, and half of it
SHARES = (128, 64)  # cells along the longer side of what was scaled as a whole
LOOKS = 16  # places at which a payload is tried, best alignment first
FALSE_POSITIVES = 1e-6  # per picture that is read
TRIALS = MOST * SPAN**2 * (len(SIZES) + len(SHARES))
THRESHOLD = math.sqrt(2 * math.log(TRIALS / FALSE_POSITIVES))  # 10.4

DEPTH = 2.5  # levels by which every cell is to differ from its surroundings
PUSHES = (7.0, 14.0)  # most levels that a pixel changes; the second for busy patterns, in which it is not seen
LIMIT = 2.0  # levels that a cell counts at most, so that edges do not outvote the rest
EDGE = 1.3  # times that: a cell that lies further on the wrong side is an edge, and left alone
ROUNDS = 4  # pushing a cell moves its neighbours' surroundings
SURE = 16.0  # score that a fresh mark has to reach: a JPEG, half the size or a crop take up to a quarter of it
Plane = NDArray[Any]  # of numbers, one per pixel


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

    def write(self, pixels: Pixels, payload: int) -> Pixels | None:
        """The marked pixels, shape (height, width, 3), uint8; None for a product that is too small, light or busy."""

    def read(self, pixels: Pixels) -> Reading | None:
        """What the pixels carry; None for what was not marked with this key."""


class SpreadSpectrum:
    """The mark of this module under one key."""

    def __init__(self, key: bytes) -> None:
        self._book = Codebook(key)

    def write(self, pixels: Pixels, payload: int) -> Pixels | None:
        size, word = cell_of(pixels), self._book.word(payload)
        for most in PUSHES:
            marked = _marked(pixels, size, word, most)
            found, score = self._book.read(_at(_folded(*measured(marked, size)), 0, 0))
            if found == payload and score >= SURE:
                return marked
        return None

    def read(self, pixels: Pixels) -> Reading | None:
        longer = max(pixels.shape[:2])
        sizes = dict.fromkeys((*(longer / share for share in SHARES), *SIZES))
        for size in sizes:
            if size < 1.5:  # below, two cells are a pixel
                continue
            reading = self._sized(pixels, size)
            if reading is not None:
                return reading
        return None

    def _sized(self, pixels: Pixels, size: float) -> Reading | None:
        folded = _folded(*measured(pixels, size))
        for y, x in _places(folded, self._book.shared):
            payload, score = self._book.read(_at(folded, y, x))
            if score >= THRESHOLD:
                return Reading(payload, score)
        return None


def cell_of(pixels: Pixels) -> float:
    """Pixels of a cell in a picture that is to be marked: larger in larger pictures, which are shrunk more."""
    longer = max(pixels.shape[:2])
    return 4.0 if longer < 512 else 8.0 if longer < 1536 else 16.0


def measured(pixels: Pixels, size: float) -> tuple[Plane, Plane]:
    """How much brighter the cell from each pixel on is than its surroundings, in levels, and how much of it is seen."""
    return _apart(*_planes(pixels, size))


def _planes(pixels: Pixels, size: float) -> tuple[Plane, Plane]:
    """Brightness where the picture is seen, and where that is, with CELL pixels to a cell."""
    weight = (pixels.min(axis=-1) < VISIBLE).astype(np.float32)
    light = pixels.astype(np.float32).mean(axis=-1) * weight
    height, width = (max(1, round(side * CELL / size)) for side in weight.shape)
    if (height, width) != weight.shape:
        light, weight = (_scaled(plane, (width, height)) for plane in (light, weight))
    return light, weight


def _apart(light: Plane, weight: Plane) -> tuple[Plane, Plane]:
    around = ndimage.uniform_filter(light, AROUND) / np.maximum(ndimage.uniform_filter(weight, AROUND), 1e-3)
    share = _from_here(weight)
    apart = _from_here(light - around * weight) / np.maximum(share, 1e-3)
    return apart, share


def _scaled(plane: Plane, size: tuple[int, int]) -> Plane:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BOX))


def _from_here(plane: Plane) -> Plane:
    """Mean over the CELL x CELL pixels that begin at each pixel."""
    return ndimage.uniform_filter(plane, CELL, mode="constant", origin=-(CELL // 2))


def _folded(apart: Plane, share: Plane) -> Cells:
    """All squares of the picture laid on one another; shape (SPAN, SPAN)."""
    value = np.clip(apart, -LIMIT, LIMIT) * share
    height, width = (-(-side // SPAN) * SPAN for side in value.shape)
    whole = np.zeros((height, width))
    whole[: value.shape[0], : value.shape[1]] = value
    folded: Cells = whole.reshape(height // SPAN, SPAN, width // SPAN, SPAN).sum(axis=(0, 2))
    return folded


def _places(folded: Cells, shared: Cells) -> list[tuple[int, int]]:
    """Where the square may begin, by what every payload shares; the likeliest first."""
    comb = np.zeros((SPAN, SPAN))
    comb[::CELL, ::CELL] = shared
    agreement, power = (_correlated(a, b) for a, b in ((folded, comb), (folded**2, np.abs(comb))))
    score = agreement / np.sqrt(np.maximum(power, 1e-9))
    best = np.argpartition(score.ravel(), -LOOKS)[-LOOKS:]
    ranked = best[np.argsort(-score.ravel()[best])]
    return [(int(place) // SPAN, int(place) % SPAN) for place in ranked]


def _correlated(plane: Cells, pattern: Cells) -> Cells:
    return np.fft.irfft2(np.fft.rfft2(plane) * np.conj(np.fft.rfft2(pattern)), plane.shape)


def _at(folded: Cells, y: int, x: int) -> Cells:
    """The cells of a square that begins there; shape (SIDE, SIDE)."""
    return np.roll(folded, (-y, -x), axis=(0, 1))[::CELL, ::CELL]


def _marked(pixels: Pixels, size: float, word: Cells, most: float) -> Pixels:
    """With every cell pushed to its side, by `most` levels at most."""
    seen = pixels.min(axis=-1) < VISIBLE
    light, weight = _planes(pixels, size)
    push = np.zeros_like(light)
    for _ in range(ROUNDS):
        cells, _ = _apart(light + push * weight, weight)
        missing = _missing(cells, word)
        push = np.clip(push + np.where(np.abs(missing) > EDGE * most, 0, missing), -most, most)
    change = _scaled(push, (seen.shape[1], seen.shape[0])) * seen
    marked: Pixels = np.clip(np.rint(pixels + change[..., None]), 0, 255).astype(np.uint8)
    return marked


def _missing(apart: Plane, word: Cells) -> Plane:
    """What is missing until every cell lies on its side, in levels per pixel."""
    cells = apart[::CELL, ::CELL]
    rows, columns = (-(-side // SIDE) for side in cells.shape)
    signs = np.tile(word, (rows, columns))[: cells.shape[0], : cells.shape[1]]
    missing = (signs * np.maximum(DEPTH - signs * cells, 0)).astype(np.float32)
    return missing.repeat(CELL, 0).repeat(CELL, 1)[: apart.shape[0], : apart.shape[1]]

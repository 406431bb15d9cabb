"""A mark with more and more strength, by one way to compare cells, until what a shop leaves of it is enough."""

import math

import numpy as np

from serve_app.provenance.cells import Comparison, folded, measured
from serve_app.provenance.cloth import Cloth, Strength
from serve_app.provenance.codebook import Cells, agreement

READABLE = 12.5  # score; below 12 words begin to be misread
STRENGTHS = (  # the first one that lasts is taken; more than the last is seen
    Strength(0.5, 2, 4),
    Strength(0.65, 2.5, 5),
    Strength(0.8, 3, 6),
    Strength(1.1, 4, 8),
    Strength(1.6, 5, 10),
    Strength(2.0, 6, 12),
    Strength(2.5, 7, 14),
    Strength(2.5, 8, 17),
    Strength(2.5, 9, 20),
)


class Trial:
    """Of one word on one cloth; strengths are tried from gentle to strong. `least`: score that has to be left.

    `spare`: for want of a better, what can be read after a WebP, and its score there.
    """

    spare: tuple[float, Cells] | None = None

    def __init__(self, cloth: Cloth, word: Cells, comparison: Comparison, least: float) -> None:
        self._cloth, self._word, self._comparison, self._least = cloth, word, comparison, least
        self._signs, self._compared = cloth.signs(word), comparison(cloth.seen)
        self._push: Cells | None = None
        self._needed = least

    def lasting(self, strength: Strength) -> Cells | None:
        """Levels by which each cell is pushed, if a shop leaves enough of that.

        A shop is not asked while the cells alone promise too little.
        """
        push = self._push = self._cloth.pushed(self._signs, strength, self._compared, self._push)
        promised = self._promised(push)
        if promised < (READABLE if strength is STRENGTHS[-1] else self._needed):
            return None
        whole, *smaller = self._left(push)
        if whole >= READABLE:
            self.spare = whole, push
        left = min([whole, *smaller])
        # The root, since a shop takes a smaller share of a stronger mark.
        self._needed = promised * math.sqrt(self._least / max(1.0, left))
        return push if left >= self._least else None

    def _promised(self, push: Cells) -> float:
        level = self._cloth.level + np.rint(push) * self._cloth.reach
        return self._score(self._compared(level), self._cloth.seen, self._cloth.first)

    def _left(self, push: Cells) -> list[float]:
        """Scores after all that shops do."""
        scores = []
        for worn in self._cloth.worn(push):
            level, seen = (plane[0, 0] for plane in measured(worn.image, worn.grid, phases=1))
            scores.append(worn.worth * self._score(self._comparison(seen)(level), seen, worn.first))
        return scores

    def _score(self, apart: Cells, seen: Cells, first: tuple[int, int]) -> float:
        square = folded(apart[None, None], seen[None, None])[0, 0]
        return agreement(np.roll(square, first, axis=(0, 1)), self._word)

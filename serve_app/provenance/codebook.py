"""Payloads as keyed signs of a square of cells: a part that every payload shares, and three long words."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import hadamard

SIDE = 32  # cells along the square that is repeated over the picture
SHARED = 256  # cells that are the same for every payload, by which a crop is aligned
GROUPS, CELLS, COSETS = 3, 256, 64  # each group of 256 cells says one of 64 x 256 words: 3 x 14 = 42 bits
WORDS = COSETS * CELLS
BITS = 42
MOST = 2**BITS  # payloads are 0 <= payload < MOST
Cells = NDArray[Any]  # of numbers


@dataclass(frozen=True)
class Codebook:
    """Signs and places of the cells follow from the key alone; without it they are noise."""

    key: bytes

    @cached_property
    def signs(self) -> Cells:
        """-1 or 1 per cell, flat."""
        return self._tosses(b"signs", SIDE * SIDE)

    @cached_property
    def shared(self) -> Cells:
        """The signs that every payload has, 0 elsewhere; shape (SIDE, SIDE)."""
        plane = np.zeros(SIDE * SIDE)
        places = self._places[:SHARED]
        plane[places] = self.signs[places]
        return plane.reshape(SIDE, SIDE)

    def word(self, payload: int) -> Cells:
        """The sign of every cell; shape (SIDE, SIDE)."""
        if not 0 <= payload < MOST:
            raise ValueError(f"payload {payload}: 0 to {MOST - 1}, {BITS} bits")
        plane = np.ones(SIDE * SIDE)
        for number, cells in enumerate(self._groups):
            coset, row = divmod(payload // WORDS**number % WORDS, CELLS)
            plane[cells] = self._cosets[coset] * ORTHOGONAL[row]
        return (plane * self.signs).reshape(SIDE, SIDE)

    def read(self, values: Cells) -> tuple[int, float]:
        """The likeliest payload of measured cells (SIDE, SIDE), and its correlation in units of chance."""
        seen = values.ravel() * self.signs
        # (groups, cosets, rows): how well each word agrees, one Hadamard transform per coset.
        agreement = (seen[self._groups][:, None] * self._cosets) @ ORTHOGONAL
        words = agreement.reshape(GROUPS, WORDS)
        best = words.argmax(axis=1)
        total = seen[self._places[:SHARED]].sum() + words.max(axis=1).sum()
        payload = sum(int(word) * WORDS**number for number, word in enumerate(best))
        return payload, float(total / max(np.linalg.norm(seen), 1e-9))

    @cached_property
    def _cosets(self) -> Cells:
        """Signs by which one set of orthogonal words becomes COSETS of them, nearly orthogonal to each other."""
        return self._tosses(b"cosets", COSETS * CELLS).reshape(COSETS, CELLS)

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        return np.argsort(np.frombuffer(self._stream(b"places", SIDE * SIDE * 8), "<u8"), kind="stable")

    @cached_property
    def _groups(self) -> NDArray[np.intp]:
        return self._places[SHARED:].reshape(GROUPS, CELLS)

    def _tosses(self, name: bytes, count: int) -> Cells:
        return 2.0 * np.unpackbits(np.frombuffer(self._stream(name, count // 8), np.uint8)) - 1.0

    def _stream(self, name: bytes, count: int) -> bytes:
        return hashlib.shake_256(b"vitrine mark 2 " + name + b" " + self.key).digest(count)


ORTHOGONAL: Cells = hadamard(CELLS).astype(np.float64)


def agreement(values: Cells, word: Cells) -> float:
    """Correlation of measured cells with a word, both (SIDE, SIDE), in units of chance."""
    return float((values * word).sum() / max(np.linalg.norm(values), 1e-9))

"""Payloads as keyed signs of a square of cells: a part that every payload shares, and groups of orthogonal words."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import hadamard

SIDE = 32  # cells along the square that is repeated over the picture
SHARED = 256  # cells that are the same for every payload, by which a crop is aligned
GROUPS, WORDS = 6, 128  # each group of 128 cells says one of 128 words: 6 x 7 = 42 bits
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
        bits = np.unpackbits(np.frombuffer(self._stream(b"signs", SIDE * SIDE // 8), np.uint8))
        return 2.0 * bits - 1.0

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
            plane[cells] = ORTHOGONAL[payload >> (7 * number) & (WORDS - 1)]
        return (plane * self.signs).reshape(SIDE, SIDE)

    def read(self, values: Cells) -> tuple[int, float]:
        """The likeliest payload of measured cells (SIDE, SIDE), and its correlation in units of chance."""
        seen = values.ravel() * self.signs
        agreement = ORTHOGONAL @ seen[self._groups].T
        words = agreement.argmax(axis=0)
        total = seen[self._places[:SHARED]].sum() + agreement.max(axis=0).sum()
        payload = sum(int(word) << (7 * number) for number, word in enumerate(words))
        return payload, float(total / max(np.linalg.norm(seen), 1e-9))

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        return np.argsort(np.frombuffer(self._stream(b"places", SIDE * SIDE * 8), "<u8"), kind="stable")

    @cached_property
    def _groups(self) -> NDArray[np.intp]:
        return self._places[SHARED:].reshape(GROUPS, WORDS)

    def _stream(self, name: bytes, count: int) -> bytes:
        return hashlib.shake_256(b"vitrine mark 1 " + name + b" " + self.key).digest(count)


ORTHOGONAL: Cells = hadamard(WORDS).astype(np.float64)

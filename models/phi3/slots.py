"""The keys and values of the texts in a batch: a row per text, written in place, so that joining copies nothing."""

from typing import Any

import torch
from torch import Tensor

STEP = 128  # columns by which the rows grow: seldom enough that copying them does not count


class Slots:
    """What a decoder's attention takes as its cache. `place` says which rows the next pass writes, and where.

    Row r holds positions 0.. of its text in columns 0..; columns beyond them are never attended to. `window`: tokens
    that a position sees, itself included; None sees all.
    """

    def __init__(self, rows: int, layers: int, window: int | None) -> None:
        self._rows, self._window = rows, window
        self._keys: list[Tensor | None] = [None] * layers
        self._values: list[Tensor | None] = [None] * layers
        self._places: tuple[slice, Tensor, Tensor] | None = None
        self._columns = self._reach = 0

    def place(self, first: int, positions: Tensor, reach: int) -> Tensor:
        """Prepares a pass over the rows from `first` on at `positions` (rows, tokens), all of them below `reach`.

        Gives its attention mask (rows, 1, tokens, reach), true where a token may look.
        """
        self._reach, self._columns = reach, max(self._columns, -(-reach // STEP) * STEP)
        rows = slice(first, first + len(positions))
        self._places = rows, torch.arange(rows.start, rows.stop, device=positions.device)[:, None], positions
        columns = torch.arange(reach, device=positions.device)
        seen = columns <= positions[:, None, :, None]
        return seen if self._window is None else seen & (columns > positions[:, None, :, None] - self._window)

    def update(self, keys: Tensor, values: Tensor, layer: int, *_: Any) -> tuple[Tensor, Tensor]:
        """Writes a layer's new keys and values (rows, heads, tokens, width); gives those of all columns so far."""
        return self._written(self._keys, layer, keys), self._written(self._values, layer, values)

    def copy(self, source: int, target: int, columns: int) -> None:
        """Makes the first `columns` of a row those of another."""
        for held in (*self._keys, *self._values):
            if held is not None:
                held[target, :columns] = held[source, :columns]

    def _written(self, layers: list[Tensor | None], layer: int, states: Tensor) -> Tensor:
        assert self._places is not None
        rows, numbers, positions = self._places
        held = layers[layer]
        if held is None or held.shape[1] < self._columns:
            held = layers[layer] = self._grown(held, states)
        held[numbers, positions] = states.transpose(1, 2)
        return held[rows, : self._reach].transpose(1, 2)

    def _grown(self, held: Tensor | None, states: Tensor) -> Tensor:
        # Zeros, because what attention leaves out is still multiplied by nought.
        larger = states.new_zeros((self._rows, self._columns, states.shape[1], states.shape[3]))
        if held is not None:
            larger[:, : held.shape[1]] = held
        return larger

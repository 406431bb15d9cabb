"""What a format is: how an item becomes a row, what the row must hold, and how rows become a file."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serve_app.exports.items import Item

Add = Callable[[dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Format:
    """`row` names every column in order; `required`: of each tuple one column has to be filled; `open` gives what adds
    a row to the file, which is complete when the block has ended."""

    row: Callable[[Item], dict[str, Any]]
    open: Callable[[Path], AbstractContextManager[Add]]
    required: tuple[tuple[str, ...], ...] = ()

    def lacking(self, row: dict[str, Any]) -> list[str]:
        """Required columns that the row leaves empty."""
        return [names[0] for names in self.required if not any(row[name] for name in names)]

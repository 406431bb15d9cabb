"""What a double has been asked, line by line, for tests that must know how often a stage was performed."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.asked import asked


@dataclass(frozen=True, slots=True)
class Line:
    """One order that a double took up: `at` in seconds since 1970, `asked` as `models.asked` writes it."""

    at: float
    role: str
    asked: Any


class Journal:
    """A file that any number of processes append to; a line that was written outlives a kill of its process."""

    def __init__(self, path: Path, role: str) -> None:
        self._path, self._role = path, role

    def note(self, orders: Sequence[Any]) -> None:
        """One line per order; the doubles call it before they begin."""
        lines = (Line(time.time(), self._role, asked(order)) for order in orders)
        written = "".join(json.dumps(asdict(line), ensure_ascii=False) + "\n" for line in lines)
        with self._path.open("ab", buffering=0) as stream:
            stream.write(written.encode())


def read(path: Path) -> list[Line]:
    """All lines of a journal; none when no double has been asked yet."""
    if not path.exists():
        return []
    return [Line(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]

"""Results of a part as they come, cell by cell: what a killed run measured is not measured again."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Kept:
    """`folder`/PART.json holds a part's cells; none begins after `until` (time.monotonic())."""

    folder: Path
    until: float

    def cells(self, part: str) -> dict[str, Any]:
        """What is known of a part."""
        file = self.folder / f"{part}.json"
        found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
        return found

    def missing(self, part: str, names: Sequence[str]) -> list[str]:
        """Cells that are still to be measured; one that failed is tried again by the next call."""
        known = self.cells(part)
        return [name for name in names if name not in known or "error" in known[name]]

    def measure(self, part: str, name: str, run: Callable[[], dict[str, Any]]) -> None:
        """One cell, unless it is known or the time is over. What it raises is its result: the others go on."""
        if not self.missing(part, [name]):
            return
        if time.monotonic() > self.until:
            print(f"{part}, {name}: left for the next call, the time is over", file=sys.stderr, flush=True)
            return
        began = time.monotonic()
        try:
            found = run()
        except Exception as error:  # noqa: BLE001 - a kernel that is missing must not cost the other figures
            found = {"error": f"{type(error).__name__}: {str(error)[:400]}"}
        found["took_s"] = round(time.monotonic() - began, 1)
        whole = self.cells(part) | {name: found}
        file = self.folder / f"{part}.json"
        file.with_suffix(".tmp").write_text(json.dumps(whole, indent=1), "utf-8")
        file.with_suffix(".tmp").replace(file)
        print(f"{part}, {name}: {json.dumps(found)}", file=sys.stderr, flush=True)

    def finished(self, parts: Sequence[str], more: dict[str, Any]) -> dict[str, Any]:
        """All parts as one document, written beside them."""
        document = more | {part: self.cells(part) for part in parts}
        (self.folder / "gpu_suite.json").write_text(json.dumps(document, indent=1), "utf-8")
        return document

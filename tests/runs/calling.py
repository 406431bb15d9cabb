"""The command as a person calls it, and the sheets it is given."""

import csv
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEADER = ("name", "description", "model_name", "model_descr")


def write_sheet(path: Path, names: list[str], description: str = "Text") -> Path:
    with path.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows(
            [HEADER, *((name, description and f"{description} zu {name}", "", "") for name in names)]
        )
    return path


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "serve_app.cli", *map(str, arguments)]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}

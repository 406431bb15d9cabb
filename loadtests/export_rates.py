"""What an export of a large run costs: seconds, processor seconds with start and imports, peak memory, per format.

Every format runs in a process of its own, over a folder of records as `vitrine run` leaves them and a sheet with an
offer per article. Prints a table and, as the last line, one JSON document. `python -m loadtests.export_rates --rows N`
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from loadtests.memory import peak_mb
from serve_app.catalogue.listing import COLUMNS, Listing
from serve_app.exports.export import FORMATS, export
from serve_app.exports.items import Choice
from serve_app.exports.offers import offers

LIMIT_S, LIMIT_MB = 60.0, 1000.0  # for 100,000 rows
LEDGER = 12  # claims of a record, as the example sheet's records have them
OFFER = ("id", "gtin", "price", "link", "availability", "brand", "size")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--one", nargs=2, metavar=("FORMAT", "FOLDER"), help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.one:
        print(json.dumps(measured(given.one[0], Path(given.one[1]))))
        return
    with tempfile.TemporaryDirectory(prefix="vitrine-") as folder:
        size = written(Path(folder), given.rows)
        print(
            f"{given.rows} rows, records of {size / 1024:.1f} KiB\nformat      seconds  CPU s  rows/s  peak MB  file MB"
        )
        found = {name: in_process(name, folder) for name in FORMATS}
    for name, line in found.items():
        times = f"{line['seconds']:>7.1f} {line['cpu_s']:>6.1f} {given.rows / line['seconds']:>7.0f}"
        print(f"{name:<11} {times} {line['peak_mb']:>8.0f} {line['file_mb']:>8.1f}")
    within = all(line["seconds"] < LIMIT_S and line["peak_mb"] < LIMIT_MB for line in found.values())
    print(json.dumps({"benchmark": "export_rates", "rows": given.rows, "formats": found, "within_limits": within}))


def in_process(name: str, folder: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "loadtests.export_rates", "--one", name, folder]
    ended = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - this module
    document: dict[str, Any] = json.loads(ended.stdout)
    return document


def measured(name: str, folder: Path) -> dict[str, Any]:
    """One export with its sheet, from nothing read to the file written."""
    out, began = folder / f"out.{name}", time.perf_counter()
    sold = offers([folder / "sheet.csv"], "")
    told = export(folder / "run", out, FORMATS[name], Choice("https://shop.example", "EUR"), sold)
    seconds = time.perf_counter() - began
    assert told.items == len(sold), (told, len(sold))
    used = os.times()
    cpu = used.user + used.system + used.children_user + used.children_system
    return {"seconds": seconds, "cpu_s": cpu, "peak_mb": peak_mb(os.getpid()), "file_mb": out.stat().st_size / 1e6}


def written(folder: Path, rows: int) -> float:
    """Records, pictures and the sheet; the bytes of a record."""
    records, pictures = folder / "run" / "records", folder / "run" / "pictures"
    for made in (records, pictures):
        made.mkdir(parents=True)
    size = 0
    with (folder / "sheet.csv").open("w", encoding="utf-8", newline="") as text:
        sheet = csv.writer(text)
        sheet.writerow([*COLUMNS, *OFFER])
        for number in range(rows):
            listing = Listing("Herren-T-Shirt", f"T-Shirt mit Rundhals, Modell {number}.", "T-Shirt", "basic,dark blue")
            row = (f"S-{number}", f"{number:013}", "19,99", f"https://shop.example/{number}", "in_stock", "Acme", "M")
            sheet.writerow([*(text for _, text in listing.columns()), *row])
            content = json.dumps(record(listing), ensure_ascii=False, indent=2)
            (records / f"{listing.article_id}.json").write_text(content, "utf-8")
            (pictures / f"{listing.article_id}.png").touch()
            size = len(content)
    return size


def record(listing: Listing) -> dict[str, Any]:
    """A record of a real one's shape and length."""
    claim = {"attribute": "features", "value": "knit", "column": "description", "start": 0, "end": 7,
             "text": "T-Shirt", "witness": "lexicon", "role": None}  # fmt: skip
    finding = {"state": "pass", "expected": "dark blue", "value": 3.2, "threshold": 12.0, "unit": "dE2000",
               "reason": "the garment's colour lies within the limit of the stated one"}  # fmt: skip
    return {
        "article_id": listing.article_id,
        "source_rows": [{"file": "sheet.csv", "row": 1}],
        "source": dict(listing.columns()),
        "original_description": listing.description,
        "translation": "Men's t-shirt with a round neck.",
        "attributes": {
            "audience": "men", "product_type": "t-shirt", "colours": [{"value": "dark blue", "role": "base"}],
            "pattern": ["melange"], "neckline": "crew", "features": ["knit", "chest pocket"],
            "materials": ["cotton (pure)"],
        },
        "ledger": [claim] * LEDGER,
        "prompt_sources": [claim] * LEDGER,
        "generation_prompt": "catalogue photo of a men's t-shirt, dark blue, laid flat, on a pure white background",
        "clip_prompt": "a dark blue men's t-shirt",
        "models": {role: {"model": role, "files": {"model.safetensors": "0" * 64}} for role in ("renderer", "scorer")},
        "verdict": dict.fromkeys(("colours", "product_type", "pattern", "background", "framing"), finding),
        "clip_score": 30.5,
        "score_10": 9.5,
        "status": "succeeded",
        "timings": dict.fromkeys(("translate", "render", "score", "segment", "judge"), 0.1234),
        "image_path": f"pictures/{listing.article_id}.png",
        "sha256": "0" * 64,
    }  # fmt: skip


if __name__ == "__main__":
    main()

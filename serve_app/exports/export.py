"""An export: every format by its name, written whole or not at all, with a count of what is missing."""

import secrets
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import VitrineError
from serve_app.exports import google, shopify, tables
from serve_app.exports.items import Choice, items
from serve_app.exports.offers import Offers
from serve_app.exports.rows import Format
from serve_app.exports.sources import groups

FORMATS = {
    "google-tsv": Format(google.row, google.tsv, google.REQUIRED),
    "google-xml": Format(google.row, google.xml, google.REQUIRED),
    "shopify": Format(shopify.row, shopify.table, shopify.REQUIRED),
    "xlsx": Format(tables.row, tables.xlsx),
    "jsonl": Format(tables.row, tables.jsonl),
    "parquet": Format(tables.row, tables.parquet),
}
SUFFIXES = {".tsv": "google-tsv", ".xml": "google-xml", ".csv": "shopify"} | {
    f".{name}": name for name in ("xlsx", "jsonl", "parquet")
}


@dataclass(slots=True)
class Exported:
    """`lacking`: required column -> items without it; `left_out`: reason -> records; `repeated`: items whose id another
    item has as well."""

    items: int = 0
    repeated: int = 0
    lacking: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def format_of(name: str | None, out: Path) -> Format:
    """The format of that name, or the one that the end of the file names; raises VitrineError."""
    chosen = name or SUFFIXES.get(out.suffix.lower(), "")
    if chosen not in FORMATS:
        wrong = f"format {name!r} is unknown" if name else f"{out.name!r} names no format by its end"
        raise VitrineError(f"{wrong}; give --format {', '.join(FORMATS)}")
    return FORMATS[chosen]


def export(source: Path, out: Path, chosen: Format, choice: Choice, offers: Offers | None = None) -> Exported:
    """Writes the pictures of a run or a batch with their attributes to a file.

    Raises VitrineError for a source without records and for a file that cannot be written.
    """
    offers, told, ids = offers or {}, Exported(), set[str]()
    part = out.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with chosen.open(part) as add:
            for item in items(groups(source, offers), offers, choice, told.left_out):
                row = chosen.row(item)
                told.items += 1
                told.repeated += item.id in ids
                ids.add(item.id)
                told.lacking.update(chosen.lacking(row))
                add(row)
        part.replace(out)
    except OSError as error:
        raise VitrineError(f"cannot write {out}: {error.strerror}; choose another --out") from None
    finally:
        part.unlink(missing_ok=True)
    return told

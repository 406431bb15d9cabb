"""Items with all their attributes as a workbook, as JSON lines or as parquet, for whatever reads tables."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from serve_app.exports.cells import ATTRIBUTES, as_text, readable
from serve_app.exports.items import Item
from serve_app.exports.rows import Add
from serve_app.exports.workbook import workbook
from serve_app.provenance.metadata import GENERATED

GROUP = 10_000  # rows of a parquet row group: what is in memory while it is written
NUMBERS = ("price", "score_10", "clip_score")
LISTS = ("colours", "pattern", "features", "materials")
COLUMNS = (
    "id", "article_id", "item_group_id", "title", "description", "gtin", "mpn", "brand", "price", "currency",
    "availability", "condition", "link", "size", "google_product_category", *ATTRIBUTES, "score_10", "clip_score",
    "picture", "image_link", "sha256", "digital_source_type",
)  # fmt: skip


def row(item: Item) -> dict[str, Any]:
    """Lists stay lists; None where nothing is known."""
    offer, record = item.offer, item.record
    values = (
        item.id, record["article_id"], item.group if item.options else "", item.title, item.description,
        offer.gtin, offer.mpn, offer.brand or item.attributes.get("brand"),
        float(item.price.amount) if item.price else None, item.price.currency if item.price else "",
        offer.availability, offer.condition, offer.link, offer.size, offer.google_product_category,
        *(_told(item.attributes.get(name)) for name in ATTRIBUTES), record["score_10"], record["clip_score"],
        item.picture.path, item.image_link, item.picture.sha256, GENERATED,
    )  # fmt: skip
    return {name: _told(value) for name, value in zip(COLUMNS, values, strict=True)}


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [readable(as_text(entry)) for entry in value]
    return readable(value) or None if isinstance(value, str) else value


@contextmanager
def jsonl(path: Path) -> Iterator[Add]:
    """One object per line."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        yield lambda values: out.write(json.dumps(values, ensure_ascii=False) + "\n")


@contextmanager
def xlsx(path: Path) -> Iterator[Add]:
    """A workbook of one sheet."""
    with workbook(path, "products") as add:
        add(COLUMNS)
        yield lambda values: add(values.values())


@contextmanager
def parquet(path: Path) -> Iterator[Add]:
    """Row groups of 10,000 rows; lists are lists of text."""
    import polars as pl

    kinds: dict[str, Any] = dict.fromkeys(COLUMNS, pl.String)
    kinds |= dict.fromkeys(NUMBERS, pl.Float64) | dict.fromkeys(LISTS, pl.List(pl.String))
    lines = path.with_name(f"{path.name}.jsonl")
    try:
        with jsonl(lines) as add:
            yield add
        pl.scan_ndjson(lines, schema=kinds).sink_parquet(path, row_group_size=GROUP)
    finally:
        lines.unlink(missing_ok=True)

"""Text tables: csv and tsv of any delimiter and the encodings that spreadsheets write, and JSON lines."""

import codecs
import csv
import json
from collections.abc import Iterator
from pathlib import Path

from serve_app.sheets import limits
from serve_app.sheets.rows import Cell, Columns, SheetError
from serve_app.sheets.tables import Line, Table

DELIMITERS = (",", ";", "\t", "|")


def csv_table(path: Path, columns: Columns, delimiters: tuple[str, ...] = DELIMITERS) -> Table:
    """The delimiter is the one whose header names most of the wanted columns, then the one with most fields."""
    encoding = encoding_of(path)
    csv.field_size_limit(limits.FILE_BYTES)
    headers = [(_header(path, encoding, mark), mark) for mark in delimiters]
    header, mark = min(headers, key=lambda pair: (len(columns.missing(pair[0])), -len(pair[0])))
    return Table(header, _csv_lines(path, encoding, mark, len(header)))


def encoding_of(path: Path) -> str:
    """A byte order mark decides; without one UTF-8 when every byte fits it, else Windows-1252."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        with path.open(encoding="utf-8-sig") as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    # Windows-1252 leaves five bytes undefined; a replacement sign there must not cost the whole sheet.
    errors = "replace" if encoding == "cp1252" else "strict"
    try:
        with path.open(encoding=encoding, errors=errors, newline="") as text:
            yield from csv.reader(text, delimiter=delimiter)
    except (csv.Error, UnicodeDecodeError) as error:
        raise SheetError(
            "damaged", f"{path.name}: not readable as {encoding} text with {delimiter!r} ({error})"
        ) from None


def _header(path: Path, encoding: str, delimiter: str) -> list[str]:
    first = next((record for record in _records(path, encoding, delimiter) if any(record)), [])
    return [title.strip() for title in first]


def _csv_lines(path: Path, encoding: str, delimiter: str, width: int) -> Iterator[Line]:
    records = _records(path, encoding, delimiter)
    next((record for record in records if any(record)), None)
    for number, record in enumerate(records, 1):
        surplus = [cell for cell in record[width:] if cell.strip()]
        fault = f"the row has {len(record)} cells, the header {width}; quote cells that hold {delimiter!r}"
        yield Line(number, list(record), fault if surplus else None)


def jsonl_table(path: Path) -> Table:
    """One object per line; the columns are the keys of all objects, and a line that is no object is a broken row."""
    header: dict[str, None] = {}
    for line in _jsonl_lines(path, []):
        if len(header) <= limits.WIDTH and isinstance(line.cells[0], dict):
            header.update(dict.fromkeys(line.cells[0]))
    titles = list(header)
    return Table([title.strip() for title in titles], _jsonl_lines(path, titles))


def _jsonl_lines(path: Path, titles: list[str]) -> Iterator[Line]:
    """With no titles each line holds its whole object, for the header."""
    number = 0
    with path.open(encoding=encoding_of(path), errors="replace") as text:
        for raw in text:
            if not raw.strip():
                continue
            number += 1
            found = _object(raw)
            if isinstance(found, str):
                yield Line(number, [raw.strip()], found)
            else:
                yield Line(number, [found.get(title) for title in titles] if titles else [dict(found)])


def _object(raw: str) -> dict[str, Cell] | str:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return f"the line is not valid JSON ({str(error)[:80]})"
    if not isinstance(value, dict):
        return "the line is valid JSON but no object with the columns as keys"
    return value

"""A feed as it came: looked at once while it lies in a file, then kept as objects that can be streamed."""

import asyncio
import codecs
import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from serve_app.batches.records import Splitter
from serve_app.jobs.objects import Objects, ObjectsError
from serve_app.sheets import Columns, SheetError, limits
from serve_app.sheets.rows import FORMATS, Format
from serve_app.sheets.tables import Table, chosen
from serve_app.sheets.text import DELIMITERS, encoding_of

PART = 4 * limits.MIB  # bytes of one object; what is in memory at once of a feed of any length
CHUNK = 64 * 1024  # bytes decoded at once


@dataclass(frozen=True, slots=True)
class Source:
    """`parts`: keys of the objects that make up the file. The rest is for text: `titles` are the header's own names of
    the four columns, None for one that the feed does not have, `places` their positions, `width` the header's cells."""

    name: str
    format: Format
    columns: tuple[str, str, str, str]
    parts: tuple[str, ...] = ()
    encoding: str = ""
    mark: str | None = None
    titles: tuple[str | None, ...] = ()
    places: tuple[int | None, ...] = ()
    width: int = 0

    def kept(self, parts: tuple[str, ...]) -> "Source":
        return replace(self, parts=parts)

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Source":
        lists = {name: tuple(document[name]) for name in ("columns", "parts", "titles", "places")}
        return cls(**document | lists)


def format_of(name: str) -> Format:
    """By the suffix; raises SheetError `unknown_format`."""
    found = FORMATS.get(Path(name).suffix.lower())
    if found is None:
        raise SheetError("unknown_format", f"{name!r} is no sheet; give one of {' '.join(sorted(FORMATS))}")
    return found


def inspect(path: Path, name: str, columns: Columns) -> Source:
    """What reading the file needs to know; raises SheetError. Workbooks and parquet are opened in a child, later."""
    kind = format_of(name)
    size = path.stat().st_size
    if size > limits.FILE_BYTES:
        raise SheetError(
            "too_large", f"{name}: {size >> 20} MB, at most {limits.FILE_BYTES >> 20} MB are read; split it"
        )
    if kind in ("workbook", "parquet"):
        return Source(name, kind, columns.titles())
    encoding = encoding_of(path)
    try:
        mark, header = (None, _keys(path, encoding)) if kind == "jsonl" else _header(path, encoding, kind, columns)
    except UnicodeDecodeError as error:
        raise SheetError("damaged", f"{name}: not readable as {encoding} text ({error.reason})") from None
    _, places = chosen(name, iter([Table([title.strip() for title in header])]), columns)
    titles = tuple(None if place is None else header[place] for place in places)
    return Source(name, kind, columns.titles(), (), encoding, mark, titles, places, len(header))


async def keep(objects: Objects, tenant: str, owner: str, path: Path) -> tuple[str, ...]:
    """Keys of the file's parts, stored in order; none of them when one cannot be stored."""
    keys: list[str] = []
    try:
        with path.open("rb") as stream:
            while part := await asyncio.to_thread(stream.read, PART):
                key, _ = await objects.put(tenant, owner, part, "part")
                keys.append(key)
    except (ObjectsError, asyncio.CancelledError):
        await objects.delete(keys)
        raise
    return tuple(keys)


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    # Windows-1252 leaves five bytes undefined; a replacement sign there must not cost the whole sheet.
    return codecs.getincrementaldecoder(encoding)("replace" if encoding == "cp1252" else "strict")


def cells(record: str, mark: str | None) -> list[str]:
    """One record of csv, split."""
    return next(csv.reader([record], delimiter=mark or ","), [])


def object_of(record: str) -> dict[str, Any] | str:
    """One line of JSON lines, or why it is none."""
    try:
        value = json.loads(record)
    except (ValueError, RecursionError) as error:
        return f"the line is not valid JSON ({str(error)[:80]})"
    return value if isinstance(value, dict) else "the line is valid JSON but no object with the columns as keys"


def _records(path: Path, encoding: str, mark: str | None) -> Iterator[str | None]:
    decoding, splitter = decoder(encoding), Splitter(mark)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield from splitter.feed(decoding.decode(chunk))
    yield from splitter.feed(decoding.decode(b"", True), last=True)


def _header(path: Path, encoding: str, kind: Format, columns: Columns) -> tuple[str, list[str]]:
    """The delimiter is the one whose header names most of the wanted columns, then the one with most fields."""
    headers = []
    for mark in ("\t",) if kind == "tsv" else DELIMITERS:
        found = (cells(record or "", mark) for record in _records(path, encoding, mark))
        headers.append((mark, next((record for record in found if any(record)), [])))
    return min(headers, key=lambda pair: (len(columns.missing(pair[1])), -len(pair[1])))


def _keys(path: Path, encoding: str) -> list[str]:
    header: dict[str, None] = {}
    for record in _records(path, encoding, None):
        found = object_of(record) if record else ""
        if isinstance(found, dict) and len(header) <= limits.WIDTH:
            header.update(dict.fromkeys(found))
    return list(header)

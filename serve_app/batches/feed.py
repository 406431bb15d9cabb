"""The rows of a kept feed: text streamed in flat memory, workbooks and parquet through the child process of sheets."""

import asyncio
import itertools
import json
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

from serve_app.batches.records import MOST_CHARACTERS, Splitter
from serve_app.batches.source import CHUNK, Source, cells, decoder, object_of
from serve_app.jobs.objects import ObjectGoneError, Objects
from serve_app.sheets import Columns, Row, SheetError, read
from serve_app.sheets.files import SheetFile
from serve_app.sheets.rows import Cell

MOST_ROWS = 2_000_000  # of a feed; 200 MiB of line ends would be a hundred times as many
BREATH = 1_000  # rows after which others get their turn
BLANK: tuple[Cell, Cell, Cell, Cell] = ("", "", "", "")


async def rows(objects: Objects, source: Source, after: int = 0) -> AsyncGenerator[Row]:
    """Rows with a number above `after`; blank ones at the end are left out. Raises SheetError, ObjectsError."""
    found = _texts(objects, source) if source.encoding else _spooled(objects, source)
    count, blank = 0, 0
    async with aclosing(found):
        async for values, fault in found:
            count += 1
            if count > MOST_ROWS:
                raise SheetError("too_many_rows", f"{source.name}: more than {MOST_ROWS} rows; split it")
            if count % BREATH == 0:
                await asyncio.sleep(0)
            if fault is None and all(value is None or value == "" for value in values):
                blank += 1
                continue
            for number in range(max(count - blank, after + 1), count):
                yield Row(source.name, number, BLANK)
            blank = 0
            if count > after:
                yield Row(source.name, count, values, fault)


Read = tuple[tuple[Cell, Cell, Cell, Cell], str | None]


async def _texts(objects: Objects, source: Source) -> AsyncGenerator[Read]:
    decoding, splitter = decoder(source.encoding), Splitter(source.mark)
    headed = source.mark is None  # JSON lines have no header
    try:
        async for chunk in _chunks(objects, source):
            for record in splitter.feed(decoding.decode(chunk), last=not chunk):
                read = _jsonl(source, record) if source.mark is None else _csv(source, record, headed)
                if read is not None:
                    yield read
                headed = headed or bool(record and any(cells(record, source.mark)))
    except UnicodeDecodeError as error:
        raise SheetError("damaged", f"{source.name}: not {source.encoding} text ({error.reason})") from None


async def _chunks(objects: Objects, source: Source) -> AsyncIterator[bytes]:
    """The file in small pieces, then an empty one."""
    try:
        for key in source.parts:
            async for part in objects.stream(key):
                for start in range(0, len(part), CHUNK):
                    yield part[start : start + CHUNK]
    except ObjectGoneError:
        lost = f"{source.name}: part of the stored file is gone; send the rest of it as a new batch"
        raise SheetError("feed_lost", lost) from None
    yield b""


def _csv(source: Source, record: str | None, headed: bool) -> Read | None:
    if not headed:
        return None
    if record is None:
        return BLANK, _too_long()
    found = cells(record, source.mark)
    fault = f"the row has {len(found)} cells, the header {source.width}; quote cells that hold {source.mark!r}"
    surplus = any(cell.strip() for cell in found[source.width :])
    values = _four("" if place is None or place >= len(found) else found[place] for place in source.places)
    return values, fault if surplus else None


def _jsonl(source: Source, record: str | None) -> Read | None:
    if record is None:
        return BLANK, _too_long()
    if not record.strip():
        return None
    found = object_of(record)
    if isinstance(found, str):
        return (record.strip(), "", "", ""), found
    return _four("" if title is None else found.get(title, "") for title in source.titles), None


def _four(values: Iterator[Cell]) -> tuple[Cell, Cell, Cell, Cell]:
    name, description, model_name, model_descr = values
    return name, description, model_name, model_descr


def _too_long() -> str:
    return f"the row is longer than {MOST_CHARACTERS} characters, or a quote in it has no end"


async def _spooled(objects: Objects, source: Source) -> AsyncGenerator[Read]:
    """Read at once, for the child may live a minute and a feed may wait for days; what it read lies in a file."""
    with tempfile.TemporaryDirectory(prefix="vitrine-") as folder:
        sheet, spool = Path(folder) / f"sheet{Path(source.name).suffix.lower()}", Path(folder) / "rows"
        with sheet.open("wb") as stream:
            async for chunk in _chunks(objects, source):
                await asyncio.to_thread(stream.write, chunk)
        await asyncio.to_thread(_spool, SheetFile(sheet, source.name), Columns(*source.columns), spool)
        sheet.unlink()
        with spool.open(encoding="ascii") as lines:
            while batch := await asyncio.to_thread(lambda: list(itertools.islice(lines, BREATH // 10))):
                for line in batch:
                    values, fault = json.loads(line)
                    yield _four(iter(values)), fault


def _spool(sheet: SheetFile, columns: Columns, spool: Path) -> None:
    with spool.open("w", encoding="ascii") as out:
        for row in read(sheet, columns):
            out.write(json.dumps([row.values, row.fault]) + "\n")

"""The result of a batch as one file, made while it is sent: a line per row in the order of the feed."""

import csv
import io
import json
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select

from serve_app.catalogue.record import picture_url
from serve_app.exports.cells import ATTRIBUTES, cell
from serve_app.exports.workbook import workbook
from serve_app.jobs.database import Database
from serve_app.jobs.schema import batch_rows, jobs
from serve_app.jobs.store import Store

Format = Literal["jsonl", "csv", "xlsx", "zip"]
MEDIA: dict[Format, str] = {
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
PAGE = 200  # rows in memory at once, with their records
HEAD = (
    "row", "state", "article_id", "job", "name", "error", "reason", "picture_url", "score_10", "prompt", "question",
)  # fmt: skip
LISTING = ("completeness", "open", "best_asked")  # of the listing: its score, what it leaves open, what to ask next


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the feed, the name that it came with, and the records of its job."""

    row: int
    state: str
    article_id: str | None
    job: str | None
    name: str | None
    error: dict[str, Any] | None
    records: list[dict[str, Any]]

    def facts(self) -> dict[str, Any]:
        """What the result says of the row, in the order of its columns."""
        record: dict[str, Any] = self.records[0] if self.records else {}
        error, sha256, question = self.error or {}, record.get("sha256"), record.get("question") or {}
        values = (
            self.row, self.state, self.article_id, self.job, self.name, error.get("code"), error.get("message"),
            picture_url(sha256), record.get("score_10"),
            record.get("generation_prompt") or None, question.get("text", {}).get("en"),
        )  # fmt: skip
        attributes = record.get("attributes", {})
        facts = dict(zip(HEAD, values, strict=True)) | {name: attributes.get(name) for name in ATTRIBUTES}
        return facts | dict(zip(LISTING, _completeness(record.get("completeness") or {}), strict=True))


def _completeness(found: dict[str, Any]) -> tuple[float | None, list[str] | None, str | None]:
    if not found:
        return None, None, None
    question = found.get("question") or {}
    return found["score"], [one["attribute"] for one in found["open"]], question.get("text", {}).get("en")


async def lines(database: Database, tenant: str, batch: str) -> AsyncGenerator[Line]:
    """The rows taken so far."""
    wanted = (
        select(
            *(batch_rows.c[name] for name in ("row", "state", "article_id", "job", "error")),
            jobs.c.input,
            jobs.c.result,
        )
        .join(jobs, jobs.c.id == batch_rows.c.job, isouter=True)
        .where(batch_rows.c.batch == batch, batch_rows.c.tenant == tenant)
        .order_by(batch_rows.c.row)
        .limit(PAGE)
    )
    last = 0
    while True:
        async with database.reading(tenant) as connection:
            page = (await connection.execute(wanted.where(batch_rows.c.row > last))).all()
        for row in page:
            name, records = (row.input or {}).get("name"), (row.result or {}).get("records", [])
            yield Line(row.row, row.state, row.article_id, row.job, name, row.error, records)
        if len(page) < PAGE:
            return
        last = page[-1].row


async def jsonl(store: Store, tenant: str, batch: str) -> AsyncIterator[bytes]:
    """One JSON object per row; lists stay lists."""
    async for line in lines(store.database, tenant, batch):
        yield (json.dumps(line.facts(), ensure_ascii=False) + "\n").encode()


async def table(store: Store, tenant: str, batch: str) -> AsyncIterator[bytes]:
    """csv in UTF-8 with a byte order mark, without which Excel reads it as Windows-1252."""
    yield b"\xef\xbb\xbf" + _csv(list(HEAD + ATTRIBUTES + LISTING))
    async for line in lines(store.database, tenant, batch):
        yield _csv([cell(value) for value in line.facts().values()])


async def worksheet(store: Store, tenant: str, batch: str) -> AsyncIterator[bytes]:
    """A workbook of one sheet."""
    sink = _Sink()
    with workbook(sink, "result") as add:
        add(HEAD + ATTRIBUTES + LISTING)
        async for line in lines(store.database, tenant, batch):
            add(line.facts().values())
            if part := sink.taken():  # the packer gives what it has some kilobytes at a time
                yield part
    yield sink.taken()


async def archive(store: Store, tenant: str, batch: str) -> AsyncIterator[bytes]:
    """A zip of `records.jsonl`, one line per row with its whole records, and `pictures/<sha256>.png`."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as packed:
        with packed.open("records.jsonl", "w", force_zip64=True) as records:
            async for line in lines(store.database, tenant, batch):
                whole = line.facts() | {"records": line.records}
                records.write((json.dumps(whole, ensure_ascii=False) + "\n").encode())
                yield sink.taken()
        async for line in lines(store.database, tenant, batch):
            for sha256 in (record.get("sha256") for record in line.records):
                name = f"pictures/{sha256}.png"
                if not sha256 or name in packed.NameToInfo:
                    continue
                picture = await store.picture(tenant, sha256)
                if picture is not None:
                    packed.writestr(name, picture)
                    yield sink.taken()
    yield sink.taken()


WRITERS: dict[Format, Callable[[Store, str, str], AsyncIterator[bytes]]] = {
    "jsonl": jsonl,
    "csv": table,
    "xlsx": worksheet,
    "zip": archive,
}


def _csv(cells: list[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


class _Sink(io.RawIOBase):
    """What zipfile writes, until it is taken away to be sent."""

    def __init__(self) -> None:
        self._parts = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts += part
        return len(part)

    def taken(self) -> bytes:
        part, self._parts = bytes(self._parts), bytearray()
        return part

"""The run of a sheet: read, look up what is done, ask the service for the rest, four articles at a time."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from models.errors import VitrineError
from serve_app.catalogue.record import Fault
from serve_app.client import Article as Drawn
from serve_app.client import AsyncVitrine, ForbiddenError, UnauthorizedError, UnreachableError, VitrineClientError
from serve_app.jobs.database import Database, sqlite_url
from serve_app.jobs.runs import PENDING, RunRow, RunState
from serve_app.runs.articles import Article, distinct, without_picture
from serve_app.runs.folder import RunFolder
from serve_app.runs.options import RunOptions, WrongUseError
from serve_app.runs.tally import Show, Tally, status_of
from serve_app.sheets import COLUMNS, Columns, Row, find, read
from serve_app.stories.house import adapters_of

RUN = "run"  # a folder holds one run
AT_ONCE = 4  # articles asked for at a time: enough to keep the stages of one small machine busy
RETRIES = 5  # with doubled pauses about 15 seconds: a proxy or a model that restarts is back by then
PATIENCE_S = 900.0  # a full queue is no fault; one article is never worth more than this wait
REDONE = frozenset({PENDING, "failed"})  # a fault of the system deserves another try
OF_THE_RUN = (UnreachableError, UnauthorizedError, ForbiddenError)  # every article would end with the same one


@dataclass(slots=True)
class Run:
    """What a folder is to hold (`articles`, `rows`) and what it lacks (`pending`)."""

    folder: RunFolder
    options: RunOptions
    articles: list[Article]
    rows: int
    seconds: float = 0.0
    pending: list[Article] = field(default_factory=list)
    finished: int = 0  # of the pending ones, by this call

    def standing(self) -> str:
        """How far the run is, in words."""
        return f"{len(self.articles) - len(self.pending) + self.finished} of {len(self.articles)} articles done"


@contextmanager
def prepare(sheets: list[Path], out: Path, options: RunOptions) -> Iterator[Run]:
    """Reads the sheets and the folder's state, and keeps the folder from other processes.

    Raises SheetError for a sheet that cannot be read and WrongUseError for a folder with another run.
    """
    found = find(sheets)
    options = options.model_copy(update={"sheets": tuple(sheet.label for sheet in found)})
    folder = RunFolder(out)
    rows: list[Row] = []
    for sheet in found:
        rows.extend(read(sheet, Columns(*options.columns)))
    rows = rows[: options.limit]
    if not rows:
        raise WrongUseError(f"no rows below the header in {', '.join(options.sheets)}")
    folder.make()
    with folder.locked():
        yield asyncio.run(_taken_up(Run(folder, options, distinct(rows), len(rows))))


async def _taken_up(run: Run) -> Run:
    async with _state(run.folder) as state:
        before = await state.options()
        if before is not None:
            run.options.refuse_other(before, str(run.folder.root))
        rows = [RunRow(row.file, row.row, article.article_id) for article in run.articles for row in article.rows]
        rows.sort(key=lambda row: (run.options.sheets.index(row.file), row.row))
        await state.begin(run.options.model_dump(mode="json"), rows)
        run.folder.keep_only({article.article_id for article in run.articles})
        done = {row.article_id for row in await state.rows() if row.state not in REDONE}
        run.seconds = await state.seconds()
    there = run.folder.records()
    for article in run.articles:
        if article.article_id in done and article.article_id in there:
            _map_rows(run.folder, article, there[article.article_id])
        else:
            run.pending.append(article)
    return run


def service(
    base_url: str, api_key: str | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncVitrine:
    """A client with patience: a run has hours, and each of its articles counts."""
    return AsyncVitrine(base_url, api_key, max_retries=RETRIES, patience_s=PATIENCE_S, transport=transport)


async def perform(run: Run, base_url: str, show: Show, at_once: int = AT_ONCE, api_key: str | None = None) -> Tally:
    """Does what is pending; raises what ends a run (`OF_THE_RUN`), after which the same call goes on."""
    tally = Tally(total=len(run.articles), before=len(run.articles) - len(run.pending))
    waiting, before = iter(run.pending), run.seconds
    async with service(base_url, api_key) as client, _state(run.folder) as state:
        await _ready(client, run.options)

        async def worker() -> None:
            for article in waiting:
                tally.in_flight += 1
                show(tally)
                records = await _performed(client, run, article)
                run.seconds = before + tally.seconds
                await state.finish(article.article_id, status_of(records), run.seconds, _reason(records[0]))
                tally.in_flight -= 1
                tally.count(records)
                run.finished += 1
                show(tally)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(at_once):
                    group.create_task(worker())
        except* (VitrineError, VitrineClientError) as errors:
            # One worker without a service is enough to stop all; they would say the same.
            raise errors.exceptions[0] from None
    return tally


async def _performed(client: AsyncVitrine, run: Run, article: Article) -> list[dict[str, Any]]:
    """The records of an article, saved with their pictures; whatever is wrong with the article is in its record."""
    if article.fault is not None:
        records = [without_picture(article, run.options, "rejected", article.fault)]
    else:
        records = await _asked(client, run.options, article)
    saved = [await _delivered(client, run.options, article, record) for record in records]
    for record, *files in saved:
        record["source_rows"] = [row.model_dump() for row in article.rows]
        await asyncio.to_thread(run.folder.save, record, *files)
    return [record for record, *_ in saved]


async def _delivered(
    client: AsyncVitrine, options: RunOptions, article: Article, record: dict[str, Any]
) -> tuple[dict[str, Any], bytes | None, bytes | None]:
    """A record with the bytes of its picture and of the marketplace's file; a failed one when they cannot be had or
    are not those of the record."""
    url, delivery = record.pop("picture_url", None), record.get("delivery")
    if url is None:
        return record, None, None
    try:
        picture = await client.pictures.get(url)
        finished = await client.pictures.get(delivery["url"]) if delivery else None
    except OF_THE_RUN:
        raise
    except VitrineClientError as error:
        return without_picture(article, options, "failed", _fault(error)), None, None
    if not _is(picture, record["sha256"]) or (delivery and not _is(finished or b"", delivery["sha256"])):
        fault = Fault(code="picture_damaged", reason="the picture's bytes do not fit its hash; run again")
        return without_picture(article, options, "failed", fault), None, None
    return record, picture, finished


def _is(content: bytes, sha256: str) -> bool:
    return hashlib.sha256(content).hexdigest() == sha256


async def _asked(client: AsyncVitrine, options: RunOptions, article: Article) -> list[dict[str, Any]]:
    try:
        return records_of(await client.articles.create(article.columns(), options.article()))
    except OF_THE_RUN:
        raise
    except VitrineClientError as error:
        param = error.param or ""
        if param.startswith("options"):
            raise WrongUseError(str(error)) from None
        # Too long a column and too long a body are the row's fault, everything else is the service's.
        unusable = param in COLUMNS or error.status == 413
        return [without_picture(article, options, "rejected" if unusable else "failed", _fault(error))]


def records_of(drawn: Drawn) -> list[dict[str, Any]]:
    """The record of an answer, and beside it those of its colourways."""
    each = (drawn, *drawn.colourways)
    return [{name: value for name, value in found.raw.items() if name != "colourways"} for found in each]


def _fault(error: VitrineClientError) -> Fault:
    return Fault(code=error.code or "internal", reason=str(error))


async def _ready(client: AsyncVitrine, options: RunOptions) -> None:
    """Raises UnreachableError for a service that is not ready and WrongUseError for an adapter that it lacks."""
    try:
        await client.health()
    except OF_THE_RUN:
        raise
    except VitrineClientError as error:
        raise UnreachableError(f"the service is not ready: {error}") from None
    if options.adapter is not None:
        known = sorted({name for model in await client.models() for name in model.get("adapters") or ()})
        if not {one.name for one in adapters_of(options.adapter)} <= set(known):
            raise WrongUseError(
                f"there is no adapter {options.adapter!r}; the service has {', '.join(known) or 'none'}"
            )


def _map_rows(folder: RunFolder, article: Article, records: list[dict[str, Any]]) -> None:
    """A row that was added or moved since the article was done is put into its records."""
    rows = [row.model_dump() for row in article.rows]
    for record in records:
        if record.get("source_rows") != rows:
            folder.save_record(record | {"source_rows": rows})


def _reason(record: dict[str, Any]) -> str | None:
    fault = record.get("failure") or record.get("rejection")
    return f"{fault['code']}: {fault['reason']}" if fault else None


@asynccontextmanager
async def _state(folder: RunFolder) -> AsyncIterator[RunState]:
    database = await asyncio.to_thread(Database.open, sqlite_url(folder.state))
    try:
        yield RunState(database, RUN)
    finally:
        await database.close()

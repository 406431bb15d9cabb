"""Batches: a sheet or feed in, a job per article, one result file out."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from serve_app.access.idempotency import IdempotencyKeyError, KeyReusedError, fingerprint
from serve_app.api.access import Reader, Writer
from serve_app.api.answers import iso
from serve_app.api.batch_schemas import (
    BatchAnswer,
    BatchForm,
    BatchList,
    BatchRequest,
    BatchRowAnswer,
    BatchRowList,
    Quote,
)
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.feeds import received
from serve_app.api.jobs import IdempotencyKey
from serve_app.api.quotes import quotes
from serve_app.batches import results
from serve_app.batches.batches import Batch, Batches, NewBatch
from serve_app.batches.source import inspect, keep
from serve_app.exports.cells import XLSX_ROWS
from serve_app.jobs.ids import new_id
from serve_app.jobs.store import Store
from serve_app.sheets import SheetError

router = APIRouter(prefix="/v1/batches", tags=["batches"])
ID = r"^batch_[0-9a-z]{26}$"
BatchId = Annotated[str, Path(pattern=ID)]


def _body() -> dict[str, Any]:
    """The two bodies of POST, which the route reads by itself: a form may be too long for memory."""
    form, feed = [
        kind.model_json_schema(ref_template="#/components/schemas/{model}") for kind in (BatchForm, BatchRequest)
    ]
    form["properties"] = {"file": {"type": "string", "format": "binary"}, **form["properties"]}
    form["required"] = ["file"]
    for schema in (form, feed):
        schema.pop("$defs", None)  # ArticleOptions is a component of the document already
    content = {"multipart/form-data": {"schema": form}, "application/json": {"schema": feed}}
    return {"requestBody": {"required": True, "content": content}}


@router.post("", status_code=202, responses=PROBLEMS, openapi_extra=_body())
async def create(request: Request, caller: Writer, idempotency_key: IdempotencyKey = None) -> BatchAnswer:
    """Accepts a feed of at most 200 MiB: a form with `file` (csv, tsv, jsonl, xlsx, xls, ods, parquet), or
    `source_url`. The answer comes when it is stored; rows become jobs of the lane `catalogue` by and by. `dry_run` says
    what would be drawn, with a quote, and draws nothing."""
    store = _store(request)
    async with received(request) as feed:
        await request.app.state.service.adapters.check(feed.options.get("adapter"))
        batch, asked = new_id("batch"), None
        if idempotency_key is not None:
            asked = (idempotency_key, fingerprint(request.method, request.url.path, feed.fingerprint()))
        try:
            source = await asyncio.to_thread(inspect, feed.path, feed.name, feed.columns)
            parts = await keep(store.objects, caller.tenant, batch, feed.path)
        except SheetError as wrong:
            raise ProblemError("invalid_request", str(wrong), wrong.code, "file") from None
        new = NewBatch(batch, caller.tenant, source.kept(parts), feed.options)
        try:
            made = await Batches(store.database).create(new, asked)
        except (IdempotencyKeyError, KeyReusedError):
            await store.objects.delete(parts)
            raise
        if made.id != batch:  # the request was sent before, and its batch has parts of its own
            await store.objects.delete(parts)
        return await _shown(request, made)


@router.get("", responses=PROBLEMS)
async def listed(
    request: Request,
    caller: Reader,
    cursor: Annotated[str | None, Query(pattern=ID, description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> BatchList:
    """The caller's batches, the newest first."""
    found = await _batches(request).list(caller.tenant, limit + 1, cursor)
    page = list(found[:limit])
    priced = await quotes(_store(request).database, page)
    data = [shown(batch, priced.get(batch.id)) for batch in page]
    return BatchList(data=data, next_cursor=page[-1].id if len(found) > limit else None)


@router.get("/{batch_id}", responses=PROBLEMS)
async def read(batch_id: BatchId, request: Request, caller: Reader) -> BatchAnswer:
    """A batch as it stands."""
    return await _shown(request, _known(batch_id, await _batches(request).get(caller.tenant, batch_id)))


@router.get("/{batch_id}/rows", responses=PROBLEMS)
async def rows(
    batch_id: BatchId,
    request: Request,
    caller: Reader,
    cursor: Annotated[int, Query(ge=0, lt=2**31, description="`next_cursor` of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    state: Annotated[str | None, Query(pattern=r"^[a-z_]{1,20}$")] = None,
) -> BatchRowList:
    """The rows taken so far, in the order of the feed."""
    batches = _batches(request)
    _known(batch_id, await batches.get(caller.tenant, batch_id))
    found = await batches.rows(caller.tenant, batch_id, limit + 1, cursor, state)
    data = [
        BatchRowAnswer(row=row.row, state=row.state, article_id=row.article_id, job=row.job, error=row.error)
        for row in found[:limit]
    ]
    return BatchRowList(data=data, next_cursor=data[-1].row if len(found) > limit else None)


@router.post("/{batch_id}/pause", responses=PROBLEMS)
async def pause(batch_id: BatchId, request: Request, caller: Writer) -> BatchAnswer:
    """Takes no further rows and holds the jobs that wait; those that run go on."""
    return await _shown(request, _known(batch_id, await _batches(request).pause(caller.tenant, batch_id)))


@router.post("/{batch_id}/resume", responses=PROBLEMS)
async def resume(batch_id: BatchId, request: Request, caller: Writer) -> BatchAnswer:
    """Goes on after a pause."""
    found = _known(batch_id, await _batches(request).resume(caller.tenant, batch_id))
    await request.app.state.service.conductor.wake()
    return await _shown(request, found)


@router.post("/{batch_id}/cancel", responses=PROBLEMS)
async def cancel(batch_id: BatchId, request: Request, caller: Writer) -> BatchAnswer:
    """Cancels the jobs that wait at once and those that run within a step; what is done stays."""
    return await _shown(request, _known(batch_id, await _batches(request).cancel(caller.tenant, batch_id)))


@router.get(
    "/{batch_id}/result",
    response_class=StreamingResponse,
    responses=PROBLEMS | {200: {"content": {media.split(";")[0]: {} for media in results.MEDIA.values()}}},
)
async def result(
    batch_id: BatchId, request: Request, caller: Reader, format: results.Format = "jsonl"
) -> StreamingResponse:
    """A line per row taken so far; `zip` holds whole records and the pictures."""
    found = _known(batch_id, await _batches(request).get(caller.tenant, batch_id))
    if format == "xlsx" and found.taken > XLSX_ROWS:
        said = f"a worksheet holds {XLSX_ROWS} rows and this batch has {found.taken}; ask for csv"
        raise ProblemError("invalid_request", said, "invalid_value", "format")
    content = results.WRITERS[format](_store(request), caller.tenant, batch_id)
    named = {"Content-Disposition": f'attachment; filename="{batch_id}.{format}"'}
    return StreamingResponse(content, media_type=results.MEDIA[format], headers=named)


async def _shown(request: Request, batch: Batch) -> BatchAnswer:
    return shown(batch, (await quotes(_store(request).database, [batch])).get(batch.id))


def shown(batch: Batch, quote: Quote | None) -> BatchAnswer:
    return BatchAnswer(
        id=batch.id,
        name=batch.source["name"],
        state=batch.state,
        total=batch.total,
        taken=batch.taken,
        counts=batch.counts,
        error=batch.error,
        dry_run=batch.dry_run,
        quote=quote,
        created_at=iso(batch.created),
        finished_at=None if batch.finished is None else iso(batch.finished),
    )


def _store(request: Request) -> Store:
    store: Store = request.app.state.service.store
    return store


def _batches(request: Request) -> Batches:
    return Batches(_store(request).database)


def _known(batch_id: str, found: Batch | None) -> Batch:
    if found is None:
        raise ProblemError("not_found", f"there is no batch {batch_id!r}; GET /v1/batches lists those there are")
    return found

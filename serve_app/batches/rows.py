"""Rows of a feed become rows of a batch: one job per article, and a refusal where there is nothing to ask for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from serve_app.batches.batches import OPEN
from serve_app.catalogue.record import Fault
from serve_app.jobs.enqueue import enqueue
from serve_app.jobs.job import OVER, Order
from serve_app.jobs.schema import batch_rows, jobs
from serve_app.runs.articles import Article, distinct
from serve_app.sheets import Row


@dataclass(frozen=True, slots=True)
class Known:
    """The job that an article of the batch has already."""

    job: str
    state: str
    error: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Piece:
    """The next rows of a feed with their articles, and the jobs of those articles that came before (by id)."""

    rows: Sequence[tuple[Row, Article | Fault]]
    known: dict[str, Known]


async def piece_of(connection: AsyncConnection, batch: str, rows: Sequence[Row]) -> Piece:
    """Only the lease's holder adds rows to a batch, so what is found here stays true until they are added."""
    read = [(row, _article(row)) for row in rows]
    ids = {article.article_id for _, article in read if isinstance(article, Article) and article.fault is None}
    first = (
        select(batch_rows.c.article_id, func.min(batch_rows.c.job).label("job"))
        .where(batch_rows.c.batch == batch, batch_rows.c.article_id.in_(ids), batch_rows.c.job.is_not(None))
        .group_by(batch_rows.c.article_id)
        .subquery()
    )
    wanted = select(first.c.article_id, jobs.c.id, jobs.c.state, jobs.c.error).join(jobs, jobs.c.id == first.c.job)
    found = await connection.execute(wanted)
    return Piece(read, {row.article_id: Known(row.id, row.state, row.error) for row in found})


async def insert_rows(
    connection: AsyncConnection, tenant: str, batch: str, options: dict[str, Any], piece: Piece
) -> Counter[str]:
    """state -> rows added, with a job for every article that has none; raises QueueFullError."""
    fresh: dict[str, Order] = {}
    for row, article in piece.rows:
        if isinstance(article, Article) and article.fault is None and article.article_id not in piece.known:
            order = Order(tenant, "article", article.columns(), options, "catalogue", batch=batch, row=row.row)
            fresh.setdefault(article.article_id, order)
    ids = await enqueue(connection, list(fresh.values())) if fresh else []
    known = piece.known | {article: Known(job, OPEN, None) for article, job in zip(fresh, ids, strict=True)}
    lines = [{"batch": batch, "tenant": tenant, "row": row.row} | _standing(found, known) for row, found in piece.rows]
    if lines:
        await connection.execute(insert(batch_rows), lines)
    return Counter(str(line["state"]) for line in lines)


def _standing(article: Article | Fault, known: dict[str, Known]) -> dict[str, Any]:
    if isinstance(article, Fault):
        return {"article_id": None, "job": None, "state": "rejected", "error": _error(article)}
    if article.fault is not None:
        return {"article_id": article.article_id, "job": None, "state": "rejected", "error": _error(article.fault)}
    job = known[article.article_id]
    over = job.state in OVER
    return {
        "article_id": article.article_id,
        "job": job.job,
        "state": job.state if over else OPEN,
        "error": job.error if over else None,
    }


def _error(fault: Fault) -> dict[str, Any]:
    return {"code": fault.code, "message": storable(fault.reason)}


def _article(row: Row) -> Article | Fault:
    """The article of a row; a Fault where a text is none that a database or a file could hold."""
    if any(isinstance(value, str) and storable(value) != value for value in row.values):
        return Fault(code="not_text", reason="the row holds no readable text; check the file's encoding")
    return distinct([row])[0]


def storable(text: str) -> str:
    """A stranger's text as both databases can hold it."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()

"""What the articles of a dry run would take: pictures as they are counted, time by the pace of late."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.schema import articles, jobs

LATELY = 100  # articles by which the pace is judged: minutes of work, whatever the models
FRESH_S = 10.0  # how old the known pace may be: reading it anew takes 100 whole records
DRAWN = articles.c.status == literal_column("'succeeded'")


@dataclass(frozen=True, slots=True)
class Planned:
    """What a dry run has found so far; `pictures` are those that would be delivered, one per colourway."""

    articles: int = 0
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """Pictures rendered for the `articles` drawn last, and the seconds that the service worked on them."""

    articles: int
    pictures: int
    seconds: float


async def planned(connection: AsyncConnection, batch: str, rows: Sequence[int]) -> Planned:
    """What the jobs of these rows of a dry run would draw; a job counts with the first row of its article."""
    length = func.jsonb_array_length if connection.dialect.name == "postgresql" else func.json_array_length
    pictures = func.coalesce(func.sum(length(jobs.c.result["records"])), 0)
    mine = (jobs.c.batch == batch, jobs.c.row.in_(rows), jobs.c.state == "succeeded")
    found = (await connection.execute(select(func.count(), pictures).where(*mine))).one()
    return Planned(*map(int, found))


_known: WeakKeyDictionary[Database, tuple[float, Pace]] = WeakKeyDictionary()  # when it was read, and what


async def recent_pace(database: Database) -> Pace:
    """`pace` of the last ten seconds; one that is not known yet is not kept."""
    read_at, known = _known.get(database, (0.0, None))
    if known is None or time.monotonic() - read_at > FRESH_S:
        known = await pace(database)
        if known.pictures:
            _known[database] = time.monotonic(), known
    return known


async def pace(database: Database) -> Pace:
    """How fast the service drew the last articles, whoever asked for them."""
    last = select(articles.c.created, articles.c.records).where(DRAWN).order_by(articles.c.created.desc()).limit(LATELY)
    async with database.reading(EVERYONE) as connection:
        rows = (await connection.execute(last)).all()
    return _pace((row.created, row.records) for row in reversed(rows))


def _pace(drawn: Iterable[tuple[float, list[dict[str, Any]]]]) -> Pace:
    """Of articles in the order of their ends: each adds the time since the one before, at most its own."""
    count, pictures, seconds, before = 0, 0, 0.0, 0.0
    for end, records in drawn:
        took = max(sum(record["timings"].values()) for record in records)
        seconds += min(took, end - before)
        pictures += sum(len(record["candidates"]) for record in records)
        count, before = count + 1, end
    return Pace(count, pictures, seconds)

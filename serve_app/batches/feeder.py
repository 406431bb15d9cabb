"""Feeds batches into the queue by and by, and books what became of their rows.

Rows, their jobs and the number of rows taken commit together, so a kill at any moment neither loses nor doubles a row.
"""

import asyncio
import logging
import secrets
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import case, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from serve_app.batches.batches import COLUMNS, OPEN, Batch, as_batch
from serve_app.batches.quote import planned
from serve_app.batches.reader import Reader
from serve_app.batches.rows import Piece, insert_rows, piece_of, storable
from serve_app.batches.source import Source
from serve_app.jobs.database import EVERYONE, Database, now
from serve_app.jobs.enqueue import QueueFullError
from serve_app.jobs.job import OVER
from serve_app.jobs.objects import Objects
from serve_app.jobs.schema import OPEN_ROW, batch_rows, batches, jobs
from serve_app.webhooks.deliveries import notify

WINDOW = 500  # rows of a batch that are open at once; a fast service ends fewer between two looks
LEASE_S = 60.0  # a workbook is read within a minute by a child process
LOOK_S = 0.5  # between two looks at batches where little moves: a look costs up to three commits, whatever it finds
MANY = 100  # rows; a batch that moves so many at once is looked at again without a pause

log = logging.getLogger(__name__)

SOME_ENDED = exists(
    select(batch_rows.c.row).where(
        batch_rows.c.batch == batches.c.id, OPEN_ROW, batch_rows.c.job == jobs.c.id, jobs.c.state.in_(OVER)
    )
)


class Feeder:
    """Any number of them share the batches. `window`: rows of a batch that are open at once."""

    def __init__(self, database: Database, objects: Objects, lease_s: float = LEASE_S, window: int = WINDOW) -> None:
        self._database, self._objects, self._lease_s, self._window = database, objects, lease_s, window
        self._owner = f"{socket.gethostname()[:40]}-{secrets.token_hex(8)}"
        self._readers: dict[str, Reader] = {}
        self._looked_at: str | None = None

    async def feed_some(self) -> int:
        """Looks after one batch, the one that waited longest for it; how many rows moved.

        At least 1 when anything changed.
        """
        claim = await self._claim()
        self._looked_at = None if claim is None else claim.id
        if claim is None:
            await self.close()
            return 0
        booked = await self._book(claim)
        feeding = claim.state == "running" and claim.total is None
        return booked + (await self._feed(claim.id, claim.tenant) if feeding else 0)

    async def run(self, wake: Callable[[], None]) -> None:
        """Feeds until it is cancelled; `wake` tells whoever works the queue off."""
        looked: set[str | None] = set()  # batches since the last pause
        while True:
            try:
                moved = await self.feed_some()
            except Exception:
                log.exception("batches could not be fed; trying again")
                moved, self._looked_at = 0, None
            if moved:
                wake()
            if moved < MANY and (self._looked_at is None or self._looked_at in looked):
                await asyncio.sleep(LOOK_S)
                looked.clear()
            else:
                looked.add(self._looked_at)

    async def close(self) -> None:
        """Lets go of the feeds that are open."""
        for batch in list(self._readers):
            await self._shut(batch)

    async def leave(self) -> None:
        """Lets go of all batches, so that another feeder goes on at once."""
        await self.close()
        given = update(batches).where(batches.c.owner == self._owner).values(owner=None, lease_until=None)
        async with self._database.writing(EVERYONE) as connection:
            await connection.execute(given)

    async def _claim(self) -> Batch | None:
        free = or_(batches.c.owner == self._owner, batches.c.lease_until.is_(None), batches.c.lease_until < now())
        first = (
            select(batches.c.id)
            .where(batches.c.finished.is_(None), free, or_(batches.c.state != "paused", SOME_ENDED))
            .order_by(batches.c.lease_until.asc().nulls_first(), batches.c.id)
            .limit(1)
        )
        async with self._database.reading(EVERYONE) as connection:
            if (await connection.execute(first)).one_or_none() is None:
                return None
        one = first.with_for_update(skip_locked=True).cte("first")
        begun = case((batches.c.state == "queued", "running"), else_=batches.c.state)
        claimed = (
            update(batches)
            .where(batches.c.id.in_(select(one.c.id)))
            .values(owner=self._owner, lease_until=now() + self._lease_s, state=begun)
            .returning(*COLUMNS)
        )
        async with self._database.writing(EVERYONE) as connection:
            found = (await connection.execute(claimed)).one_or_none()
        return None if found is None else as_batch(found)

    async def _held(self, connection: AsyncConnection, batch: str) -> Batch | None:
        """The batch as it is now, locked until the commit; None when the lease went to somebody else."""
        renewed = (
            update(batches)
            .where(batches.c.id == batch, batches.c.owner == self._owner, batches.c.finished.is_(None))
            .values(lease_until=now() + self._lease_s)
            .returning(*COLUMNS)
        )
        found = (await connection.execute(renewed)).one_or_none()
        return None if found is None else as_batch(found)

    async def _book(self, seen: Batch) -> int:
        """Takes over the ends of jobs, and ends a batch that has no open row left; how many rows moved."""
        ended_jobs = select(jobs.c.id).where(*_ended(seen)).limit(1)
        async with self._database.reading(seen.tenant) as connection:
            changed = (await connection.execute(ended_jobs)).one_or_none() is not None
        if not changed and (seen.total is None or seen.open):
            return 0
        booked = update(batch_rows).where(*_ended(seen)).values(state=jobs.c.state, error=jobs.c.error)
        async with self._database.writing(seen.tenant) as connection:
            claim = await self._held(connection, seen.id)
            if claim is None:
                return 0
            rows = (await connection.execute(booked.returning(batch_rows.c.row, batch_rows.c.state))).all()
            ended = Counter(row.state for row in rows)
            counts = _added(claim.counts, ended, ended.total())
            values: dict[str, Any] = {"counts": counts}
            if claim.dry_run:
                values["planned"] = await _planned(connection, claim, [row.row for row in rows])
            await connection.execute(update(batches).where(batches.c.id == seen.id).values(values))
            over = claim.total is not None and OPEN not in counts
            if over:
                await self._end(connection, claim)
        if over:
            await self._shut(seen.id)
        return ended.total() or int(over)

    async def _end(self, connection: AsyncConnection, claim: Batch) -> None:
        state = "canceled" if claim.state == "canceled" else "failed" if claim.error else "finished"
        done = update(batches).where(batches.c.id == claim.id)
        await connection.execute(done.values(state=state, finished=now(), owner=None, lease_until=None))
        await notify(connection, claim.tenant, "batch.finished", {"id": claim.id, "state": state})

    async def _feed(self, batch: str, tenant: str) -> int:
        """Takes the next rows in one transaction; how many rows moved."""
        async with self._database.reading(tenant) as connection:
            found = (await connection.execute(select(*COLUMNS).where(batches.c.id == batch))).one()
        claim = as_batch(found)
        reader = await self._reader(claim)
        free = min(self._window - claim.open, reader.most)
        if free <= 0:
            return 0
        try:
            rows = await reader.take(free)
            async with self._database.reading(tenant) as connection:
                piece = await piece_of(connection, batch, rows)
            async with self._database.writing(tenant) as connection:
                kept = await self._kept(connection, claim, piece, reader)
        except QueueFullError:
            reader.put_back(rows)
            return 0
        except BaseException:
            await self._shut(batch)
            raise
        if not kept:
            await self._shut(batch)
        reader.took(len(rows))
        return max(1, len(rows)) if kept else 0

    async def _kept(self, connection: AsyncConnection, seen: Batch, piece: Piece, reader: Reader) -> bool:
        """Adds rows and jobs; False when the batch is not as it was seen, and the feed must be read anew."""
        claim = await self._held(connection, seen.id)
        if claim is None or claim.state != "running" or claim.taken != seen.taken:
            return False
        added = await insert_rows(connection, claim.tenant, claim.id, claim.options, piece)
        taken = claim.taken + len(piece.rows)
        values: dict[str, Any] = {"taken": taken, "counts": _added(claim.counts, added, 0)}
        if reader.at_end:
            values["total"] = taken
            if reader.broken is not None:
                values["error"] = {"code": reader.broken.code, "message": storable(str(reader.broken))}
        await connection.execute(update(batches).where(batches.c.id == claim.id).values(values))
        return True

    async def _reader(self, claim: Batch) -> Reader:
        """The open feed of a batch, standing behind the last row taken."""
        reader = self._readers.get(claim.id)
        if reader is None or reader.taken != claim.taken:
            await self._shut(claim.id)
            log.info("batch %s is read from row %d on", claim.id, claim.taken + 1)
            reader = Reader(self._objects, Source.of(claim.source), claim.taken, self._window)
            self._readers[claim.id] = reader
        return reader

    async def _shut(self, batch: str) -> None:
        reader = self._readers.pop(batch, None)
        if reader is not None:
            await reader.close()


def _ended(claim: Batch) -> tuple[Any, ...]:
    """Open rows whose job is over."""
    return batch_rows.c.batch == claim.id, OPEN_ROW, batch_rows.c.job == jobs.c.id, jobs.c.state.in_(OVER)


async def _planned(connection: AsyncConnection, claim: Batch, rows: list[int]) -> dict[str, int]:
    more = await planned(connection, claim.id, rows)
    return dict(Counter(claim.planned) + Counter(asdict(more)))


def _added(counts: dict[str, int], more: Counter[str], closed: int) -> dict[str, int]:
    """Rows by state; `closed` of those that were open are not any more."""
    together = Counter(counts) + more
    together[OPEN] -= closed
    return dict(+together)

"""Batches as their tenants see them: made, listed, paused, resumed, cancelled; another tenant's do not exist."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from serve_app.access.idempotency import Asked, made_once
from serve_app.batches.source import Source
from serve_app.jobs.database import Database, now
from serve_app.jobs.enqueue import QueueFullError
from serve_app.jobs.events import Said, tell
from serve_app.jobs.job import WAITING
from serve_app.jobs.schema import batch_rows, batches, jobs
from serve_app.webhooks.jobs import jobs_ended

MOST_OPEN = 50  # batches of one tenant; each is looked at twice a second
OPEN = "queued"  # the state of a row whose job is not over
GOES_ON = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Batch:
    """`state`: queued, running, paused, finished, failed or canceled; `counts`: state -> rows; times since 1970.

    `taken`: rows that have become jobs or refusals; `total`: rows of the feed, None until its end was read. `finished`
    is set when no row is open any more, also for a batch that was cancelled or whose feed broke off; `planned` is what
    a dry run has found to draw, as `quote.Planned`.
    """

    id: str
    tenant: str
    state: str
    source: dict[str, Any]
    options: dict[str, Any]
    taken: int
    total: int | None
    counts: dict[str, int]
    error: dict[str, Any] | None
    planned: dict[str, int] | None
    created: float
    finished: float | None

    @property
    def dry_run(self) -> bool:
        """Whether nothing is drawn, only said what would be."""
        return bool(self.options.get("dry_run"))

    @property
    def open(self) -> int:
        """Rows whose job is not over."""
        return self.counts.get(OPEN, 0)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """`row` is 1-based without the header; `job` is shared by rows of the same article."""

    row: int
    state: str
    article_id: str | None
    job: str | None
    error: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class NewBatch:
    """What a batch is made of; `id` names the owner of the feed's objects, `options` are those of the story."""

    id: str
    tenant: str
    source: Source
    options: dict[str, Any] = field(default_factory=dict)


COLUMNS = [batches.c[name] for name in Batch.__dataclass_fields__]
ROW_COLUMNS = [batch_rows.c[name] for name in BatchRow.__dataclass_fields__]


class Batches:
    """Every call is one transaction of one tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, new: NewBatch, asked: Asked | None = None) -> Batch:
        """The batch, durable on return. `asked`: idempotency key and fingerprint; one sent before gives its batch.

        Raises QueueFullError, IdempotencyKeyError and KeyReusedError.
        """
        async with self._database.writing(new.tenant) as connection:

            async def make() -> str:
                if (await connection.execute(_open(new.tenant))).scalar_one() >= MOST_OPEN:
                    raise QueueFullError(f"{MOST_OPEN} batches of this tenant are open; send more when one is done")
                await connection.execute(_inserted(new))
                return new.id

            batch = await made_once(connection, new.tenant, asked, make)
            found = await _one(connection, new.tenant, batch)
        assert found is not None, "a batch stays"
        return found

    async def get(self, tenant: str, batch: str) -> Batch | None:
        async with self._database.reading(tenant) as connection:
            return await _one(connection, tenant, batch)

    async def list(self, tenant: str, most: int, before: str | None = None) -> Sequence[Batch]:
        """The newest first, from the one after `before` on."""
        wanted = select(*COLUMNS).where(batches.c.tenant == tenant).order_by(batches.c.id.desc()).limit(most)
        if before is not None:
            wanted = wanted.where(batches.c.id < before)
        async with self._database.reading(tenant) as connection:
            return [as_batch(row) for row in await connection.execute(wanted)]

    async def rows(
        self, tenant: str, batch: str, most: int, after: int = 0, state: str | None = None
    ) -> Sequence[BatchRow]:
        """Rows in order, from the one after the number `after` on."""
        mine = (batch_rows.c.batch == batch, batch_rows.c.tenant == tenant, batch_rows.c.row > after)
        wanted = select(*ROW_COLUMNS).where(*mine).order_by(batch_rows.c.row).limit(most)
        if state is not None:
            wanted = wanted.where(batch_rows.c.state == state)
        async with self._database.reading(tenant) as connection:
            return [BatchRow(**row._mapping) for row in await connection.execute(wanted)]

    async def pause(self, tenant: str, batch: str) -> Batch | None:
        """Takes no further rows and holds those that wait; jobs that run go on. None: the tenant has no such batch."""
        async with self._database.writing(tenant) as connection:
            if await _moved(connection, tenant, batch, GOES_ON, state="paused"):
                await connection.execute(_jobs(batch, "queued").values(state="paused"))
            return await _one(connection, tenant, batch)

    async def resume(self, tenant: str, batch: str) -> Batch | None:
        """Undoes a pause; any other batch stays as it is."""
        async with self._database.writing(tenant) as connection:
            if await _moved(connection, tenant, batch, ("paused",), state="running"):
                await connection.execute(_jobs(batch, "paused").values(state="queued"))
            return await _one(connection, tenant, batch)

    async def cancel(self, tenant: str, batch: str) -> Batch | None:
        """Takes no further rows, cancels jobs that wait and asks for it where they run; what is over stays."""
        async with self._database.writing(tenant) as connection:
            if await _moved(connection, tenant, batch, (*GOES_ON, "paused"), state="canceled", total=batches.c.taken):
                await connection.execute(_jobs(batch, *WAITING, "running").values(cancel_asked=True))
                waited = _jobs(batch, *WAITING).values(state="canceled", finished=now()).returning(jobs.c.id)
                ends = [Said(tenant, job, "canceled", {}) for job in (await connection.execute(waited)).scalars()]
                if ends:
                    await tell(connection, ends)
                    await jobs_ended(connection, ends)
            return await _one(connection, tenant, batch)


async def locked(connection: AsyncConnection, batch: str) -> None:
    """Holds the batch's row until the commit."""
    await connection.execute(select(batches.c.id).where(batches.c.id == batch).with_for_update())


async def reopened(connection: AsyncConnection, batch: str, job: str) -> None:
    """Opens the rows of a job that goes on after its end, and its batch (`locked`), which ends anew when they do."""
    opened = update(batch_rows).where(batch_rows.c.batch == batch, batch_rows.c.job == job, batch_rows.c.state != OPEN)
    states = Counter((await connection.execute(opened.values(error=None).returning(batch_rows.c.state))).scalars())
    await connection.execute(opened.values(state=OPEN))
    found = as_batch((await connection.execute(select(*COLUMNS).where(batches.c.id == batch))).one())
    counts = Counter(found.counts) - states + Counter({OPEN: states.total()})
    state = found.state if found.state in ("canceled", "paused") else "running"
    again = update(batches).where(batches.c.id == batch).values(counts=dict(counts), finished=None, state=state)
    await connection.execute(again)


def _open(tenant: str) -> Any:
    return select(func.count()).where(batches.c.tenant == tenant, batches.c.finished.is_(None))


def _inserted(new: NewBatch) -> Any:
    values = {"id": new.id, "tenant": new.tenant, "source": new.source.document(), "options": new.options}
    return insert(batches).values(state="queued", taken=0, counts={}, created=now(), **values)


async def _moved(connection: AsyncConnection, tenant: str, batch: str, states: tuple[str, ...], **values: Any) -> bool:
    mine = (batches.c.id == batch, batches.c.tenant == tenant, batches.c.finished.is_(None))
    changed = update(batches).where(*mine, batches.c.state.in_(states)).values(**values)
    return (await connection.execute(changed)).rowcount == 1


def _jobs(batch: str, *states: str) -> Any:
    return update(jobs).where(jobs.c.batch == batch, jobs.c.state.in_(states))


async def _one(connection: AsyncConnection, tenant: str, batch: str) -> Batch | None:
    wanted = select(*COLUMNS).where(batches.c.id == batch, batches.c.tenant == tenant)
    found = (await connection.execute(wanted)).one_or_none()
    return None if found is None else as_batch(found)


def as_batch(row: Row[Any]) -> Batch:
    return Batch(**row._mapping)

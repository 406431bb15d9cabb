"""The queue: jobs under leases, claimed by workers, finished once.

A job that was submitted is a durable row. A worker claims it for `LEASE_S` and renews the lease while it works; a lease
that runs out gives the job to somebody else, at most `MOST_ATTEMPTS` times, and then it is dead.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, case, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.telemetry.metrics import DEAD_LETTERS, JOB_SECONDS, JOBS_ENDED, JOBS_RETRIED, LEASES_LOST
from serve_app.jobs.database import EVERYONE, Database, now
from serve_app.jobs.enqueue import enqueue
from serve_app.jobs.events import Event, Said, tell, told
from serve_app.jobs.job import COLUMNS, LANES, OVER, WAITING, Ending, Job, Lane, Lease, Order, Standing, as_job
from serve_app.jobs.schema import QUEUED, RUNNING, batches, jobs

LEASE_S = 15.0  # renewed every two seconds; a lost worker's jobs wait this long
MOST_ATTEMPTS = 5
PACE_S = 60.0  # what the time until a job's turn is judged by
RETRY_S = 1.0  # before the second attempt; doubles
# What becomes of a job that comes back from a worker: nobody wants it any more, its batch pauses, or it waits again.
PAUSED = select(batches.c.state).where(batches.c.id == jobs.c.batch).scalar_subquery() == "paused"
AGAIN = case((jobs.c.cancel_asked, "canceled"), (PAUSED, "paused"), else_="queued")
OnEnd = Callable[[AsyncConnection, Sequence[Said]], Awaitable[None]]
"""The last events of jobs that are over."""


class Queue:
    """Every call is one transaction; `ended` hears of a job's end inside the transaction that ends it."""

    def __init__(self, database: Database, lease_s: float = LEASE_S, ended: OnEnd | None = None) -> None:
        self._database, self._lease_s, self._on_end = database, lease_s, ended

    async def submit(self, orders: Sequence[Order]) -> list[str]:
        """Ids of the new jobs, durable on return; all orders have one tenant and lane. Raises QueueFullError."""
        async with self._database.writing(orders[0].tenant) as connection:
            return await enqueue(connection, orders)

    async def claim(self, owner: str, most: int, room: Mapping[Lane, int] | None = None) -> list[Job]:
        """Up to `most` jobs for a worker, those of the first lane before those of the next. `room`: of each lane."""
        claimed: list[Job] = []
        async with self._database.writing(EVERYONE, urgent=True) as connection:
            for lane, count in (room or dict.fromkeys(LANES, most)).items():
                if (left := min(count, most - len(claimed))) > 0:
                    claimed += await self._claimed(connection, owner, lane, left)
        return claimed

    async def renew(self, owner: str, ids: Sequence[str]) -> Lease:
        """Extends the leases of a worker."""
        renewed = (
            update(jobs)
            .where(jobs.c.id.in_(ids), jobs.c.owner == owner, jobs.c.state == "running")
            .values(lease_until=now() + self._lease_s)
            .returning(jobs.c.id, jobs.c.cancel_asked)
        )
        async with self._database.writing(EVERYONE) as connection:
            rows = (await connection.execute(renewed)).all()
        return Lease(frozenset(row.id for row in rows), frozenset(row.id for row in rows if row.cancel_asked))

    async def finish(self, owner: str, endings: Sequence[Ending]) -> frozenset[str]:
        """Ends jobs in one transaction; the ids of those that were the owner's: every other one is somebody else's, or
        over."""
        given = {ending.job.id: ending for ending in endings}
        mine = select(jobs.c.id).where(jobs.c.id.in_(given), jobs.c.owner == owner, RUNNING)
        done = (
            update(jobs)
            .where(jobs.c.id == bindparam("of"))
            .values(state=bindparam("as"), result=bindparam("gave"), error=bindparam("fault"))
            .values(owner=None, lease_until=None, finished=now())
        )
        async with self._database.writing(EVERYONE) as connection:
            kept = frozenset((await connection.execute(mine.order_by(jobs.c.id).with_for_update())).scalars())
            ours = [ending for job, ending in given.items() if job in kept]
            if ours:
                ended = [(each.job.id, each.ended) for each in ours]
                lines = [{"of": job, "as": end.state, "gave": end.result, "fault": end.error} for job, end in ended]
                await connection.execute(done, lines)
                before = [said for each in ours for said in each.told]
                ends = [Said(each.job.tenant, each.job.id, each.ended.state, each.ended.error or {}) for each in ours]
                await self._end(connection, ends, before)
        over_at = time.time()
        for ending in (given[job] for job in kept):
            JOBS_ENDED(kind=ending.job.kind, lane=ending.job.lane, state=ending.ended.state)
            JOB_SECONDS(max(0.0, over_at - ending.job.created), kind=ending.job.kind, lane=ending.job.lane)
        return kept

    async def give_back(self, job: Job, owner: str, error: dict[str, Any] | None = None) -> None:
        """Puts a job back at its old place: at once after a drain, later after an `error`, never after too many."""
        dead = error is not None and job.attempts >= MOST_ATTEMPTS
        pause = 0.0 if error is None else RETRY_S * 2 ** (job.attempts - 1)
        values: dict[str, Any] = {"owner": None, "lease_until": None, "error": error}
        if dead:
            values |= {"state": "failed", "finished": now()}
        else:
            values |= {"state": AGAIN, "not_before": now() + pause, "finished": case((jobs.c.cancel_asked, now()))}
            if error is None:
                values["attempts"] = jobs.c.attempts - 1  # a drain is no attempt that failed
        back = update(jobs).where(jobs.c.id == job.id, jobs.c.owner == owner, RUNNING).values(values)
        async with self._database.writing(EVERYONE) as connection:
            state = (await connection.execute(back.returning(jobs.c.state))).scalar_one_or_none()
            if state in OVER:
                await self._end(connection, [Said(job.tenant, job.id, state, error or {})])
        if state in OVER:
            JOBS_ENDED(kind=job.kind, lane=job.lane, state=state)
        if state is not None and error is not None:
            (DEAD_LETTERS if dead else JOBS_RETRIED)(code=error["code"])

    async def sweep(self) -> int:
        """Ends the leases that ran out and the jobs whose deadline passed while they waited; how many."""
        lost = {"code": "worker_lost", "message": f"{MOST_ATTEMPTS} workers were lost over this job"}
        late = {"code": "deadline", "message": "the deadline passed before the job's turn came"}
        said = (jobs.c.id, jobs.c.tenant, jobs.c.state, jobs.c.error, jobs.c.kind, jobs.c.lane)
        spent = jobs.c.attempts >= MOST_ATTEMPTS
        ran_out = (
            update(jobs)
            .where(RUNNING, jobs.c.lease_until < now())
            .values(
                state=case((spent, "failed"), else_=AGAIN),
                error=case((spent, bindparam("lost", lost, type_=jobs.c.error.type)), else_=jobs.c.error),
                finished=case((spent | jobs.c.cancel_asked, now())),
                owner=None,
                lease_until=None,
            )
            .returning(*said)
        )
        expired = (
            update(jobs)
            .where(jobs.c.finished.is_(None), jobs.c.state.in_(WAITING), jobs.c.deadline < now())
            .values(state="canceled", error=late, finished=now())
            .returning(*said)
        )
        async with self._database.writing(EVERYONE) as connection:
            lost_leases = (await connection.execute(ran_out)).all()
            ended = [*lost_leases, *(await connection.execute(expired)).all()]
            if ended:
                await self._end(connection, [Said(row.tenant, row.id, row.state, row.error or {}) for row in ended])
        for row in lost_leases:
            LEASES_LOST()
            if row.state == "failed":
                DEAD_LETTERS(code=lost["code"])
        for row in ended:
            if row.state in OVER:
                JOBS_ENDED(kind=row.kind, lane=row.lane, state=row.state)
        return len(ended)

    async def cancel(self, tenant: str, job: str) -> Job | None:
        """Cancels a job that waits, asks for it where one runs, leaves one that is over; None: the tenant has none."""
        mine = (jobs.c.id == job, jobs.c.tenant == tenant)
        async with self._database.writing(tenant) as connection:
            await connection.execute(select(jobs.c.id).where(*mine).with_for_update())  # it neither begins nor returns
            waited = update(jobs).where(*mine, jobs.c.state.in_(WAITING))
            ended = (await connection.execute(waited.values(state="canceled", finished=now()))).rowcount
            if ended:
                await self._end(connection, [Said(tenant, job, "canceled", {})])
            else:
                running = update(jobs).where(*mine, jobs.c.state == "running")
                await connection.execute(running.values(cancel_asked=True))
            found = await _one(connection, tenant, job)
        if ended and found is not None:
            JOBS_ENDED(kind=found.kind, lane=found.lane, state=found.state)
        return found

    async def job(self, tenant: str, job: str) -> Job | None:
        async with self._database.reading(tenant) as connection:
            return await _one(connection, tenant, job)

    async def jobs(self, tenant: str, most: int, before: str | None = None, state: str | None = None) -> list[Job]:
        """A tenant's jobs without their results, the newest first, from the one after `before` on."""
        brief = [null().label("result") if column is jobs.c.result else column for column in COLUMNS]
        wanted = select(*brief).where(jobs.c.tenant == tenant).order_by(jobs.c.id.desc()).limit(most)
        if before is not None:
            wanted = wanted.where(jobs.c.id < before)
        if state is not None:
            wanted = wanted.where(jobs.c.state == state)
        async with self._database.reading(tenant) as connection:
            return [as_job(row) for row in await connection.execute(wanted)]

    async def ahead(self, job: Job) -> int:
        """How many jobs of its lane come before a waiting job."""
        earlier = (jobs.c.turn < job.turn) | ((jobs.c.turn == job.turn) & (jobs.c.id < job.id))
        counted = select(func.count()).where(QUEUED, jobs.c.lane == job.lane, earlier)
        async with self._database.reading(EVERYONE) as connection:
            return int((await connection.execute(counted)).scalar_one())

    async def pace(self) -> float:
        """Jobs that ended per second, over the last minute."""
        recent = select(func.count()).where(jobs.c.finished > now() - PACE_S)
        async with self._database.reading(EVERYONE) as connection:
            return float((await connection.execute(recent)).scalar_one()) / PACE_S

    async def events(self, tenant: str, job: str, after: int = 0) -> list[Event]:
        """What a job told since the event number `after`."""
        async with self._database.reading(tenant) as connection:
            return await told(connection, tenant, job, after)

    async def unfinished(self, ids: Sequence[str]) -> set[str]:
        """Those of these jobs that are not over."""
        wanted = select(jobs.c.id).where(jobs.c.id.in_(ids), jobs.c.state.not_in(OVER))
        async with self._database.reading(EVERYONE) as connection:
            return set((await connection.execute(wanted)).scalars())

    async def waiting(self, lanes: Sequence[Lane] = LANES) -> bool:
        """Whether any job of these lanes waits: what a worker asks before it takes the writer's lock."""
        first = select(jobs.c.id).where(QUEUED, jobs.c.lane.in_(lanes)).limit(1)
        async with self._database.reading(EVERYONE) as connection:
            return (await connection.execute(first)).one_or_none() is not None

    async def depth(self) -> dict[str, int]:
        """lane -> jobs that wait; what autoscaling and back-pressure go by."""
        counted = select(jobs.c.lane, func.count()).where(QUEUED).group_by(jobs.c.lane)
        async with self._database.reading(EVERYONE) as connection:
            found = {row[0]: int(row[1]) for row in await connection.execute(counted)}
        return {lane: found.get(lane, 0) for lane in LANES}

    async def standing(self) -> dict[str, Standing]:
        """lane -> what waits in it, and for how long its oldest job has been known."""
        counted = select(jobs.c.lane, func.count(), func.min(jobs.c.id)).where(QUEUED).group_by(jobs.c.lane)
        async with self._database.reading(EVERYONE) as connection:
            found = {row[0]: (int(row[1]), row[2]) for row in await connection.execute(counted)}
            # Ids are in the order of acceptance, and the index of the line has them.
            first_ids = [first for _, first in found.values()]
            oldest = select(jobs.c.id, now() - jobs.c.created).where(jobs.c.id.in_(first_ids))
            ages = {row[0]: float(row[1]) for row in await connection.execute(oldest)}
        stood = {lane: Standing(waiting, max(0.0, ages[first])) for lane, (waiting, first) in found.items()}
        return {lane: stood.get(lane, Standing(0, 0.0)) for lane in LANES}

    async def _end(self, connection: AsyncConnection, ends: Sequence[Said], before: Sequence[Said] = ()) -> None:
        await tell(connection, [*before, *ends])
        over = [said for said in ends if said.kind in OVER]
        if self._on_end is not None and over:
            await self._on_end(connection, over)

    async def _claimed(self, connection: AsyncConnection, owner: str, lane: Lane, most: int) -> list[Job]:
        first = (
            select(jobs.c.id)
            .where(QUEUED, jobs.c.lane == lane, jobs.c.not_before <= now())
            .order_by(jobs.c.turn, jobs.c.id)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("first")  # a subquery could be run more than once, and would lock other rows each time
        )
        rows = (await connection.execute(self._taken(owner).where(jobs.c.id.in_(select(first.c.id))))).all()
        return sorted((as_job(row) for row in rows), key=lambda job: (job.turn, job.id))

    def _taken(self, owner: str) -> Any:
        return (
            update(jobs)
            .values(
                state="running",
                owner=owner,
                lease_until=now() + self._lease_s,
                attempts=jobs.c.attempts + 1,
                started=func.coalesce(jobs.c.started, now()),
            )
            .returning(*COLUMNS)
        )


async def _one(connection: AsyncConnection, tenant: str, job: str) -> Job | None:
    wanted = select(*COLUMNS).where(jobs.c.id == job, jobs.c.tenant == tenant)
    found = (await connection.execute(wanted)).one_or_none()
    return None if found is None else as_job(found)

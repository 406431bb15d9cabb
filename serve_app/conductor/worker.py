"""The loop that works the queue off: claims, keeps leases alive, performs, ends jobs, and drains before it stops."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models.telemetry import traces
from models.telemetry.ids import bound
from models.telemetry.metrics import JOB_WAIT, STORE_FAILURES
from serve_app.conductor.events import Telling
from serve_app.conductor.grouped import Grouped
from serve_app.errors import StageError
from serve_app.jobs.database import Database
from serve_app.jobs.job import LANES, Ended, Ending, Job, Lane
from serve_app.jobs.queue import Queue

POLL_S = 0.25  # an idle worker looks this often; whoever submits wakes one at once
RENEW_S = 2.0  # leases last several times as long; a cancellation is seen within this time
SWEEP_S = 5.0
LOOK_S = 1.0  # how soon it is seen that another worker ended a job
END_TRIES, END_PAUSE_S = 10, 1.0  # a database that restarts is back by then
CATALOGUE_EVERY = 8  # so often the catalogue lane goes first, so that it never starves

log = logging.getLogger(__name__)


Perform = Callable[[Job, Callable[[str, dict[str, Any]], None]], Awaitable[Ended]]


@dataclass(frozen=True)
class Slots:
    """Jobs that a worker has at once: `all`, and of them at most `catalogue`, so that who waits finds room."""

    all: int
    catalogue: int


@dataclass(frozen=True)
class Running:
    """A job in work."""

    job: Job
    task: asyncio.Task[None]


class Worker:
    """`slots`: jobs at once. `perform` raises StageError for what may succeed later."""

    def __init__(self, database: Database, queue: Queue, perform: Perform, owner: str, slots: Slots) -> None:
        self._queue, self._perform, self._owner, self.slots = queue, perform, owner, slots
        self.telling = Telling(database)
        self._ends = Grouped(self._end)
        self._running: dict[str, Running] = {}
        self._canceled: set[str] = set()  # running jobs that somebody asked to cancel
        self._awaited: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._wake, self._claim_lock = asyncio.Event(), asyncio.Lock()
        self._draining = False
        self._rounds = 0

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Until it is cancelled; a database that is away for a while is waited for."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forever(self._renew, RENEW_S))
            group.create_task(self._forever(self._sweep, SWEEP_S))
            group.create_task(self._forever(self._look, LOOK_S))
            group.create_task(self._claiming())

    async def ended(self, tenant: str, job: str) -> Job | None:
        """A job as it ended, heard at once where this worker ends it; None when this worker stops before that."""
        heard = asyncio.Event()
        self._awaited[job].add(heard)
        self.wake()
        try:
            while not self._draining:
                await heard.wait()
                heard.clear()
                found = await self._queue.job(tenant, job)
                if found is None or found.over:
                    return found
        finally:
            self._awaited[job].discard(heard)
            if not self._awaited[job]:
                del self._awaited[job]
        return None

    async def cancel(self, job: str) -> None:
        """Stops a job at the next point where it can; the queue must know that somebody asked."""
        if job in self._running:
            self._canceled.add(job)
            self._running[job].task.cancel()

    async def drain(self, within_s: float) -> None:
        """Claims no more, lets running jobs end, and gives those back that do not."""
        self._draining = True
        self._hear(list(self._awaited))
        async with self._claim_lock:  # what is being claimed at this moment is given back too
            pass
        if self._running:
            await asyncio.wait([running.task for running in self._running.values()], timeout=within_s)
        for running in list(self._running.values()):
            running.task.cancel()
            await self._queue.give_back(running.job, self._owner)
        await self.telling.written()

    async def _claiming(self) -> None:
        while not self._draining:
            self._wake.clear()
            try:
                claimed = await self._claimed()
            except Exception:
                log.exception("the queue does not answer; trying again")
                STORE_FAILURES(store="database")
                claimed = 0
                await asyncio.sleep(1.0)
            if not claimed:
                try:
                    await asyncio.wait_for(self._wake.wait(), POLL_S)
                except TimeoutError:
                    continue

    async def _claimed(self) -> int:
        async with self._claim_lock:
            return 0 if self._draining else await self._claim()

    async def _claim(self) -> int:
        room = self._room()
        if not room or not await self._queue.waiting(list(room)):
            return 0
        self._rounds += 1
        lanes = [lane for lane in (LANES[::-1] if self._rounds % CATALOGUE_EVERY == 0 else LANES) if lane in room]
        claimed = await self._queue.claim(self._owner, max(room.values()), {lane: room[lane] for lane in lanes})
        for job in claimed:
            self._begin(job)
        return len(claimed)

    def _room(self) -> dict[Lane, int]:
        """Jobs of each lane that may be taken now; a lane without room is left out."""
        free = self.slots.all - len(self._running)
        catalogue = sum(running.job.lane == "catalogue" for running in self._running.values())
        room: dict[Lane, int] = {"interactive": free, "catalogue": min(free, self.slots.catalogue - catalogue)}
        return {lane: count for lane, count in room.items() if count > 0}

    def _begin(self, job: Job) -> None:
        if (before := self._running.get(job.id)) is not None:
            before.task.cancel()  # its lease ran out, and the same worker was the next to come
        task = asyncio.create_task(self._worked(job))
        self._running[job.id] = Running(job, task)
        task.add_done_callback(lambda _: self._over(job.id, task))

    def _over(self, job: str, task: asyncio.Task[None]) -> None:
        if job in self._running and self._running[job].task is task:
            del self._running[job]
            self._canceled.discard(job)
        self._hear([job])
        self.wake()

    async def _worked(self, job: Job) -> None:
        with (
            bound(request=job.request or "", job=job.id, tenant=job.tenant),
            traces.within(job.traceparent),
            traces.span("job", job=job.id, kind=job.kind, lane=job.lane, attempt=job.attempts),
        ):
            if job.attempts == 1:
                JOB_WAIT(max(0.0, time.time() - job.created), lane=job.lane)
                traces.past("queue", job.created)
            await self._performed(job)

    async def _performed(self, job: Job) -> None:
        self.telling.say(job.tenant, job.id, "running", {"attempt": job.attempts})
        try:
            ended = await self._ended_with(job)
        except asyncio.CancelledError:
            if job.id not in self._canceled:
                raise  # the lease was lost, or this worker stops: the job is somebody else's
            ended = Ended("canceled")
        except StageError as error:
            await self._give_back(job, error.code, str(error))
            return
        except Exception as error:
            log.exception("job %s failed unforeseen", job.id)
            await self._give_back(job, "internal", type(error).__name__)
            return
        await self._kept(job, ended)

    async def _kept(self, job: Job, ended: Ended) -> None:
        """Commits a job's end; gives the job back when the database stays away."""
        for left in reversed(range(END_TRIES)):
            try:
                with traces.span("commit"):
                    kept = await asyncio.shield(self._ends.add((job, ended)))
            except Exception as error:
                log.exception("the end of job %s could not be kept", job.id)
                if not left:
                    await self._give_back(job, "internal", type(error).__name__)
                    return
                await asyncio.sleep(END_PAUSE_S)  # the lease is renewed meanwhile
            else:
                break
        if not kept:
            log.warning("job %s was taken over by another worker; this result is dropped", job.id)
        else:
            log.info("job %s %s at attempt %d", job.id, ended.state, job.attempts)

    async def _ended_with(self, job: Job) -> Ended:
        left = None if job.deadline is None else max(0.0, job.deadline - time.time())
        try:
            async with asyncio.timeout(left) as limit:
                return await self._perform(job, lambda kind, data: self.telling.say(job.tenant, job.id, kind, data))
        except TimeoutError:
            if not limit.expired():
                raise
            return Ended("canceled", error={"code": "deadline", "message": "the deadline passed during the work"})

    async def _give_back(self, job: Job, code: str, message: str) -> None:
        await self.telling.written()  # what it told stands before what becomes of it
        await self._queue.give_back(job, self._owner, {"code": code, "message": message})

    async def _end(self, ends: Sequence[tuple[Job, Ended]]) -> list[bool]:
        async with self.telling.lock:  # what is being written stands before the end
            endings = [Ending(job, ended, self.telling.pending(job.id)) for job, ended in ends]
            try:
                kept = await self._queue.finish(self._owner, endings)
            except Exception:
                self.telling.unwritten([said for ending in endings for said in ending.told])
                raise
        return [job.id in kept for job, _ in ends]

    async def _renew(self) -> None:
        ids = list(self._running)
        if not ids:
            return
        lease = await self._queue.renew(self._owner, ids)
        for job in set(ids) & set(self._running):
            if job not in lease.kept:
                self._running[job].task.cancel()
            elif job in lease.canceled:
                await self.cancel(job)

    async def _sweep(self) -> None:
        if await self._queue.sweep():
            self.wake()

    async def _look(self) -> None:
        """Ends by other workers, of all jobs that somebody waits for at once: hundreds may."""
        if ids := list(self._awaited):
            self._hear(set(ids) - await self._queue.unfinished(ids))

    def _hear(self, jobs: Iterable[str]) -> None:
        for job in jobs:
            for heard in self._awaited.get(job, ()):
                heard.set()

    async def _forever(self, act: Callable[[], Awaitable[None]], every_s: float) -> None:
        while True:
            try:
                await act()
            except Exception:
                log.exception("the queue does not answer; trying again")
                STORE_FAILURES(store="database")
            await asyncio.sleep(every_s)

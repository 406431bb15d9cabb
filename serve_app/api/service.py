"""What the routes stand on: accepts jobs, waits for them, looks things up. Knows neither HTTP nor Ray."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any, Protocol

from models.telemetry import traces
from models.telemetry.recent import Key, Tally
from serve_app.access.idempotency import Asked, made_once
from serve_app.api.adapters import KnownAdapters
from serve_app.batches.batches import locked, reopened
from serve_app.catalogue.record import Record
from serve_app.jobs.admission import Admission
from serve_app.jobs.enqueue import enqueue, reopen
from serve_app.jobs.events import Event, Said, tell
from serve_app.jobs.job import OVER, Job, Order
from serve_app.jobs.queue import Queue
from serve_app.jobs.store import Store
from serve_app.operations import Operations, Replicas, operations

ID_LENGTH = 16  # hex digits of an article id; a colourway appends its colour
FOLLOW_S = 0.15
LOOK_S, LONGEST_LOOK_S = 0.05, 0.5  # how often a waiting request looks at its job


class ConductorCalls(Protocol):
    """What the service asks of the conductors; all of it may fail without harm, for the queue holds the jobs."""

    async def ended(self, tenant: str, job: str) -> Job | None:
        """A job as it ended, as soon as it did; None when the conductor was lost."""

    async def wake(self) -> None:
        """There is something in the queue."""

    async def cancel(self, job: str) -> None:
        """Stops a running job."""

    async def about(self) -> dict[str, dict[str, Any]]:
        """role -> what its deployment runs."""

    async def silent(self) -> dict[str, str]:
        """role -> why it does not answer."""

    async def recent(self) -> dict[Key, Tally]:
        """What all of them have counted in the last minute."""

    async def replicas(self) -> dict[str, Replicas]:
        """role -> how many run."""


class Service:
    """One per ingress replica."""

    def __init__(self, store: Store, queue: Queue, conductor: ConductorCalls, most_waiting: int = 1000) -> None:
        self.store, self.queue, self.conductor = store, queue, conductor
        self._admission = Admission(queue, most_waiting)
        self.adapters = KnownAdapters(conductor.about)

    async def submit(self, order: Order, wait_s: float = 0.0, asked: Asked | None = None) -> Job:
        """Accepts an order, durably, and gives its job when it is over or after `wait_s` seconds.

        `asked`: idempotency key and fingerprint of the request; one that was sent before gives the job of then.
        Raises OverloadedError, QueueFullError, IdempotencyKeyError and KeyReusedError.
        """
        with traces.span("accept"):
            job = await self._accepted(order, asked)
        return await self.wait(order.tenant, job, wait_s)

    async def _accepted(self, order: Order, asked: Asked | None) -> str:
        async with self._admission.entering(order.lane), self.store.database.writing(order.tenant) as connection:

            async def make() -> str:
                return (await enqueue(connection, [order]))[0]

            return await made_once(connection, order.tenant, asked, make)

    async def room(self) -> None:
        """Raises OverloadedError when an interactive job would be refused now; for what costs something before that."""
        await self._admission.look("interactive")

    async def wait(self, tenant: str, job: str, wait_s: float) -> Job:
        """The job when it is over, or as it is after `wait_s` seconds."""
        until = time.monotonic() + wait_s
        if wait_s > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    if (ended := await self.conductor.ended(tenant, job)) is not None:
                        traces.past("hear", ended.finished or time.time())
                        return ended
        else:
            await self.conductor.wake()
        return await self._watched(tenant, job, until)

    async def _watched(self, tenant: str, job: str, until: float) -> Job:
        pause = LOOK_S
        while True:
            found = await self.queue.job(tenant, job)
            assert found is not None, "an accepted job stays"
            if found.over or time.monotonic() >= until:
                return found
            await asyncio.sleep(min(pause, max(0.0, until - time.monotonic())))
            pause = min(2 * pause, LONGEST_LOOK_S)

    async def follow(self, job: Job, after: int = 0) -> AsyncIterator[tuple[Job, list[Event]]]:
        """The job as it stands and what it told since the last look, until it is over."""
        while True:
            # First the state, then the events: what ended a job is in its list before the job is over.
            current = await self._kept(job)
            told = await self.queue.events(job.tenant, job.id, after)
            if not current.over and any(event.kind in OVER for event in told):
                current = await self._kept(job)  # it ended between the two
            yield current, told
            if current.over:
                return
            after = told[-1].number if told else after
            await asyncio.sleep(FOLLOW_S)

    async def _kept(self, job: Job) -> Job:
        found = await self.queue.job(job.tenant, job.id)
        assert found is not None, "an accepted job stays"
        return found

    async def cancel(self, tenant: str, job: str) -> Job | None:
        """Cancels a job at once where it waits, and within a step where it runs; None: the tenant has none."""
        found = await self.queue.cancel(tenant, job)
        if found is not None and found.state == "running":
            await self.conductor.cancel(job)
            found = await self._watched(tenant, job, time.monotonic() + LONGEST_LOOK_S)
        return found

    async def answer(self, job: Job, answers: dict[str, str]) -> bool:
        """Puts a job that awaits an answer back into the queue with it; False when it does not await one (any more)."""
        options = job.options | {"answers": job.options.get("answers", {}) | answers}
        async with self.store.database.writing(job.tenant) as connection:
            if job.batch is not None:
                await locked(connection, job.batch)  # before the turns, in the order of a feeder
            if not await reopen(connection, job, options):
                return False
            await tell(connection, [Said(job.tenant, job.id, "answered", {"answers": answers})])
            if job.batch is not None:
                await reopened(connection, job.batch, job.id)
        await self.conductor.wake()
        return True

    async def operations(self) -> Operations:
        """How the service is doing, over all tenants."""
        counted, standing, replicas = await asyncio.gather(
            self.conductor.recent(), self.queue.standing(), self.conductor.replicas()
        )
        return operations(counted, standing, replicas)

    async def latest(self, tenant: str, article_id: str) -> list[Record]:
        """The newest records of an article, or the one of a colourway (`<id>-<colour>`); empty when there is none."""
        for article in await self.store.articles_by_id(tenant, article_id[:ID_LENGTH]):
            records = [Record.model_validate(record) for record in article.records]
            if found := [record for record in records if article_id in (record.article_id, article.article_id)]:
                return found
        return []

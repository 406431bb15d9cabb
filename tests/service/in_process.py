"""A service over the doubles, in this process: a real queue, a real worker, no Ray."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from models.telemetry.metrics import forget, record
from models.telemetry.recent import Key, Recent, Tally
from serve_app.api.service import Service
from serve_app.batches.feeder import Feeder
from serve_app.conductor.kinds import perform
from serve_app.conductor.measured import measured
from serve_app.conductor.outcomes import counted
from serve_app.conductor.patience import PatientObjects
from serve_app.conductor.performer import Performer
from serve_app.conductor.worker import Slots, Worker
from serve_app.fleet import Fleet
from serve_app.jobs.job import Job
from serve_app.jobs.queue import Queue
from serve_app.jobs.store import Store
from serve_app.operations import Replicas
from serve_app.provenance.seal import Seal
from serve_app.stories.steps import Steps
from serve_app.webhooks.jobs import jobs_ended


class Conducting:
    """A worker in this process behind the calls of a conductor."""

    def __init__(self, worker: Worker, fleet: Fleet) -> None:
        self.worker, self._fleet, self.counted = worker, fleet, Recent()

    async def ended(self, tenant: str, job: str) -> Job | None:
        return await self.worker.ended(tenant, job)

    async def wake(self) -> None:
        self.worker.wake()

    async def cancel(self, job: str) -> None:
        await self.worker.cancel(job)

    async def about(self) -> dict[str, Any]:
        return await self._fleet.about()

    async def silent(self) -> dict[str, str]:
        return await self._fleet.silent()

    async def recent(self) -> dict[Key, Tally]:
        return self.counted.tallies()

    async def replicas(self) -> dict[str, Replicas]:
        return {"conductor": Replicas(running=1, target=1)}


@contextlib.asynccontextmanager
async def serving(
    folder: Path,
    steps: Steps,
    fleet: Fleet,
    slots: int = 8,
    *,
    url: str | None = None,
    objects: str | None = None,
    seal: Seal | None = None,
) -> AsyncIterator[Service]:
    """A service whose worker runs until the block ends; `url` of its database, SQLite in the folder by default."""
    async with Store.open(folder, url, objects) as store:
        queue, told = Queue(store.database, ended=jobs_ended), functools.partial(counted, eur_per_picture=0.002)
        results = Store(store.database, PatientObjects.over(store.objects))
        performer = Performer(measured(steps), fleet, results, seal, told)
        worker = Worker(store.database, queue, functools.partial(perform, performer), "here", Slots(slots, slots))
        feeder = Feeder(store.database, store.objects)
        conducting = Conducting(worker, fleet)
        record(conducting.counted)
        loop, feeding = asyncio.create_task(worker.run()), asyncio.create_task(feeder.run(worker.wake))
        try:
            yield Service(store, queue, conducting)
        finally:
            forget(conducting.counted)
            for task in (feeding, loop):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await feeder.close()
            await performer.keeper.settled()

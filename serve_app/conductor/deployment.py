"""The conductor behind a handle: works the queue off with the models' handles. CPU only."""

import asyncio
import functools
import os
import secrets
import socket
import sys
from typing import Any

from ray import serve
from ray.serve.handle import DeploymentHandle

from deployments import replica
from models.domain import Picture, Refusal
from models.telemetry.metrics import record
from models.telemetry.recent import Key, Recent, Tally
from serve_app.batches.feeder import Feeder
from serve_app.calibration.applied import Applied
from serve_app.calls import Line
from serve_app.conductor.ahead import Ahead
from serve_app.conductor.gauges import gauges
from serve_app.conductor.kinds import perform
from serve_app.conductor.measured import measured
from serve_app.conductor.outcomes import counted
from serve_app.conductor.patience import PatientObjects
from serve_app.conductor.performer import Performer
from serve_app.conductor.steps import steps
from serve_app.conductor.told import Tell
from serve_app.conductor.upkeep import upkeep
from serve_app.conductor.worker import Slots, Worker
from serve_app.errors import StageError
from serve_app.fleet import Fleet
from serve_app.jobs.job import Ended, Job
from serve_app.jobs.queue import Queue
from serve_app.jobs.store import Store
from serve_app.one_machine import open_cluster_store
from serve_app.outbound import Outbound
from serve_app.provenance.identity import identity
from serve_app.provenance.seal import Seal
from serve_app.settings import Environment, Settings, home_of
from serve_app.standing import Standing
from serve_app.webhooks.deliveries import ANSWER_S, Courier
from serve_app.webhooks.jobs import jobs_ended

NICE = 5  # on a busy machine who answers comes before who works: a refusal must not wait for a story
SWITCH_S = 0.001  # verdicts are computed in threads, and the loop waits for each of them so long at most
DRAIN_S = 300.0  # what a stopping replica gives its jobs before it gives them back


class Conductor:
    """Any number of replicas share the queue; on SQLite they must share the machine."""

    def __init__(self, settings: Settings, **handles: DeploymentHandle[Any]) -> None:
        replica.begin("conductor")
        self._recent = Recent()
        record(self._recent)
        os.nice(NICE)
        sys.setswitchinterval(SWITCH_S)
        lines = {role: Line(role, settings.stage_tries, settings.stage_timeout_s) for role in handles}
        environment = Environment()
        about = {role: (lines[role], handle.about.remote) for role, handle in handles.items()}
        file, mode = environment.calibration, environment.calibration_mode
        fleet = Fleet(about, None if file is None else Applied(file, mode), Standing().asleep)
        store = open_cluster_store(settings)
        self._queue = Queue(store.database, ended=jobs_ended)
        seal = Seal(identity(environment, home_of(settings)))
        told = functools.partial(counted, eur_per_picture=environment.eur_per_picture)
        self._ahead = Ahead()
        stages = self._ahead.counted(measured(steps(handles, lines)))
        results = Store(store.database, PatientObjects.over(store.objects))
        self._performer, self._enlarge = Performer(stages, fleet, results, seal, told), stages.enlarge
        owner = f"{socket.gethostname()[:40]}-{secrets.token_hex(8)}"  # as long as its column
        slots = Slots(settings.articles_at_once, settings.catalogue_at_once)
        self._worker = Worker(store.database, self._queue, self._performed, owner, slots)
        courier = Courier(store.database, Outbound(timeout_s=ANSWER_S).post)
        self._feeder = Feeder(store.database, store.objects)
        self._working = asyncio.create_task(self._worker.run())
        self._keeping = asyncio.create_task(upkeep(store.database))
        self._beside = (
            asyncio.create_task(courier.run()),
            asyncio.create_task(self._feeder.run(self._worker.wake)),
            asyncio.create_task(gauges(self._queue, home_of(settings))),
        )

    async def ended(self, tenant: str, job: str) -> Job | None:
        """A job as it ended, for a client that waits; None when this replica stops first."""
        return await self._worker.ended(tenant, job)

    async def wake(self) -> None:
        """There is something in the queue."""
        self._worker.wake()

    async def cancel(self, job: str) -> None:
        await self._worker.cancel(job)

    async def about(self) -> dict[str, dict[str, Any]]:
        """What the models' deployments run, role -> facts."""
        return await self._performer.fleet.about()

    async def silent(self) -> dict[str, str]:
        """role -> why it is not available."""
        return await self._performer.fleet.silent()

    async def recent(self) -> dict[Key, Tally]:
        """What this replica has counted in the last minute."""
        return self._recent.tallies()

    async def enlarge(self, picture: Picture) -> Picture | Refusal:
        """The picture with several times its pixels, or why there is none."""
        try:
            return await self._enlarge(picture)
        except StageError as error:
            return Refusal(error.code, str(error))

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """What `autoscaling.upstream` reads: jobs that wait anywhere, and of those in work here what they will ask."""
        waiting = {f"{lane}.waiting": float(jobs) for lane, jobs in (await self._queue.depth()).items()}
        slots = self._worker.slots
        return self._ahead.stats() | waiting | {"slots": float(slots.all), "catalogue_slots": float(slots.catalogue)}

    async def _performed(self, job: Job, tell: Tell) -> Ended:
        with self._ahead.trip(job.lane):
            return await perform(self._performer, job, tell)

    async def check_health(self) -> None:
        """Raises when the loop ended, so that Serve starts another replica."""
        if self._working.done() or self._keeping.done():
            raise RuntimeError("the conductor's loop has ended; the log names the cause")

    async def __del__(self) -> None:
        for task in self._beside:
            task.cancel()
        await asyncio.wait(self._beside)
        await self._feeder.leave()
        await self._worker.drain(DRAIN_S)
        self._working.cancel()
        self._keeping.cancel()
        await self._performer.keeper.settled()


deployment = serve.deployment(
    name="conductor",
    max_ongoing_requests=512,  # clients that wait for their job; the worker's slots bound the work
    graceful_shutdown_timeout_s=DRAIN_S + 60,
    health_check_period_s=5,
    health_check_timeout_s=30,
)(Conductor)

"""The ingress behind HTTP: accepts jobs, answers from the store, waits for the conductor. CPU only, stateless."""

import contextlib
import os
import time
from typing import Any

from fastapi import FastAPI
from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from deployments import replica
from models.domain import Picture, Refusal
from models.telemetry.metrics import DECISIONS, PUBLICATION_EVENTS
from models.telemetry.recent import Key, Tally, together
from serve_app import haproxy
from serve_app.api.app import create_app
from serve_app.api.service import Service
from serve_app.calls import heard
from serve_app.errors import StageLostError
from serve_app.jobs.job import Job
from serve_app.jobs.queue import Queue
from serve_app.one_machine import open_cluster_store
from serve_app.operations import Replicas
from serve_app.provenance.identity import identity
from serve_app.provenance.seal import Seal
from serve_app.provenance.verify import Verifier
from serve_app.settings import Environment, Settings, home_of
from serve_app.standing import Standing
from serve_app.webhooks.jobs import jobs_ended

WAITING = 256  # requests at once; most of them wait for a job or listen to one

AWAKE_S = 0.1  # a call costs milliseconds on both sides, and one serves all requests of the moment
LOST = (RayError, RayServeException)  # a conductor that died, is not there yet, or has lost its database


class ConductorCalls:
    """The conductor's handle as the service awaits it; a conductor that is lost has a successor on the queue."""

    def __init__(self, handle: DeploymentHandle[Any]) -> None:
        self._handle, self._woken = handle, -AWAKE_S
        self._standing = Standing()

    async def ended(self, tenant: str, job: str) -> Job | None:
        try:
            ended: Job | None = await heard(self._handle.ended.remote(tenant, job))
        except LOST:
            return None  # the job's row tells how it goes on, and whether the database is there to be asked
        return ended

    async def wake(self) -> None:
        if time.monotonic() - self._woken < AWAKE_S:
            return  # whoever is idle looks by itself, four times a second
        self._woken = time.monotonic()
        with contextlib.suppress(*LOST):
            self._handle.wake.remote()

    async def cancel(self, job: str) -> None:
        """All replicas hear it; one of them holds the job."""
        with contextlib.suppress(*LOST):  # the job's row says it too, and each replica reads it
            await self._handle.broadcast("cancel", job).results_async()

    async def about(self) -> dict[str, dict[str, Any]]:
        try:
            facts: dict[str, dict[str, Any]] = await self._handle.about.remote()
        except LOST:
            raise StageLostError("conductor", 1) from None
        return facts

    async def silent(self) -> dict[str, str]:
        try:
            silent: dict[str, str] = await self._handle.silent.remote()
        except LOST as error:
            return {"conductor": f"the conductor does not answer ({type(error).__name__})"}
        return silent

    async def enlarge(self, picture: Picture) -> Picture | Refusal:
        try:
            found: Picture | Refusal = await heard(self._handle.enlarge.remote(picture))
        except LOST:
            return Refusal("stage_lost", "the conductor does not answer")
        return found

    async def recent(self) -> dict[Key, Tally]:
        try:
            return together(await self._handle.broadcast("recent").results_async())
        except LOST:
            raise StageLostError("conductor", 1) from None

    async def replicas(self) -> dict[str, Replicas]:
        return await self._standing.replicas()


def decided(decision: str, verdict: str) -> None:
    """Counts a seller's decision: where they leave the verdict, its limits have drifted."""
    DECISIONS(decision=decision, verdict=verdict)


def happened(kind: str, count: int) -> None:
    """Counts what shoppers did with published pictures."""
    PUBLICATION_EVENTS(count, kind=kind)


class Ingress:
    """The FastAPI application over the store and the conductor."""

    def __init__(self, settings: Settings, conductor: DeploymentHandle[Any]) -> None:
        replica.begin("ingress")
        store = open_cluster_store(settings)
        queue = Queue(store.database, ended=jobs_ended)
        calls = ConductorCalls(conductor)
        self._service = Service(store, queue, calls, settings.most_waiting)
        self._enlarge = calls.enlarge if "upscaler" in settings.optional else None
        own = identity(Environment(), home_of(settings))
        self._verifier, self._seal = Verifier(own), Seal(own)

    def __serve_build_asgi_app__(self) -> FastAPI:
        proxied = os.environ.get(haproxy.ENABLED) == "1"
        return create_app(
            self._service,
            proxied=proxied,
            verifier=self._verifier,
            decided=decided,
            happened=happened,
            seal=self._seal,
            enlarge=self._enlarge,
        )


deployment = serve.deployment(
    name="ingress",
    max_ongoing_requests=2 * WAITING,  # half of them may be reads, which nothing waits for
    max_queued_requests=WAITING,  # per proxy; beyond it the client hears at once that it is too much
    backpressure_config={"status_code": 429, "retry_after_s": 5},
    graceful_shutdown_timeout_s=360,  # above stage_timeout_s: a client that waits gets its answer
    health_check_period_s=5,
    health_check_timeout_s=30,
)(serve.ingress()(Ingress))

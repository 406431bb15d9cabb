"""Clients that wait at one worker for jobs, whoever ends them."""

import asyncio
from typing import Any

import pytest

from serve_app.conductor.worker import Slots, Worker
from serve_app.jobs.database import Database
from serve_app.jobs.job import Ended, Ending, Job, Order
from serve_app.jobs.queue import Queue


class Counting(Queue):
    """Counts what is asked about jobs."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.reads = self.looks = 0

    async def job(self, tenant: str, job: str) -> Job | None:
        self.reads += 1
        return await super().job(tenant, job)

    async def unfinished(self, ids: Any) -> set[str]:
        self.looks += 1
        return await super().unfinished(ids)


async def nothing(_: Job, __: Any) -> Ended:
    raise AssertionError("this worker has no places")


@pytest.fixture
async def queue(database: Database) -> Counting:
    return Counting(database)


@pytest.fixture
async def bystander(database: Database, queue: Counting, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A worker at which clients wait, while another one works."""
    monkeypatch.setattr("serve_app.conductor.worker.LOOK_S", 0.1)
    worker = Worker(database, queue, nothing, "bystander", Slots(0, 0))
    running = asyncio.create_task(worker.run())
    yield worker
    running.cancel()
    await asyncio.wait({running})


async def test_an_end_by_another_worker_is_heard_by_who_waits_here(queue: Counting, bystander: Worker) -> None:
    ids = await queue.submit([Order("a", "article", {}) for _ in range(20)])
    clients = [asyncio.create_task(bystander.ended("a", job)) for job in ids]
    claimed = await queue.claim("other", 20, {"interactive": 20})
    await queue.finish("other", [Ending(job, Ended("succeeded", {})) for job in claimed])
    found = await asyncio.wait_for(asyncio.gather(*clients), 10)
    assert [job.state for job in found if job is not None] == ["succeeded"] * 20


async def test_twenty_clients_that_wait_cost_one_look_at_a_time(queue: Counting, bystander: Worker) -> None:
    ids = await queue.submit([Order("a", "article", {}) for _ in range(20)])
    clients = [asyncio.create_task(bystander.ended("a", job)) for job in ids]
    while queue.looks < 3:
        await asyncio.sleep(0.05)
    assert queue.reads == 0, f"{queue.reads} jobs were read while nothing had ended"
    for client in clients:
        client.cancel()
    await asyncio.wait(clients)


async def test_a_worker_that_stops_tells_its_clients(queue: Counting, bystander: Worker) -> None:
    (job,) = await queue.submit([Order("a", "article", {})])
    client = asyncio.create_task(bystander.ended("a", job))
    await asyncio.sleep(0)
    await bystander.drain(1.0)
    assert await asyncio.wait_for(client, 10) is None

"""The conductor's worker when things go wrong around it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from serve_app.conductor.events import Telling
from serve_app.conductor.grouped import Grouped
from serve_app.conductor.worker import Slots, Worker
from serve_app.jobs.database import Database
from serve_app.jobs.job import Ended, Ending, Job, Order
from serve_app.jobs.queue import Queue

DONE = Ended("succeeded", {"records": []})


@pytest.fixture
async def queue(database: Database) -> Queue:
    return Queue(database)


@contextlib.asynccontextmanager
async def working(database: Database, queue: Queue, perform: Any) -> AsyncIterator[Worker]:
    worker = Worker(database, queue, perform, "w", Slots(8, 8))
    running = asyncio.create_task(worker.run())
    yield worker
    await worker.drain(5.0)
    running.cancel()
    await asyncio.wait({running})


async def over(queue: Queue, job: str) -> Job:
    for _ in range(200):
        found = await queue.job("a", job)
        if found is not None and found.over:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"the job does not end: {found}")


class Flaky(Queue):
    """Refuses what `refused` says, so often."""

    def __init__(self, database: Database, refusals: int) -> None:
        super().__init__(database)
        self.refusals = refusals

    async def finish(self, owner: str, endings: Sequence[Ending]) -> frozenset[str]:
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError("the database is away")
        return await super().finish(owner, endings)


async def test_an_end_that_cannot_be_committed_is_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serve_app.conductor.worker.END_PAUSE_S", 0.05)
    queue, performed = Flaky(database, 3), []

    async def perform(job: Job, tell: Any) -> Ended:
        tell("stage", {"stage": "render"})
        performed.append(job.id)
        return DONE

    async with working(database, queue, perform):
        (job,) = await queue.submit([Order("a", "article", {})])
        found = await over(queue, job)
    assert (found.state, found.attempts, performed) == ("succeeded", 1, [job])
    assert [event.kind for event in await queue.events("a", job)] == ["running", "stage", "succeeded"]


async def test_a_worker_that_stops_cancels_nobodys_job(database: Database, queue: Queue) -> None:
    begun = asyncio.Event()

    async def perform(job: Job, _: Any) -> Ended:
        begun.set()
        await asyncio.sleep(60)
        return DONE

    worker = Worker(database, queue, perform, "w", Slots(8, 8))
    running = asyncio.create_task(worker.run())
    (job,) = await queue.submit([Order("a", "article", {})])
    await begun.wait()
    await worker.drain(0.1)
    running.cancel()
    await asyncio.wait({running})
    found = await queue.job("a", job)
    assert found is not None
    assert (found.state, found.attempts) == ("queued", 0)


async def test_what_is_said_while_something_is_written_is_written_too(database: Database, queue: Queue) -> None:
    (job,) = await queue.submit([Order("a", "article", {})])
    telling = Telling(database, every_s=0.02)
    for number in range(30):
        telling.say("a", job, "stage", {"number": number})
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    assert len(await queue.events("a", job)) == 30


async def test_what_is_added_is_settled_however_much_comes_after_it() -> None:
    async def commit(items: Sequence[int]) -> Sequence[int]:
        await asyncio.sleep(0.02)
        return items

    grouped = Grouped(commit)

    async def more() -> None:
        while True:
            grouped.add(1)
            await asyncio.sleep(0.005)

    adding = asyncio.create_task(more())
    await asyncio.sleep(0.05)
    async with asyncio.timeout(1.0):
        await grouped.settled()
    adding.cancel()


async def test_one_that_cannot_be_committed_takes_no_neighbour_along() -> None:
    async def commit(items: Sequence[int]) -> Sequence[int]:
        await asyncio.sleep(0.01)
        if 3 in items:
            raise ValueError("three")
        return [item * 10 for item in items]

    grouped = Grouped(commit)
    answers = await asyncio.gather(*(grouped.add(item) for item in range(5)), return_exceptions=True)
    assert [answer for answer in answers if not isinstance(answer, ValueError)] == [0, 10, 20, 40]
    assert isinstance(answers[3], ValueError)

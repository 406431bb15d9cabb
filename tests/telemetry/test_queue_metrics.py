"""What the queue and the courier count: ends, returns, dead letters, lost leases, tries."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from telemetry_written import written

from models.errors import VitrineError
from models.telemetry.metrics import DEAD_LETTERS, JOBS_ENDED, JOBS_RETRIED, LEASES_LOST, WEBHOOKS
from serve_app.jobs.database import Database
from serve_app.jobs.job import Order
from serve_app.jobs.queue import MOST_ATTEMPTS, Queue
from serve_app.webhooks.deliveries import Claimed, Courier

FAULT = {"code": "stage_lost", "message": "the renderer was lost"}
ENDED = {"kind": "article", "lane": "interactive"}


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database.open(url)
    yield opened
    await opened.close()


async def claimed_again(queue: Queue) -> None:
    """Claims the one job as soon as its pause is over, and gives it back with a fault."""
    while not (found := await queue.claim("worker", 1)):
        await asyncio.sleep(0.01)
    await queue.give_back(found[0], "worker", FAULT)


async def test_a_job_that_comes_back_is_counted_each_time_and_once_as_dead(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serve_app.jobs.queue.RETRY_S", 0.0)
    queue = Queue(database)
    await queue.submit([Order("shop", "article", {})])
    with written() as told:
        for _ in range(MOST_ATTEMPTS):
            await claimed_again(queue)
    assert told.of(JOBS_RETRIED) == [(1.0, {"code": "stage_lost"})] * (MOST_ATTEMPTS - 1)
    assert told.of(DEAD_LETTERS) == [(1.0, {"code": "stage_lost"})]
    assert told.of(JOBS_ENDED) == [(1.0, ENDED | {"state": "failed"})]


async def test_a_lease_that_runs_out_is_counted_and_its_job_is_not_over(database: Database) -> None:
    queue = Queue(database, lease_s=0.0)
    await queue.submit([Order("shop", "article", {})])
    with written() as told:
        assert len(await queue.claim("worker", 1)) == 1
        await asyncio.sleep(0.02)
        await queue.sweep()
    assert len(told.of(LEASES_LOST)) == 1
    assert told.of(JOBS_ENDED) == told.of(DEAD_LETTERS) == []


async def test_what_is_canceled_while_it_waits_is_counted_once(database: Database) -> None:
    queue = Queue(database)
    (job,) = await queue.submit([Order("shop", "article", {}, lane="catalogue")])
    with written() as told:
        await queue.cancel("shop", job)
        await queue.cancel("shop", job)
    assert told.of(JOBS_ENDED) == [(1.0, {"kind": "article", "lane": "catalogue", "state": "canceled"})]


@pytest.mark.parametrize(
    ("status", "outcome"), [(204, "delivered"), (503, "retried"), (410, "failed"), (None, "retried")]
)
async def test_every_try_of_a_webhook_is_counted_with_what_became_of_it(
    database: Database, status: int | None, outcome: str
) -> None:
    async def post(*_: object) -> tuple[int, str]:
        if status is None:
            raise VitrineError("nobody is there")
        return status, ""

    delivery = Claimed("msg_1", "shop", "we_1", "https://shop.example", [], {}, 0, 0.0)
    with written() as told:
        await Courier(database, post).deliver(delivery)
    assert told.of(WEBHOOKS) == [(1.0, {"outcome": outcome})]

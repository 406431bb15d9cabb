"""The queue on both databases: nothing is lost, nothing is done twice, nobody waits for another tenant's heap."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import select, text, update

from serve_app.jobs import queue as queues
from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.enqueue import QueueFullError
from serve_app.jobs.events import Said, tell
from serve_app.jobs.job import Ended, Ending, Job, Order
from serve_app.jobs.queue import Queue
from serve_app.jobs.schema import events, jobs, metadata, tenants


def order(tenant: str = "a", **changes: object) -> Order:
    return Order(tenant, "article", {"name": "Hemd"}, **changes)  # type: ignore[arg-type]


async def state(queue: Queue, job: str, tenant: str = "a") -> str:
    found = await queue.job(tenant, job)
    assert found is not None
    return found.state


async def test_the_migrations_make_the_tables_that_the_code_names(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    async with database.reading(EVERYONE) as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts={"compare_type": True}), metadata)
        )
    assert not differences


async def test_a_job_goes_from_submission_to_its_result(database: Database) -> None:
    queue = Queue(database)
    (job,) = await queue.submit([order()])
    assert await state(queue, job) == "queued"
    (claimed,) = await queue.claim("w", 5)
    assert (claimed.id, claimed.attempts, claimed.input) == (job, 1, {"name": "Hemd"})
    assert await queue.claim("w", 5) == []
    assert await queue.finish("w", [Ending(claimed, Ended("succeeded", {"n": 1}))])
    found = await queue.job("a", job)
    assert found is not None
    assert (found.state, found.result, found.over) == ("succeeded", {"n": 1}, True)
    assert found.created <= (found.started or 0) <= (found.finished or 0)


async def test_eight_workers_take_every_job_once(database: Database) -> None:
    queue = Queue(database)
    ids = await queue.submit([order()] * 120)

    async def work(owner: str) -> list[str]:
        done = []
        while claimed := await queue.claim(owner, 3):
            for job in claimed:
                assert await queue.finish(owner, [Ending(job, Ended("succeeded"))])
                done.append(job.id)
        return done

    done = await asyncio.gather(*(work(f"w{number}") for number in range(8)))
    assert Counter(job for each in done for job in each) == Counter(ids)


async def test_interactive_jobs_come_first(database: Database) -> None:
    queue = Queue(database)
    await queue.submit([order(lane="catalogue")] * 2)
    (urgent,) = await queue.submit([order(lane="interactive")])
    assert [job.id for job in await queue.claim("w", 1)] == [urgent]


async def test_a_heap_of_one_tenant_and_single_requests_of_another_alternate(database: Database) -> None:
    queue = Queue(database)
    await queue.submit([order("heap")] * 200)
    done = await queue.claim("w", 20)
    for job in done:
        await queue.finish("w", [Ending(job, Ended("succeeded"))])
    await queue.submit([order("single")])
    await queue.submit([order("single")])
    served = [job.tenant for job in await queue.claim("w", 6)]
    assert served.count("single") == 2
    assert served[:3].count("single") >= 1


async def test_a_heavier_tenant_gets_its_share(database: Database) -> None:
    queue = Queue(database)
    async with database.writing(EVERYONE) as connection:
        await connection.execute(tenants.insert().values(id="big", weight=3, created=0.0))
    await queue.submit([order("small")] * 40)
    await queue.submit([order("big")] * 40)
    served = Counter(job.tenant for job in await queue.claim("w", 40))
    assert 28 <= served["big"] <= 32


async def test_a_tenant_has_a_limit(database: Database) -> None:
    queue = Queue(database)
    async with database.writing(EVERYONE) as connection:
        await connection.execute(tenants.insert().values(id="a", most_queued=3, created=0.0))
    await queue.submit([order()] * 3)
    with pytest.raises(QueueFullError, match="3 jobs"):
        await queue.submit([order()])


async def test_a_lease_that_ran_out_gives_the_job_to_another(database: Database) -> None:
    queue = Queue(database, lease_s=0.2)
    (job,) = await queue.submit([order()])
    (lost,) = await queue.claim("dead", 1)
    await asyncio.sleep(0.3)
    assert await queue.sweep() == 1
    (again,) = await queue.claim("alive", 1)
    assert (again.id, again.attempts) == (job, 2)
    assert not await queue.finish("dead", [Ending(lost, Ended("succeeded", {"by": "dead"}))])
    assert (await queue.renew("dead", [job])).kept == frozenset()
    assert (await queue.renew("alive", [job])).kept == {job}
    assert await queue.finish("alive", [Ending(again, Ended("succeeded", {"by": "alive"}))])
    found = await queue.job("a", job)
    assert found is not None
    assert found.result == {"by": "alive"}


async def test_a_renewed_lease_does_not_run_out(database: Database) -> None:
    queue = Queue(database, lease_s=0.4)
    await queue.submit([order()])
    (job,) = await queue.claim("w", 1)
    for _ in range(3):
        await asyncio.sleep(0.2)
        await queue.renew("w", [job.id])
        assert await queue.sweep() == 0


async def test_what_kills_its_workers_is_dead_after_five(database: Database) -> None:
    queue = Queue(database, lease_s=0.01)
    (job,) = await queue.submit([order()])
    for _ in range(queues.MOST_ATTEMPTS):
        assert len(await queue.claim("w", 1)) == 1
        await asyncio.sleep(0.05)
        await queue.sweep()
    found = await queue.job("a", job)
    assert found is not None
    assert (found.state, (found.error or {})["code"]) == ("failed", "worker_lost")
    assert await queue.claim("w", 1) == []


async def test_a_failed_attempt_waits_longer_each_time_and_a_drain_does_not(database: Database) -> None:
    queue = Queue(database)
    (job,) = await queue.submit([order()])
    (first,) = await queue.claim("w", 1)
    await queue.give_back(first, "w")
    (second,) = await queue.claim("w", 1)
    assert second.attempts == 1
    await queue.give_back(second, "w", {"code": "stage_lost", "message": "gone"})
    assert await queue.claim("w", 1) == []
    async with database.writing(EVERYONE) as connection:
        waits = (await connection.execute(select(jobs.c.not_before))).scalar_one()
        await connection.execute(update(jobs).values(not_before=0.0, attempts=queues.MOST_ATTEMPTS))
    assert waits > first.created
    async with database.writing(EVERYONE) as connection:
        await connection.execute(update(jobs).values(attempts=queues.MOST_ATTEMPTS - 1))
    (last,) = await queue.claim("w", 1)
    await queue.give_back(last, "w", {"code": "stage_lost", "message": "gone"})
    assert await state(queue, job) == "failed"


async def test_cancelling(database: Database) -> None:
    queue = Queue(database)
    running, waiting = await queue.submit([order(), order()])
    (claimed,) = await queue.claim("w", 1)
    assert claimed.id == running
    stopped = await queue.cancel("a", waiting)
    assert stopped is not None
    assert stopped.state == "canceled"
    asked = await queue.cancel("a", running)
    assert asked is not None
    assert asked.state == "running"
    assert (await queue.renew("w", [running])).canceled == {running}
    assert await queue.finish("w", [Ending(claimed, Ended("canceled"))])
    over = await queue.cancel("a", running)
    assert over is not None
    assert over.state == "canceled"
    assert await queue.cancel("b", running) is None


async def test_a_deadline_that_passes_in_the_queue_cancels(database: Database) -> None:
    queue = Queue(database)
    late, patient = await queue.submit([order(deadline=0.05), order(deadline=60.0)])
    await asyncio.sleep(0.1)
    await queue.sweep()
    assert (await state(queue, late), await state(queue, patient)) == ("canceled", "queued")


async def test_a_job_belongs_to_its_tenant(database: Database) -> None:
    queue = Queue(database)
    (mine,) = await queue.submit([order("a")])
    await queue.submit([order("b")])
    assert await queue.job("b", mine) is None
    assert [job.id for job in await queue.jobs("a", 10)] == [mine]


async def test_postgres_hides_other_tenants_rows_even_from_a_query_that_forgot(database: Database) -> None:
    if not database.on_postgres:
        pytest.skip("SQLite has no row security")
    queue = Queue(database)
    await queue.submit([order("a")])
    for tenant, rows in (("a", 1), ("b", 0), (EVERYONE, 1)):
        async with database.reading(tenant) as connection:
            found = (await connection.execute(text("SELECT count(*) FROM jobs"))).scalar_one()
        assert found == rows


async def test_lists_page_from_the_newest_on(database: Database) -> None:
    queue = Queue(database)
    ids = [(await queue.submit([order()]))[0] for _ in range(5)]
    first = await queue.jobs("a", 2)
    rest = await queue.jobs("a", 10, before=first[-1].id)
    assert [job.id for job in first + rest] == ids[::-1]


async def test_place_in_the_queue_and_depth(database: Database) -> None:
    queue = Queue(database)
    ids = await queue.submit([order(lane="catalogue")] * 3)
    last = await queue.job("a", ids[-1])
    assert isinstance(last, Job)
    assert await queue.ahead(last) == 2
    assert await queue.depth() == {"interactive": 0, "catalogue": 3}


async def test_every_end_is_told(database: Database) -> None:
    queue = Queue(database)
    await queue.submit([order()])
    (job,) = await queue.claim("w", 1)
    await queue.finish("w", [Ending(job, Ended("succeeded"))])
    async with database.reading("a") as connection:
        told = (await connection.execute(select(events.c.number, events.c.kind))).all()
    assert [tuple(row) for row in told] == [(1, "succeeded")]


async def test_a_tenant_that_comes_late_does_not_stand_before_everybody(database: Database) -> None:
    queue = Queue(database)
    await queue.submit([Order("old", "article", {}) for _ in range(50)])
    for job in await queue.claim("w", 40):
        await queue.finish("w", [Ending(job, Ended("succeeded"))])
    await queue.submit([Order("new", "article", {}) for _ in range(40)])
    served = Counter(job.tenant for job in await queue.claim("w", 10))
    assert served == {"old": 5, "new": 5}


async def test_two_that_tell_of_one_job_at_once_both_are_heard(database: Database) -> None:
    queue = Queue(database)
    (job,) = await queue.submit([Order("a", "article", {})])

    async def say(kind: str) -> None:
        async with database.writing(EVERYONE) as connection:
            await tell(connection, [Said("a", job, kind, {})])
            await asyncio.sleep(0.02)

    await asyncio.gather(*(say(f"kind{number}") for number in range(8)))
    assert [event.number for event in await queue.events("a", job)] == list(range(1, 9))


async def test_a_job_that_comes_back_canceled_is_over(database: Database) -> None:
    queue = Queue(database)
    (job,) = await queue.submit([Order("a", "article", {})])
    (claimed,) = await queue.claim("w", 1)
    await queue.cancel("a", job)
    await queue.give_back(claimed, "w")
    found = await queue.job("a", job)
    assert found is not None
    assert (found.state, found.finished is not None) == ("canceled", True)

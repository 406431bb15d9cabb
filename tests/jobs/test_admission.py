"""Room in the interactive lane, of all tenants together."""

import pytest

from serve_app.jobs.admission import Admission, OverloadedError
from serve_app.jobs.database import Database
from serve_app.jobs.job import Lane, Order
from serve_app.jobs.queue import Queue


async def entered(admission: Admission, lane: Lane = "interactive") -> None:
    async with admission.entering(lane):
        pass


async def test_requests_that_wait_to_be_written_count(database: Database) -> None:
    admission = Admission(Queue(database), most=3)
    async with admission.entering("interactive"), admission.entering("interactive"), admission.entering("interactive"):
        with pytest.raises(OverloadedError):
            await entered(admission)


async def test_a_full_lane_refuses_at_once_and_a_catalogue_never(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serve_app.jobs.admission.FRESH_S", 3600.0)
    queue = Queue(database)
    await queue.submit([Order("a", "article", {}) for _ in range(2)])
    await queue.submit([Order("b", "article", {}, lane="catalogue") for _ in range(9)])
    admission = Admission(queue, most=4)
    for _ in range(2):
        await entered(admission)
    with pytest.raises(OverloadedError) as full:
        await entered(admission)
    assert 1 <= full.value.retry_after_s <= 60
    await entered(admission, "catalogue")


async def test_there_is_room_again_when_jobs_were_taken(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_app.jobs.admission.FRESH_S", 0.0)
    queue = Queue(database)
    await queue.submit([Order("a", "article", {}) for _ in range(4)])
    admission = Admission(queue, most=4)
    with pytest.raises(OverloadedError):
        await entered(admission)
    await queue.claim("w", 1)
    await entered(admission)

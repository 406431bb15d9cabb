"""The conductors' upkeep: what is over is forgotten, and a machine that was replaced hears of it."""

import asyncio
import contextlib
import errno
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from serve_app.access.idempotency import made_once
from serve_app.conductor import upkeep as keeping
from serve_app.jobs.database import EVERYONE, FILE, Database, StoreError, sqlite_url
from serve_app.jobs.events import Said, tell
from serve_app.jobs.schema import events, idempotency


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "HELD_S", 0.03)


async def kept(database: Database) -> int:
    async with database.reading(EVERYONE) as connection:
        return int((await connection.execute(select(func.count()).select_from(idempotency))).scalar_one())


async def test_old_keys_are_forgotten_while_it_runs(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "PURGE_S", 0.05)

    async def make() -> str:
        return "job_1"

    async with database.writing("a") as connection:
        for key in ("old", "new"):
            await made_once(connection, "a", (key, "0" * 64), make)
    work = asyncio.create_task(keeping.upkeep(database))
    await asyncio.sleep(0.2)
    assert await kept(database) == 2
    async with database.writing(EVERYONE) as connection:
        old = update(idempotency).where(idempotency.c.key == "old")
        await connection.execute(old.values(created=idempotency.c.created - 26 * 3600))
    async with asyncio.timeout(10):
        while await kept(database) == 2:
            await asyncio.sleep(0.02)
    assert (await kept(database), work.done()) == (1, False)
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def test_old_previews_are_forgotten_but_for_a_jobs_last_event(database: Database) -> None:
    told = [("a", "preview"), ("a", "step"), ("a", "preview"), ("a", "succeeded"), ("b", "stage"), ("b", "preview")]
    async with database.writing(EVERYONE) as connection:
        for job in ("a", "b"):
            await tell(connection, [Said("shop", job, kind, {}) for each, kind in told if each == job])
        newer = (events.c.job == "a") & (events.c.number == 3)
        await connection.execute(update(events).where(~newer).values(at=events.c.at - 3700))
    assert await keeping.purge_previews(database) == 1
    async with database.reading(EVERYONE) as connection:
        kept = await connection.execute(select(events.c.job, events.c.number).order_by(events.c.job, events.c.number))
        assert [tuple(row) for row in kept] == [("a", 2), ("a", 3), ("a", 4), ("b", 1), ("b", 2)]


async def test_a_full_disk_does_not_end_the_upkeep(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries = 0

    def full(_: str) -> None:
        nonlocal tries
        tries += 1
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keeping, "hold", full)
    work = asyncio.create_task(keeping.upkeep(database))
    async with asyncio.timeout(10):
        while tries < 3 and not work.done():
            await asyncio.sleep(0.02)
    assert (tries >= 3, work.done()) == (True, False)
    assert "could not be renewed" in caplog.text
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def test_a_machine_that_was_replaced_while_it_slept_stops(tmp_path: Path) -> None:
    database = Database.open(sqlite_url(tmp_path))
    note = tmp_path / f"{FILE}.machine"
    work = asyncio.create_task(keeping.upkeep(database))
    await asyncio.sleep(0.2)
    assert not work.done()
    async with asyncio.timeout(10):
        while not work.done():  # a renewal under way may write over the other machine's note, which notes again
            note.write_text('{"name": "node-b", "id": "b", "boot": "boot-b"}')
            await asyncio.sleep(0.005)
    with pytest.raises(StoreError, match="'node-b'"):
        await work
    await database.close()

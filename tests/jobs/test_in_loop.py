"""SQLite on the event loop's thread."""

import asyncio
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from serve_app.jobs.database import Database, sqlite_url
from serve_app.jobs.in_loop import DISK
from serve_app.jobs.schema import tenants


async def kept(database: Database) -> set[str]:
    async with database.reading("*") as connection:
        return set((await connection.execute(select(tenants.c.id))).scalars())


async def put(database: Database, *ids: str) -> None:
    async with database.writing("*") as connection:
        for tenant in ids:
            await connection.execute(tenants.insert().values(id=tenant, created=0.0))


async def test_only_a_commit_that_wrote_leaves_the_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database, submitted = Database.open(sqlite_url(tmp_path)), []
    submit = DISK.submit
    monkeypatch.setattr(DISK, "submit", lambda act: submitted.append(act) or submit(act))
    before = threading.active_count()
    assert await kept(database) == set()
    assert (len(submitted), threading.active_count()) == (0, before)
    await put(database, "a")
    assert len(submitted) == 1
    await database.close()


async def test_who_is_cancelled_while_it_commits_leaves_the_connection_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, submit = Database.open(sqlite_url(tmp_path)), DISK.submit
    await put(database, "a")

    def slowly(commit: object) -> object:
        assert callable(commit)
        return submit(lambda: (time.sleep(0.2), commit()))

    monkeypatch.setattr(DISK, "submit", slowly)
    writer = asyncio.create_task(put(database, "b"))
    await asyncio.sleep(0.1)
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    await put(database, "c")
    assert await kept(database) >= {"a", "c"}
    await database.close()


async def test_what_is_not_committed_is_seen_by_nobody_else(tmp_path: Path) -> None:
    database = Database.open(sqlite_url(tmp_path))
    async with database.writing("*") as connection:
        await connection.execute(tenants.insert().values(id="a", created=0.0))
        assert await kept(database) == set()
    assert await kept(database) == {"a"}
    with pytest.raises(IntegrityError):
        await put(database, "b", "a")
    assert await kept(database) == {"a"}
    await database.close()

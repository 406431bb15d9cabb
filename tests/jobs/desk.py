"""Feeds that are kept, and batches of them that a test feeds and works off."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from serve_app.batches.batches import Batch, Batches, NewBatch
from serve_app.batches.feeder import Feeder
from serve_app.batches.source import Source, inspect, keep
from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.ids import new_id
from serve_app.jobs.job import Ended, Ending
from serve_app.jobs.objects import Objects
from serve_app.jobs.queue import Queue
from serve_app.jobs.schema import jobs
from serve_app.sheets import Columns

HEADER = "name,description,model_name,model_descr\n"


async def kept(objects: Objects, tmp_path: Path, name: str, content: bytes, owner: str = "batch_x") -> Source:
    path = tmp_path / "upload"
    path.write_bytes(content)
    return inspect(path, name, Columns()).kept(await keep(objects, "a", owner, path))


class Desk:
    """A batch of tenant `a` from the names of its rows."""

    def __init__(self, database: Database, objects: Objects, folder: Path) -> None:
        self.database, self.objects, self._folder = database, objects, folder
        self.batches, self.queue = Batches(database), Queue(database)

    async def batch(self, names: list[str]) -> str:
        batch = new_id("batch")
        text = HEADER + "".join(f"{name},Hemd,,rot\n" for name in names)
        source = await kept(self.objects, self._folder, "feed.csv", text.encode(), batch)
        return (await self.batches.create(NewBatch(batch, "a", source))).id

    async def now(self, batch: str) -> Batch:
        found = await self.batches.get("a", batch)
        assert found is not None
        return found

    def feeder(self, **changes: Any) -> Feeder:
        return Feeder(self.database, self.objects, **changes)

    async def work(self, most: int = 1000, state: str = "succeeded") -> int:
        claimed = await self.queue.claim("w", most)
        for job in claimed:
            assert await self.queue.finish("w", [Ending(job, Ended(state))])
        return len(claimed)

    async def finish(self, feeder: Feeder, batch: str) -> Batch:
        for _ in range(500):
            fed = await feeder.feed_some()
            if not await self.work() and not fed and (await self.now(batch)).finished:
                return await self.now(batch)
        raise AssertionError(f"the batch does not end: {await self.now(batch)}")

    async def orders(self, batch: str) -> list[tuple[int, str]]:
        """Row and name of every job of the batch."""
        wanted = select(jobs.c.row, jobs.c.input).where(jobs.c.batch == batch).order_by(jobs.c.row)
        async with self.database.reading(EVERYONE) as connection:
            return [(row.row, row.input["name"]) for row in await connection.execute(wanted)]

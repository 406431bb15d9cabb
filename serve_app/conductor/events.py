"""What jobs tell while they run: collected in memory, written together, so that a busy moment costs one commit."""

import asyncio
from typing import Any

from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.queue import tell

EVERY_S = 0.2


class Telling:
    """`say` never waits; `written` gives back when everything said before it can be read."""

    def __init__(self, database: Database, every_s: float = EVERY_S) -> None:
        self._database, self._every_s = database, every_s
        self._said: list[tuple[str, str, str, dict[str, Any]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._one = asyncio.Lock()

    def say(self, tenant: str, job: str, kind: str, data: dict[str, Any]) -> None:
        self._said.append((tenant, job, kind, data))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._later())

    async def written(self) -> None:
        # What another call is writing was said before, and must stand before what comes next.
        async with self._one:
            said, self._said = self._said, []
            if not said:
                return
            async with self._database.writing(EVERYONE) as connection:
                for tenant, job, kind, data in said:
                    await tell(connection, tenant, job, kind, data)

    async def _later(self) -> None:
        await asyncio.sleep(self._every_s)
        await self.written()

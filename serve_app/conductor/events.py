"""What jobs tell while they run: collected in memory, written together, so that a busy moment costs one commit."""

import asyncio
from typing import Any

from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.events import Said, tell

EVERY_S = 0.2


class Telling:
    """`say` never waits; `written` gives back when everything said before it can be read."""

    def __init__(self, database: Database, every_s: float = EVERY_S) -> None:
        self._database, self._every_s = database, every_s
        self._said: list[Said] = []
        self._writer: asyncio.Task[None] | None = None
        self.lock = asyncio.Lock()  # held while events are being written

    def say(self, tenant: str, job: str, kind: str, data: dict[str, Any]) -> None:
        self._said.append(Said(tenant, job, kind, data))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._later())

    def pending(self, job: str) -> list[tuple[str, dict[str, Any]]]:
        """Takes what a job has said and nobody has written yet; whoever takes it writes it."""
        mine = [(said.kind, said.data) for said in self._said if said.job == job]
        self._said = [said for said in self._said if said.job != job]
        return mine

    async def written(self) -> None:
        # What another call is writing was said before, and must stand before what comes next.
        async with self.lock:
            said, self._said = self._said, []
            if not said:
                return
            async with self._database.writing(EVERYONE) as connection:
                await tell(connection, said)

    async def _later(self) -> None:
        await asyncio.sleep(self._every_s)
        await self.written()

"""What jobs tell while they run: collected in memory, written together, so that a busy moment costs one commit."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.events import Said, tell

EVERY_S = 0.2

log = logging.getLogger(__name__)


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

    def pending(self, job: str) -> list[Said]:
        """Takes what a job has said and nobody has written yet; whoever takes it writes it."""
        mine = [said for said in self._said if said.job == job]
        self._said = [said for said in self._said if said.job != job]
        return mine

    def unwritten(self, said: Sequence[Said]) -> None:
        """Takes back what `pending` gave, when it could not be written."""
        self._said = [*said, *self._said]

    async def written(self) -> None:
        # What another call is writing was said before, and must stand before what comes next.
        async with self.lock:
            said, self._said = self._said, []
            if not said:
                return
            try:
                async with self._database.writing(EVERYONE) as connection:
                    await tell(connection, said)
            except Exception:
                self._said = said + self._said
                raise

    async def _later(self) -> None:
        while self._said:
            await asyncio.sleep(self._every_s)
            try:
                await self.written()
            except Exception:
                log.exception("what jobs tell could not be written; trying again")

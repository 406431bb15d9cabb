"""Whether there is room for one more job that somebody waits for: refused at once, before anything grows."""

import contextlib
import math
import time
from collections.abc import AsyncIterator

from models.errors import VitrineError
from serve_app.jobs.job import Lane
from serve_app.jobs.queue import Queue

FRESH_S = 0.25  # how old the known depth may be; what this process accepts in between is counted
LONGEST_S = 60


class OverloadedError(VitrineError):
    """The service has as much waiting as it can end in reasonable time; `retry_after_s` in whole seconds."""

    def __init__(self, waiting: int, retry_after_s: int) -> None:
        super().__init__(f"{waiting} jobs are waiting; there is room again in about {retry_after_s} s")
        self.retry_after_s = retry_after_s


class Admission:
    """`most`: interactive jobs that may wait at once, of all tenants. A catalogue may wait as long as it likes."""

    def __init__(self, queue: Queue, most: int) -> None:
        self._queue, self._most = queue, most
        self._entering = 0  # requests of this process that wait to be written
        self._waiting, self._pace, self._looked = 0, 0.0, -math.inf

    @contextlib.asynccontextmanager
    async def entering(self, lane: Lane) -> AsyncIterator[None]:
        """Around what puts one more job into the queue; raises OverloadedError when there is no room for it.

        Requests that wait to be written count as well: no answer may have to wait for a crowd of them.
        """
        await self.look(lane)
        if lane != "interactive":
            yield
            return
        self._entering += 1
        try:
            yield
            self._waiting += 1
        finally:
            self._entering -= 1

    async def look(self, lane: Lane) -> None:
        """Raises OverloadedError when there is no room for one more job."""
        if lane != "interactive":
            return
        if time.monotonic() - self._looked > FRESH_S:
            self._looked = time.monotonic()
            self._waiting = (await self._queue.depth())["interactive"]
            if self._waiting >= self._most:
                self._pace = await self._queue.pace()
        waiting = self._waiting + self._entering
        if waiting >= self._most:
            over = waiting - self._most // 2
            raise OverloadedError(waiting, min(LONGEST_S, math.ceil(over / self._pace) if self._pace else 5))

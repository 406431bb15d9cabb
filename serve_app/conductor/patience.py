"""Objects for work that is in hand: an outage of their store is waited for, and costs no attempt and no second drawing.

The job keeps its lease meanwhile, and its place, so that nothing more is begun than can be held. What can be made again
(`settled` False) is not waited for.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Self, TypeVar

from models.telemetry.metrics import STORE_FAILURES
from serve_app.jobs.objects import ObjectGoneError, ObjectKeyError, Objects, ObjectsError

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0  # doubled each time; whoever waits goes on so soon after an outage
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class PatientObjects(Objects):
    """`put` and `get` answer as soon as the store does; whoever asks may be cancelled."""

    @classmethod
    def over(cls, objects: Objects) -> Self:
        """The same objects."""
        return cls(objects._store, objects._folder)

    async def put(self, tenant: str, owner: str, content: bytes, ext: str, settled: bool = True) -> tuple[str, str]:
        if not settled:
            return await super().put(tenant, owner, content, ext, settled)
        return await _patiently(lambda: Objects.put(self, tenant, owner, content, ext))

    async def get(self, key: str) -> bytes | None:
        return await _patiently(lambda: Objects.get(self, key))


async def _patiently(call: Callable[[], Awaitable[Answer]]) -> Answer:
    pause = FIRST_PAUSE_S
    while True:
        try:
            return await call()
        except (ObjectGoneError, ObjectKeyError):
            raise
        except ObjectsError as error:
            log.warning("waiting for the object store: %s", error)
            STORE_FAILURES(store="object store")
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)

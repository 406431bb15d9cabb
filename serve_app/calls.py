"""One call of a deployment: Ray's ways of failing become ours, and a lost replica's work is repeated."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ray.exceptions import RayActorError, RayTaskError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError
from ray.serve.handle import DeploymentResponse

from serve_app.errors import StageBrokenError, StageBusyError, StageLostError, StageTimeoutError

Outcome = TypeVar("Outcome")
FIRST_PAUSE_S = 0.25  # doubled each time: four tries span the two seconds in which Serve replaces a replica

log = logging.getLogger(__name__)


class Line:
    """Calls of one role. Stages are idempotent, so a call that loses its replica is made again, up to `tries` times."""

    def __init__(self, role: str, tries: int, timeout_s: float) -> None:
        self.role, self._tries, self.timeout_s = role, tries, timeout_s
        self.answered_at = -math.inf  # time.monotonic() of the last answer

    async def ask(self, call: Callable[[], Awaitable[Outcome]], timeout_s: float | None = None) -> Outcome:
        """The answer of `call()`; raises a StageError when there is none."""
        limit = timeout_s or self.timeout_s
        for tried in range(self._tries):
            try:
                async with asyncio.timeout(limit):
                    answer = await heard(call())
            except RayActorError as lost:
                log.warning("%s lost its replica (%s), try %d", self.role, type(lost).__name__, tried + 1)
                await asyncio.sleep(FIRST_PAUSE_S * 2**tried)
            except BackPressureError as full:
                raise StageBusyError(self.role, math.ceil(full.retry_after_s or 1)) from None
            except DeploymentUnavailableError:
                raise StageLostError(self.role, tried + 1) from None
            except RayTaskError as broken:
                log.exception("%s raised", self.role)
                raise StageBrokenError(self.role) from broken
            except TimeoutError:
                raise StageTimeoutError(self.role, limit) from None
            else:
                self.answered_at = time.monotonic()
                return answer
        raise StageLostError(self.role, self._tries)


async def heard(answer: Awaitable[Outcome]) -> Outcome:
    """The answer of a handle; tells the replica when nobody waits any more, which Serve does not do by itself."""
    try:
        return await answer
    except asyncio.CancelledError:
        if isinstance(answer, DeploymentResponse):
            answer.cancel()
        raise

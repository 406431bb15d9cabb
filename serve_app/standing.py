"""Which replicas the application has, as Serve's controller says."""

import asyncio

from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException

from serve_app.operations import Replicas

ANSWER_S = 3.0  # the controller answers within milliseconds, and not at all while Ray's head is away


class Standing:
    """For a process that is a replica. One question holds a thread until it is answered, whoever asks meanwhile."""

    def __init__(self) -> None:
        self._question: asyncio.Task[dict[str, Replicas]] | None = None

    async def replicas(self) -> dict[str, Replicas]:
        """Role -> replicas; empty while Ray's head is away."""
        if self._question is None or self._question.done():
            self._question = asyncio.create_task(asyncio.to_thread(_replicas))
        try:
            async with asyncio.timeout(ANSWER_S):
                return await asyncio.shield(self._question)
        except (TimeoutError, RayError, RayServeException):
            return {}

    async def asleep(self) -> frozenset[str]:
        """Roles without a replica, running or starting: a call would start one."""
        return frozenset(role for role, found in (await self.replicas()).items() if not found.target)


def _replicas() -> dict[str, Replicas]:
    application = serve.status().applications[serve.get_replica_context().app_name]
    return {
        role: Replicas(running=found.replica_states.get("RUNNING", 0), target=sum(found.replica_states.values()))
        for role, found in application.deployments.items()
    }

"""Which replicas the application has, as Serve's controller says."""

import asyncio

from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException

from serve_app.operations import Replicas

ANSWER_S = 3.0  # the controller answers within milliseconds, and not at all while Ray's head is away
KEPT_S = 30.0  # what it said last holds for so long when it is late, as on a machine whose cores are all taken


class Standing:
    """For a process that is a replica. One question holds a thread until it is answered, whoever asks meanwhile; only
    who asks within its first seconds waits for them."""

    def __init__(self) -> None:
        self._question: asyncio.Task[dict[str, Replicas]] | None = None
        self._until = 0.0
        self._known: dict[str, Replicas] = {}
        self._known_until = 0.0

    async def replicas(self) -> dict[str, Replicas]:
        """Role -> replicas, as of half a minute ago at most; empty while Ray's head is away for longer."""
        now = asyncio.get_running_loop().time()
        if self._question is None or self._question.done():
            self._question = asyncio.create_task(self._asked())
            self._until = now + ANSWER_S
        try:
            async with asyncio.timeout_at(self._until):
                return await asyncio.shield(self._question)
        except (TimeoutError, RayError, RayServeException):
            return self._known if now < self._known_until else {}

    async def asleep(self) -> frozenset[str]:
        """Roles without a replica, running or starting: a call would start one."""
        return frozenset(role for role, found in (await self.replicas()).items() if not found.target)

    async def _asked(self) -> dict[str, Replicas]:
        self._known = await asyncio.to_thread(_replicas)
        self._known_until = asyncio.get_running_loop().time() + KEPT_S
        return self._known


def _replicas() -> dict[str, Replicas]:
    application = serve.status().applications[serve.get_replica_context().app_name]
    return {
        role: Replicas(running=found.replica_states.get("RUNNING", 0), target=sum(found.replica_states.values()))
        for role, found in application.deployments.items()
    }

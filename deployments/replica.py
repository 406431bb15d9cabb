"""What every replica does when it starts and when it ends, whatever its model."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from ray import serve
from ray.serve.exceptions import RayServeException

from deployments import ray_metrics
from models.telemetry import logs, traces

# Serve starts the next replica as soon as one has failed to load; its imports would take a core from those that work.
REST_S = 10.0
Loaded = TypeVar("Loaded")


def begin(role: str) -> None:
    """Lines, metrics and spans of this process go where the others' do; `role`: its name in traces.

    Does nothing for an object that is no replica.
    """
    try:
        serve.get_replica_context()
    except RayServeException:
        return
    logs.begin()
    ray_metrics.export()
    traces.begin(role)


async def loaded(load: Callable[[], Loaded]) -> Loaded:
    """What `load` gives, in a thread; what it raises, after a rest."""
    try:
        return await asyncio.to_thread(load)
    except Exception:
        await asyncio.sleep(REST_S)
        raise


def deployed(replica: type[Any], role: str, holds: int, longest_s: float) -> serve.Deployment:
    """The deployment of a role; `holds`: calls at once and in line, `longest_s`: of the longest of them."""
    return serve.deployment(
        name=role,
        max_ongoing_requests=holds,
        graceful_shutdown_timeout_s=2 * longest_s,  # a stopping replica finishes what runs and what is in line
        max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
        health_check_period_s=5,
        health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
    )(replica)

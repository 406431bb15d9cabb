"""What every replica does when it starts, so that its lines, metrics and spans come where the others' do."""

from ray import serve
from ray.serve.exceptions import RayServeException

from deployments import ray_metrics
from models.telemetry import logs, traces


def begin(role: str) -> None:
    """`role`: of the deployment, as traces name the process. Does nothing for an object that is no replica."""
    try:
        serve.get_replica_context()
    except RayServeException:
        return
    logs.begin()
    ray_metrics.export()
    traces.begin(role)

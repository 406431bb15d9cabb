"""Serve's side of the policy: what replicas told becomes replicas to have, for all deployments of the application.

Serve pickles this module by value into its controller, and applies bounds and delays of each `autoscaling_config` to
what is returned here.
"""

import math
from collections.abc import Mapping
from typing import Any

from ray.serve.autoscaling_policy import replica_queue_length_autoscaling_policy

from serve_app.autoscaling.policy import Bounds, Observed, needed
from serve_app.autoscaling.targets import Target
from serve_app.autoscaling.upstream import Jobs, Met, conducting, demands

Contexts = Mapping[Any, Any]  # DeploymentID -> AutoscalingContext


class ByWork:
    """Keyword arguments: role -> fields of its Target. A deployment that tells no costs goes by its requests."""

    def __init__(self, **targets: dict[str, float]) -> None:
        self._targets = {role: Target(**fields) for role, fields in targets.items()}

    def __call__(self, contexts: Contexts) -> tuple[dict[Any, int], dict[Any, dict[str, Any]]]:
        """The replicas that each deployment needs, and what is to be remembered of it."""
        told = {deployment.name: _told(context) for deployment, context in contexts.items()}
        jobs = Jobs(told.get("conductor", []))
        needs, known = {}, {}
        for deployment, context in contexts.items():
            cost_s = _mean(told[deployment.name], "cost_s") or context.policy_state.get("cost_s", 0.0)
            needs[deployment] = self._needs(deployment.name, context, told[deployment.name], jobs, cost_s)
            known[deployment] = {"cost_s": cost_s}  # a stage without replicas tells nothing
        return needs, known

    def _needs(self, role: str, context: Any, told: list[dict[str, float]], jobs: Jobs, cost_s: float) -> int:
        bounds = _bounds(context, self._targets.get(role, Target()))
        replicas = context.target_num_replicas
        if any("slots" in figures for figures in told):
            urgent, catalogue = conducting(jobs, _mean(told, "slots"), _mean(told, "catalogue_slots"))
            return needed(Observed(context.current_time or 0.0, replicas, urgent, catalogue), bounds)
        if not cost_s:
            by_requests: float = replica_queue_length_autoscaling_policy(context)[0]
            return math.ceil(by_requests)
        queued_s = _sum(told, "queued_s") + (context.total_queued_requests or 0.0) * cost_s
        urgent, catalogue = demands(role, Met(queued_s, _arriving(context) * cost_s, cost_s), jobs)
        in_flight_s = _sum(told, "in_flight_s")
        return needed(Observed(context.current_time or 0.0, replicas, urgent, catalogue, in_flight_s, cost_s), bounds)


def _bounds(context: Any, target: Target) -> Bounds:
    least, most = context.capacity_adjusted_min_replicas, context.capacity_adjusted_max_replicas
    return Bounds(least, most, **target.model_dump())


def _told(context: Any) -> list[dict[str, float]]:
    """What each replica told last."""
    figures: dict[Any, dict[str, float]] = {}
    for name, series in (context.raw_metrics or {}).items():
        for replica, points in series.items():
            if points:
                figures.setdefault(replica, {})[name] = points[-1].value
    return list(figures.values())


def _arriving(context: Any) -> float:
    """Calls that came per second, over the look-back of the deployment."""
    rate = 0.0
    for points in (context.raw_metrics or {}).get("came", {}).values():
        if points and (passed_s := points[-1].timestamp - points[0].timestamp) > 0:
            rate += (points[-1].value - points[0].value) / passed_s
    return rate


def _sum(told: list[dict[str, float]], name: str) -> float:
    return sum(figures.get(name, 0.0) for figures in told)


def _mean(told: list[dict[str, float]], name: str) -> float:
    known = [figures[name] for figures in told if figures.get(name)]
    return sum(known) / len(known) if known else 0.0

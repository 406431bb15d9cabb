"""Replicas over time by the service's own policy; nodes come with their replicas and go a while after them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from serve_app.autoscaling.policy import Memory, Observed, wanted
from serve_app.autoscaling.upstream import Jobs, Met, conducting, demands
from serve_app.capacity.clock import Passage
from serve_app.capacity.configuration import MODELS, Configuration
from serve_app.capacity.graph import Graph
from serve_app.jobs.job import LANES

LOOK_S = 1.0  # how often replicas tell and the policy decides
BACK_S = 10.0  # over which arrivals are counted
IDLE_S = 300.0  # after which a node without replicas is given back
SERVICE_S = 5.0  # until another ingress or conductor serves: imports, no weights


@dataclass
class Known:
    """Of a role: the policy's memory, and device-seconds that had come at each look."""

    memory: Memory = field(default_factory=Memory)
    arrived_s: list[float] = field(default_factory=list)


class Scaling:
    """One per simulation; `gpus`: those that are paid for."""

    def __init__(self, graph: Graph, configuration: Configuration) -> None:
        self._graph, self._configuration = graph, configuration
        self._known = {role: Known() for role in configuration.deployments}
        self._sizes = {role: one.bounds.min_replicas for role, one in configuration.deployments.items()}
        self.gpus = configuration.gpus(self._sizes)
        self._unneeded_s = 0.0

    @property
    def replicas(self) -> dict[str, int]:
        """Role -> replicas that serve."""
        running = {role: len(pool.replicas) for role, pool in self._graph.pools.items()}
        return self._sizes | running

    def watch(self) -> Passage:
        """For ever."""
        while True:
            yield LOOK_S
            jobs = Jobs([self._told()])
            targets = {role: self._target(role, jobs) for role in self._configuration.deployments}
            self._resize(targets)

    def _target(self, role: str, jobs: Jobs) -> int:
        bounds = self._configuration.deployments[role].bounds
        if bounds.min_replicas == bounds.max_replicas or role == "ingress":
            return bounds.min_replicas
        replicas, self._known[role].memory = wanted(self._observed(role, jobs), bounds, self._known[role].memory)
        return replicas

    def _observed(self, role: str, jobs: Jobs) -> Observed:
        now_s = self._graph.clock.now
        if role == "conductor":
            settings = self._configuration.settings
            urgent, catalogue = conducting(jobs, settings.articles_at_once, settings.catalogue_at_once)
            return Observed(now_s, self._sizes[role], urgent, catalogue)
        pool, known = self._graph.pools[role], self._known[role]
        known.arrived_s = [*known.arrived_s, pool.arrived_s][-int(BACK_S / LOOK_S) - 1 :]
        arriving = (known.arrived_s[-1] - known.arrived_s[0]) / max(LOOK_S, LOOK_S * (len(known.arrived_s) - 1))
        cost_s = pool.cost.full_s
        urgent, catalogue = demands(role, Met(pool.waiting * cost_s, arriving, cost_s), jobs)
        return Observed(now_s, pool.target, urgent, catalogue, pool.at_work * cost_s, cost_s)

    def _told(self) -> Mapping[str, float]:
        """What the conductors would tell, all of them together."""
        graph, figures = self._graph, dict[str, float]()
        for lane in LANES:
            over = [order for order in graph.orders[-200:] if order.lane == lane and order.ended_s is not None]
            figures[f"{lane}.waiting"] = float(graph.desk.waiting(lane))
            figures[f"{lane}.working"] = float(graph.desk.working(lane))
            taken_s = [order.ended_s - order.began_s for order in over if order.ended_s is not None and order.began_s]
            figures[f"{lane}.job_s"] = sum(taken_s) / len(taken_s) if taken_s else 0.0
            running = [order for one in graph.desk.conductors for order in one.orders if order.lane == lane]
            for role in MODELS:
                per_job = self._per_job(role, lane)
                figures[f"{lane}.{role}.per_job"] = per_job
                ahead = sum(max(per_job - graph.made[order, role], 0.0) for order in running)
                figures[f"{lane}.{role}.ahead"] = ahead
                figures[f"{lane}.{role}.asked"] = float(graph.asked[lane, role])
        return figures

    def _per_job(self, role: str, lane: str) -> float:
        if role == "translator":
            return 1.0
        if role == "extractor":
            return self._graph.costs.extracted
        return self._graph.costs.drawn(role == "renderer", lane)

    def _resize(self, targets: Mapping[str, int]) -> None:
        graph = self._graph
        needed = self._configuration.gpus(targets)
        node_s = graph.costs.node_s if needed > self.gpus else 0.0
        for role, pool in graph.pools.items():
            on_gpu = self._configuration.deployments[role].gpus > 0
            pool.resize(targets[role], pool.cost.start_s + (node_s if on_gpu else 0.0))
        if targets["conductor"] > self._sizes["conductor"]:
            graph.clock.after(SERVICE_S, lambda _: graph.desk.resize(targets["conductor"]))
        elif targets["conductor"] < self._sizes["conductor"]:
            graph.desk.resize(targets["conductor"])
        self._sizes = dict(targets)
        self._keep_nodes(needed)

    def _keep_nodes(self, needed: int) -> None:
        now_s = self._graph.clock.now
        if needed >= self.gpus:
            self.gpus, self._unneeded_s = needed, now_s
        elif now_s - self._unneeded_s >= IDLE_S:
            self.gpus = needed

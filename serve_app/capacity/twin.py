"""One simulation: arrivals through the graph, replicas by the policy, and what came of it over time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serve_app.capacity.clock import Clock, Passage
from serve_app.capacity.configuration import Configuration
from serve_app.capacity.costs import Costs
from serve_app.capacity.graph import Graph
from serve_app.capacity.orders import Order
from serve_app.capacity.scaling import Scaling
from serve_app.capacity.traffic import Arrival
from serve_app.jobs.job import LANES

MOMENTS = 120  # of a simulation that are reported
LONGEST_TAIL_S = 3600.0  # for which what is still waiting at the end of the curve is worked off


@dataclass(frozen=True)
class Moment:
    """A stretch of the simulation up to `at_s`; latencies in seconds of what was due in it, None without any."""

    at_s: float
    requests_per_s: float
    replicas: Mapping[str, int]
    gpus: int
    queue: int
    p50_s: float | None
    p95_s: float | None


@dataclass(frozen=True)
class Run:
    """`latencies_s` of all that were answered, `kinds` those of each kind, all sorted; `gpu_s`: paid for."""

    seconds: float
    moments: Sequence[Moment]
    latencies_s: Sequence[float]
    kinds: Mapping[str, Sequence[float]]
    offered: int
    refused: int
    unended: int
    gpu_s: float
    last_end_s: float

    def quantile_s(self, share: float) -> float | None:
        """Of what was answered."""
        return quantile(self.latencies_s, share)

    @property
    def throughput_per_s(self) -> float:
        """Orders that ended, over the time from the beginning to the last end or the curve's, whichever is later."""
        return len(self.latencies_s) / max(self.seconds, self.last_end_s)


def simulated(
    costs: Costs, configuration: Configuration, arrivals: Sequence[Arrival], seconds: float, seed: int = 0
) -> Run:
    """The same arguments give the same run."""
    clock = Clock()
    graph = Graph(clock, costs, configuration, seed)
    scaling = Scaling(graph, configuration)
    clock.begin(scaling.watch())
    clock.begin(_arriving(graph, costs, arrivals))
    every_s, seen, gpu_s = seconds / MOMENTS, list[tuple[float, Mapping[str, int], int, int]](), 0.0
    for number in range(1, MOMENTS + 1):
        clock.run(number * every_s)
        waiting = sum(graph.desk.waiting(lane) for lane in LANES)
        seen.append((clock.now, scaling.replicas, scaling.gpus, waiting))
        gpu_s += scaling.gpus * every_s
    _worked_off(clock, graph, seconds)
    return _run(seconds, graph.orders, seen, gpu_s)


def saturation(costs: Costs, configuration: Configuration, kind: str, clients: int, seconds: float) -> float:
    """Orders per second that end while so many clients send the next one as soon as they have an answer."""
    clock = Clock()
    graph = Graph(clock, costs, configuration, 0)

    def client() -> Passage:
        while clock.now < seconds:
            order = Order(kind, costs.kinds[kind], clock.now, clock.event())
            yield clock.begin(graph.article(order))

    for _ in range(clients):
        clock.begin(client())
    clock.run(seconds)
    return sum(order.ended_s is not None for order in graph.orders) / seconds


def _arriving(graph: Graph, costs: Costs, arrivals: Sequence[Arrival]) -> Passage:
    for arrival in arrivals:
        yield max(0.0, arrival.at_s - graph.clock.now)
        order = Order(arrival.kind, costs.kinds[arrival.kind], arrival.at_s, graph.clock.event())
        graph.clock.begin(graph.article(order))


def _worked_off(clock: Clock, graph: Graph, seconds: float) -> None:
    until = seconds + LONGEST_TAIL_S
    while clock.now < until and any(order.ended_s is None for order in graph.orders):
        clock.run(clock.now + 10.0)


def _run(
    seconds: float, orders: Sequence[Order], seen: Sequence[tuple[float, Mapping[str, int], int, int]], gpu_s: float
) -> Run:
    every_s = seconds / MOMENTS
    due: list[list[Order]] = [[] for _ in seen]
    for order in orders:
        due[min(len(seen) - 1, int(order.at_s / every_s))].append(order)
    moments = []
    for (at_s, replicas, gpus, queue), ours in zip(seen, due, strict=True):
        times = _latencies(ours)
        rate = len(ours) / every_s
        moments.append(Moment(at_s, rate, replicas, gpus, queue, quantile(times, 0.5), quantile(times, 0.95)))
    kinds = {name: _latencies([order for order in orders if order.name == name]) for name in {o.name for o in orders}}
    return Run(
        seconds=seconds,
        moments=moments,
        latencies_s=_latencies(orders),
        kinds=kinds,
        offered=len(orders),
        refused=sum(order.refused for order in orders),
        unended=sum(order.ended_s is None for order in orders),
        gpu_s=gpu_s,
        last_end_s=max((order.ended_s for order in orders if order.ended_s is not None), default=0.0),
    )


def _latencies(orders: Sequence[Order]) -> list[float]:
    """In order of length."""
    return sorted(order.ended_s - order.at_s for order in orders if order.ended_s is not None and not order.refused)


def quantile(times: Sequence[float], share: float) -> float | None:
    """Of sorted times; None of none."""
    return times[math.ceil(share * len(times)) - 1] if times else None

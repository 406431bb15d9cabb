"""The smallest fixed configuration that holds an objective over the busiest stretch, and room for upgrades."""

import bisect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from serve_app.capacity.configuration import MODELS, ROLES, Configuration
from serve_app.capacity.costs import Costs
from serve_app.capacity.traffic import Arrival
from serve_app.capacity.twin import Run, simulated

BUSY_S = 900.0  # the busiest stretch that a size is chosen by: queues of a quarter of an hour tell the worst
UPGRADED = 0.2  # of a deployment's replicas that Serve replaces at once
MOST = 512  # replicas of one role: beyond it the objective is out of reach, not the size
IDLE = 0.1  # a deployment less busy than this is not what latency waits for


@dataclass(frozen=True)
class Objective:
    """`limits_s`: share of the orders, such as 0.95 -> seconds; `refused`: share that may be refused."""

    limits_s: Mapping[float, float]
    refused: float = 0.0

    def held(self, run: Run) -> bool:
        """Whether a run keeps it; orders that never ended do not."""
        times = [(run.quantile_s(share), limit) for share, limit in self.limits_s.items()]
        enough = not run.unended and run.refused <= self.refused * run.offered
        return enough and all(found is None or found <= limit for found, limit in times)


@dataclass(frozen=True)
class Size:
    """Replicas of each role, the GPUs that they need, and the run of the busiest stretch with them."""

    replicas: Mapping[str, int]
    gpus: int
    run: Run


def busiest(arrivals: Sequence[Arrival], seconds: float) -> tuple[list[Arrival], float]:
    """The stretch with most arrivals, from 0 on, and its length."""
    width = min(BUSY_S, seconds)
    times = [arrival.at_s for arrival in arrivals]
    counts = [bisect.bisect_left(times, at + width) - number for number, at in enumerate(times)]
    first = max(range(len(times)), key=counts.__getitem__, default=0)
    start = min(times[first], seconds - width) if times else 0.0
    return [replace(one, at_s=one.at_s - start) for one in arrivals if start <= one.at_s < start + width], width


def smallest(
    costs: Costs, configuration: Configuration, arrivals: Sequence[Arrival], seconds: float, objective: Objective
) -> Size | None:
    """None where no number of replicas holds the objective: an order alone takes longer, or one machine is full."""
    stretch, width = busiest(arrivals, seconds)
    per_s = len(stretch) / width
    if costs.cores and per_s * cores_s(costs) > costs.cores - costs.background:
        return None

    def tried(replicas: Mapping[str, int]) -> Size:
        run = simulated(costs, configuration.fixed(replicas), stretch, width)
        return Size(dict(replicas), configuration.gpus(replicas), run)

    found = tried(least(costs, per_s))
    while not objective.held(found.run):
        grown = _grown(costs, found.replicas, per_s)
        if grown is None:
            return None
        found = tried(grown)
    for role in sorted(MODELS, key=lambda role: -configuration.deployments[role].gpus):
        while found.replicas[role] > 1:
            fewer = tried({**found.replicas, role: found.replicas[role] - 1})
            if not objective.held(fewer.run):
                break
            found = fewer
    return found


def least(costs: Costs, per_s: float) -> dict[str, int]:
    """Replicas whose devices are not quite full on average."""
    return {role: max(1, math.ceil(per_s * work_s(costs, role))) for role in ROLES}


def work_s(costs: Costs, role: str) -> float:
    """Seconds that a mean order takes of one replica of a role."""
    if role == "ingress":
        return costs.accept.full_s
    if role == "conductor":
        return costs.conduct.full_s
    calls = {"translator": 1.0, "extractor": costs.extracted}
    full_s: float = getattr(costs, role).full_s
    return full_s * calls[role] if role in calls else full_s * costs.drawn(role == "renderer")


def cores_s(costs: Costs) -> float:
    """Seconds of the shared cores that a mean order takes, with full batches."""
    own = costs.read.full_s + costs.seal.full_s + costs.judge.full_s * costs.drawn(rendered=False)
    return own + sum(
        work_s(costs, role) for role in ROLES if role in ("ingress", "conductor") or getattr(costs, role).on == "cores"
    )


def _grown(costs: Costs, replicas: Mapping[str, int], per_s: float) -> dict[str, int] | None:
    """A tenth more, and one at least, of the role that is busiest."""
    busy = {role: per_s * work_s(costs, role) / replicas[role] for role in ROLES}
    role = max(busy, key=lambda role: busy[role])
    if busy[role] < IDLE or replicas[role] >= MOST:
        return None
    return {**replicas, role: replicas[role] + max(1, replicas[role] // 10)}


def upgraded(replicas: Mapping[str, int]) -> dict[str, int]:
    """So many more that an upgrade, which takes a part of them away, leaves enough."""
    found = {}
    for role, needed in replicas.items():
        count = needed
        while count - max(1, int(UPGRADED * count)) < needed:
            count += 1
        found[role] = count
    return found

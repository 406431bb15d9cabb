"""How many replicas a stage needs for the work that waits for it and the work that is on its way to it.

Work is counted in device-seconds: what it takes one replica when its batches are full. No Ray, no clock: the capacity
twin decides with the same functions.
"""

import math
from dataclasses import dataclass

ROUNDED = 1e-6  # of a replica and of a second: sums of floats must not ask for one more


@dataclass(frozen=True)
class Demand:
    """Work of one lane: what waits for the stage, what runs upstream of it and will come, and how much came lately."""

    queued_s: float = 0.0
    ahead_s: float = 0.0
    arriving_s_per_s: float = 0.0

    def due_s(self, within_s: float) -> float:
        """What has to be done within that time. Upstream work is part of what arrives, so the larger of both counts."""
        return self.queued_s + max(self.ahead_s, self.arriving_s_per_s * within_s)


NO_DEMAND = Demand()


@dataclass(frozen=True)
class Observed:
    """A stage at one moment; `replicas`: asked for, whether they run or still start; `urgent`: somebody waits for it.

    `in_flight_s`: work on the devices, which needs no further replica but keeps the last one. `cost_s`: of one call.
    """

    now_s: float
    replicas: int
    urgent: Demand = NO_DEMAND
    catalogue: Demand = NO_DEMAND
    in_flight_s: float = 0.0
    cost_s: float = 0.0


@dataclass(frozen=True)
class Bounds:
    """What an operator sets for a stage. Delays are those of Serve's `autoscaling_config`, with its meaning."""

    min_replicas: int = 1
    max_replicas: int = 1
    utilisation: float = 0.8  # of a replica's time: above it, queues grow faster than load
    drain_s: float = 10.0  # in which work that somebody waits for has to be done; not shorter than a replica's start
    catalogue_drain_s: float = 600.0  # the same for a catalogue, which may wait
    reserve: float = 0.0  # replicas that a catalogue leaves free for who waits
    up_delay_s: float = 0.0
    down_delay_s: float = 300.0
    zero_delay_s: float | None = None  # from one to none; None: as `down_delay_s`


@dataclass(frozen=True)
class Memory:
    """Since when more (`direction` 1) or fewer (-1) replicas than there are have been needed without a break."""

    direction: int = 0
    since_s: float = 0.0


NOTHING = Memory()


def wanted(observed: Observed, bounds: Bounds, memory: Memory = NOTHING) -> tuple[int, Memory]:
    """The replicas to ask for now, and what to remember until the next call."""
    return delayed(needed(observed, bounds), observed, bounds, memory)


def needed(observed: Observed, bounds: Bounds) -> int:
    """Replicas within the bounds, as if they could be had at once; at least half and at most twice those there are."""
    share = _share(observed.urgent, observed, bounds, bounds.drain_s)
    catalogue = _share(observed.catalogue, observed, bounds, bounds.catalogue_drain_s)
    if catalogue > ROUNDED:
        share += catalogue + bounds.reserve
    replicas = math.ceil(share - ROUNDED)
    if observed.in_flight_s > 0.0:
        replicas = max(replicas, 1)
    replicas = max(replicas, observed.replicas // 2)  # a lull that was none costs half of the capacity at most
    # A wave meets costs that were learnt from single calls, several times those in a full batch, until one has run.
    replicas = min(replicas, 2 * max(observed.replicas, 1))
    return min(max(replicas, bounds.min_replicas), bounds.max_replicas)


def _share(demand: Demand, observed: Observed, bounds: Bounds, drain_s: float) -> float:
    within_s = max(drain_s, observed.cost_s)  # nothing ends before it has had its own time
    return demand.due_s(within_s) / (bounds.utilisation * within_s)


def delayed(needs: int, observed: Observed, bounds: Bounds, memory: Memory) -> tuple[int, Memory]:
    """Serve's own delays: a need takes effect once it has lasted, and the last replica goes alone.

    Serve applies them itself to what `needed` says; here they are for whoever simulates it.
    """
    replicas = observed.replicas
    if needs == replicas:
        return replicas, NOTHING
    if replicas == 0:
        return needs, memory  # a first replica is never delayed
    direction = 1 if needs > replicas else -1
    since_s = memory.since_s if memory.direction == direction else observed.now_s
    if observed.now_s - since_s < _delay_s(direction, replicas, bounds) - ROUNDED:
        return replicas, Memory(direction, since_s)
    return needs if direction == 1 or replicas == 1 else max(needs, 1), NOTHING


def _delay_s(direction: int, replicas: int, bounds: Bounds) -> float:
    if direction == 1:
        return bounds.up_delay_s
    return bounds.down_delay_s if replicas > 1 or bounds.zero_delay_s is None else bounds.zero_delay_s

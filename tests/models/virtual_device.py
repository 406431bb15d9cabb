"""A device on a virtual clock: drafts and finals arrive, an order of service says who steps; time is work."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from models.domain import RenderOrder, WeightedAdapter
from models.turns import Turns, Waiting

TOGETHER = 4
ZIPF = [rank**-1.1 for rank in range(1, 5)]
DRAFT, FINAL = 128, 256  # pixels a side
BATCHING = 0.9  # a step of n pictures takes n**0.9 times as long as one of one: nearly linear, as on a CPU

Serve = Callable[[Sequence["Arrival"]], Sequence["Arrival"]]


@dataclass
class Way:
    """A picture that costs nothing but time."""

    order: RenderOrder
    steps: int
    done: int = 0

    @property
    def group(self) -> object:
        return self.order.adapters, self.order.width, self.order.height


@dataclass(eq=False)
class Arrival(Waiting):
    """A request with the moments when it came and when its last step ended."""

    at: float = 0.0
    end: float = 0.0

    @property
    def draft(self) -> bool:
        return self.pixels == DRAFT**2


def arrival(at: float, adapter: int, side: int = FINAL, steps: int = 4, watched: bool = True) -> Arrival:
    order = RenderOrder("a shirt", 0, side, side, adapters=(WeightedAdapter(str(adapter)),))
    return Arrival(Way(order, steps), watched, at=at)


def traffic(load: float, count: int, seed: int) -> list[Arrival]:
    """Poisson arrivals, 70 % drafts, adapters by Zipf 1.1 over four; `load` 1.0 fills a device that never batches."""
    rng = random.Random(seed)
    work = 0.7 * 4 * DRAFT**2 + 0.3 * 4 * FINAL**2
    at, coming = 0.0, []
    for _ in range(count):
        at += rng.expovariate(load / work)
        side = DRAFT if rng.random() < 0.7 else FINAL
        coming.append(arrival(at, rng.choices(range(4), ZIPF)[0], side))
    return coming


@dataclass
class Day:
    """What the device did: `swaps` of adapters, `fills` of its steps as a share of what could have gone along."""

    over: list[Arrival] = field(default_factory=list)
    swaps: int = 0
    fills: list[float] = field(default_factory=list)

    def p95(self, draft: bool) -> float:
        taken = sorted(one.end - one.at for one in self.over if one.draft is draft)
        return taken[int(0.95 * len(taken))]


def served(serve: Serve, coming: Sequence[Arrival], room: int = 10**9) -> Day:
    """Until all are over; at most `room` are ready at a time, the others wait outside in their order."""
    day, now, ready, waiting = Day(), 0.0, [], list(coming)[::-1]
    adapters: object = None
    while waiting or ready:
        while waiting and waiting[-1].at <= now and len(ready) < room:
            ready.append(waiting.pop())
        if not ready:
            now = waiting[-1].at
            continue
        chosen = serve(ready)
        first = chosen[0].way
        assert len({one.way.group for one in chosen}) == 1, "two groups in one step"
        could = min(TOGETHER, sum(one.way.group == first.group for one in ready))
        day.fills.append(len(chosen) / could)
        day.swaps += first.order.adapters != adapters
        adapters = first.order.adapters
        now += chosen[0].pixels * len(chosen) ** BATCHING
        for one in chosen:
            one.way.done += 1
            if one.way.done == one.way.steps:
                one.end = now
                ready.remove(one)
                day.over.append(one)
    return day


def in_turns() -> Serve:
    """This project's."""
    return Turns(TOGETHER).next


def whole_batches() -> Serve:
    """The stock arrangement: whoever came first, in batches; one batch after the other for each adapter and size in
    it, each drawn to its end."""
    batches: list[list[Arrival]] = []

    def serve(ready: Sequence[Arrival]) -> Sequence[Arrival]:
        while batches and batches[0][0] not in ready:
            batches.pop(0)
        if not batches:
            groups: dict[object, list[Arrival]] = {}
            for one in ready[:TOGETHER]:
                groups.setdefault(one.way.group, []).append(one)
            batches.extend(groups.values())
        return batches[0]

    return serve

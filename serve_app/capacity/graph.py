"""The graph as the twin runs it: an order's way from the ingress through the stages to its end."""

import random
from collections import Counter

from serve_app.capacity.clock import Clock, Event, Passage, Places
from serve_app.capacity.configuration import MODELS, Configuration
from serve_app.capacity.cores import Cores
from serve_app.capacity.costs import Cost, Costs
from serve_app.capacity.orders import Conductor, Desk, Order
from serve_app.capacity.pool import Pool
from serve_app.capacity.replicas import Batching, Call, Drawer, Replica, Writing, scattered

SORTS: dict[str, type[Replica]] = {"extractor": Writing, "renderer": Drawer}
LOOPS = 4  # times that an order comes to its conductor's loop: claimed, read, drawn, ended


class Graph:
    """Pools of replicas, a desk, and the orders that went through; one of each story of the service."""

    def __init__(self, clock: Clock, costs: Costs, configuration: Configuration, seed: int) -> None:
        self.clock, self.costs = clock, costs
        self._rng = random.Random(seed)
        left = costs.cores - costs.background
        self.cores = Cores(clock, left) if costs.cores else None
        if self.cores:
            self.cores.follow(costs.course)
        first = {role: one.bounds.min_replicas for role, one in configuration.deployments.items()}
        self.pools = {role: self._pool(role, first[role]) for role in MODELS}
        self.desk = Desk(clock, configuration.settings, first["conductor"])
        self.doors = [Places(clock, 1) for _ in range(first["ingress"])]
        self.orders: list[Order] = []
        self._in_work = 0
        self.asked: Counter[tuple[str, str]] = Counter()  # (lane, role) -> calls without an answer yet
        self.made: Counter[tuple[Order, str]] = Counter()  # calls that an order has made

    def _pool(self, role: str, replicas: int) -> Pool:
        cost: Cost = getattr(self.costs, role)
        sort = SORTS.get(role, Batching)
        return Pool(
            self.clock, cost, lambda: sort(self.clock, cost, self._device(cost), self._rng), self._rng, replicas
        )

    def _device(self, cost: Cost) -> Cores:
        """The machine's cores, or one of a replica's own."""
        shared = cost.on == "cores" and self.cores is not None
        return self.cores if shared and self.cores is not None else Cores(self.clock, 1.0)

    def article(self, order: Order) -> Passage:
        """One order from the moment at which its request was due."""
        self.orders.append(order)
        self._at_work(1)
        yield from self._answered(order)
        order.ended_s = self.clock.now
        self._at_work(-1)

    def _at_work(self, further: int) -> None:
        """So many more orders."""
        self._in_work += further
        if self.cores:
            self.cores.at_speed(self.costs.speed(self._in_work))

    def _answered(self, order: Order) -> Passage:
        order.moment = scattered(self._rng, self.costs.moment)
        door = self._rng.choice(self.doors)
        yield from self._single(door, self.costs.accept, 0.5 * order.moment)
        if not self.desk.enter(order):
            order.refused = True
            return
        conductor: Conductor = yield order.begun
        yield from self._story(order, conductor)
        self.desk.leave(conductor, order)
        yield from self._single(door, self.costs.accept, 0.5 * order.moment)

    def _story(self, order: Order, conductor: Conductor) -> Passage:
        yield from self._single(conductor.loop, self.costs.conduct, order.moment / LOOPS)
        yield from self._ask(order, "translator")
        if self._rng.random() < self.costs.extracted:
            yield from self._ask(order, "extractor")
        yield from self._threaded(self.costs.read, order.moment)
        for picture in range(order.kind.pictures):
            if picture and self._rng.random() >= order.kind.redrawn:
                break
            yield from self._candidate(order, conductor)
        yield from self._threaded(self.costs.seal, order.moment)
        yield from self._single(conductor.loop, self.costs.conduct, order.moment / LOOPS)

    def _candidate(self, order: Order, conductor: Conductor) -> Passage:
        yield from self._single(conductor.loop, self.costs.conduct, order.moment / LOOPS)
        yield from self._ask(order, "renderer", order.kind.drawing)
        looking = order.kind.looking
        scored = self.clock.begin(self._ask(order, "scorer", looking))
        segmented = self.clock.begin(self._ask(order, "segmenter", looking))
        yield scored
        yield segmented
        yield from self._threaded(self.costs.judge, order.moment * looking)
        yield from self._single(conductor.loop, self.costs.conduct, order.moment / LOOPS)

    def _ask(self, order: Order, role: str, scale: float = 1.0) -> Passage:
        adapter = self._rng.choices(range(len(self.costs.adapters)), self.costs.adapters)[0]
        watched = order.lane == "interactive"
        self.asked[order.lane, role] += 1
        self.made[order, role] += 1
        yield from self.pools[role].ask(
            Call(self.clock.event(), order.moment * scale, order.kind.side, adapter, watched)
        )
        self.asked[order.lane, role] -= 1

    def _single(self, line: Places, cost: Cost, share: float) -> Passage:
        """Work of a loop: one thing at a time."""
        yield line.take()
        yield self._worked(cost, share)
        line.leave()

    def _threaded(self, cost: Cost, scale: float) -> Passage:
        scale *= scattered(self._rng, cost.scatter)
        yield self._worked(cost, scale)
        if cost.wait_s:
            yield cost.wait_s * scale

    def _worked(self, cost: Cost, scale: float) -> Event | float:
        seconds = (cost.fixed_s + cost.each_s) * scale
        return seconds if self.cores is None or cost.on == "device" else self.cores.work(seconds, cost.weight)

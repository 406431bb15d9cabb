"""The replicas of one deployment and the router before them: replicas start, drain and go."""

import random
from collections.abc import Callable

from serve_app.capacity.clock import Clock, Event, Passage
from serve_app.capacity.costs import Cost
from serve_app.capacity.replicas import Call, Replica

Make = Callable[[], Replica]


class Pool:
    """`made`: how a replica comes about; `arrived_s`: device-seconds that were asked for since the beginning."""

    def __init__(self, clock: Clock, cost: Cost, made: Make, rng: random.Random, replicas: int) -> None:
        self._clock, self.cost, self._made, self._rng = clock, cost, made, rng
        self.replicas = [made() for _ in range(replicas)]
        self.starting: list[Event] = []
        self._waiting: list[Call] = []
        self.arrived_s = 0.0

    @property
    def target(self) -> int:
        """Replicas that run or start."""
        return len(self.replicas) + len(self.starting)

    @property
    def waiting(self) -> int:
        """Calls that no device works at."""
        return len(self._waiting) + sum(len(replica.waiting) for replica in self.replicas)

    @property
    def at_work(self) -> int:
        return sum(replica.held - len(replica.waiting) for replica in self.replicas)

    def ask(self, call: Call) -> Passage:
        """Until the call is answered."""
        if self.cost.wait_s:
            yield self.cost.wait_s * call.scale
        self.arrived_s += call.scale * self.cost.full_s
        self._waiting.append(call)
        self._route()
        yield call.over
        self._route()

    def resize(self, target: int, start_s: float) -> None:
        """More replicas serve after `start_s`; of too many, those that only start go first, then the idlest."""
        while self.target < target:
            self._start(start_s)
        while self.target > target and self.starting:
            self.starting.pop()
        while self.target > target:
            self.replicas.remove(min(self.replicas, key=lambda replica: replica.held))  # it ends what it holds

    def _start(self, start_s: float) -> None:
        ready = self._clock.event()
        self.starting.append(ready)

        def serves(_: object) -> None:
            if ready in self.starting:
                self.starting.remove(ready)
                self.replicas.append(self._made())
                self._route()

        self._clock.after(start_s, serves)

    def _route(self) -> None:
        """As Serve's router: of two replicas that have room, chosen by lot, the one with less to do."""
        while self._waiting and (free := [one for one in self.replicas if one.held < self.cost.room]):
            pair = self._rng.sample(free, min(2, len(free)))
            min(pair, key=lambda replica: replica.held).take(self._waiting.pop(0))

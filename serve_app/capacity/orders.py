"""The queue and its conductors: lanes, room, and what is refused when too many wait."""

import itertools
from collections import deque
from dataclasses import dataclass

from serve_app.capacity.clock import Clock, Event, Places
from serve_app.capacity.costs import Kind
from serve_app.conductor.worker import CATALOGUE_EVERY
from serve_app.jobs.job import LANES, Lane
from serve_app.settings import Settings


@dataclass(eq=False, slots=True)
class Order:
    """One article on its way; times in seconds from the beginning."""

    name: str
    kind: Kind
    at_s: float
    begun: Event
    began_s: float = 0.0
    ended_s: float | None = None
    refused: bool = False
    moment: float = 1.0  # times as long as usual, all that is done for it

    @property
    def lane(self) -> Lane:
        return self.kind.lane


@dataclass(eq=False)
class Conductor:
    """One replica: a loop that one thing at a time goes through, and the jobs it holds."""

    loop: Places
    orders: list[Order]


class Desk:
    """Gives orders to conductors as the worker claims them: lane before lane, each eighth time the catalogue first."""

    def __init__(self, clock: Clock, settings: Settings, conductors: int) -> None:
        self._clock, self._settings = clock, settings
        self.conductors = [Conductor(Places(clock, 1), []) for _ in range(conductors)]
        self._waiting: dict[Lane, deque[Order]] = {lane: deque() for lane in LANES}
        self._rounds = itertools.count(1)

    def waiting(self, lane: Lane) -> int:
        return len(self._waiting[lane])

    def working(self, lane: Lane) -> int:
        return sum(order.lane == lane for conductor in self.conductors for order in conductor.orders)

    def enter(self, order: Order) -> bool:
        """False where as many wait as may, which the ingress says at once."""
        if order.lane == "interactive" and len(self._waiting[order.lane]) >= self._settings.most_waiting:
            return False
        self._waiting[order.lane].append(order)
        self._claim()
        return True

    def leave(self, conductor: Conductor, order: Order) -> None:
        conductor.orders.remove(order)
        self._claim()

    def resize(self, conductors: int) -> None:
        """A conductor that goes ends what it holds; a new one begins at once."""
        while len(self.conductors) < conductors:
            self.conductors.append(Conductor(Places(self._clock, 1), []))
        while len(self.conductors) > max(conductors, 1):
            self.conductors.remove(min(self.conductors, key=lambda one: len(one.orders)))
        self._claim()

    def _claim(self) -> None:
        while (found := self._next()) is not None:
            conductor, order = found
            conductor.orders.append(order)
            order.began_s = self._clock.now
            order.begun.happen(conductor)

    def _next(self) -> tuple[Conductor, Order] | None:
        lanes = LANES[::-1] if next(self._rounds) % CATALOGUE_EVERY == 0 else LANES
        for lane in lanes:
            if not self._waiting[lane]:
                continue
            free = [one for one in self.conductors if self._room(one, lane)]
            if free:
                return min(free, key=lambda one: len(one.orders)), self._waiting[lane].popleft()
        return None

    def _room(self, conductor: Conductor, lane: Lane) -> bool:
        if len(conductor.orders) >= self._settings.articles_at_once:
            return False
        catalogue = sum(order.lane == "catalogue" for order in conductor.orders)
        return lane == "interactive" or catalogue < self._settings.catalogue_at_once

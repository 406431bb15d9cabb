"""What work shares: the cores of a machine, or one device of a replica's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from serve_app.capacity.clock import Clock, Event
from serve_app.capacity.costs import Pace

DONE = 1e-9  # seconds of work that rounding leaves over


@dataclass(eq=False, slots=True)
class Job:
    """Work on shared cores; `left` in seconds of a core that it has for itself."""

    left: float
    weight: float
    over: Event
    speed: float = 0.0


class Cores:
    """`count` cores, shared by weight once there is more to do than cores; no job uses two.

    Their speed may change at any time.
    """

    def __init__(self, clock: Clock, count: float) -> None:
        self._clock, self.count = clock, count
        self._jobs: list[Job] = []
        self._looked_s = 0.0
        self._turn = 0  # a planned end is void once another job has come or gone
        self._speed = 1.0
        self._times = 1.0  # as long as usual

    def follow(self, course: Sequence[Pace]) -> None:
        """A machine whose pace changes."""
        for pace in course:
            self._clock.after(pace.at_s, self._at_pace, pace.times)

    def at_speed(self, speed: float) -> None:
        """From now on, in terms of the speed at which a second of work takes a second."""
        self._advance()
        self._speed = speed
        self._plan()

    def work(self, seconds: float, weight: float = 1.0) -> Event:
        """Happens when so many seconds of work are done."""
        self._advance()
        over = self._clock.event()
        self._jobs.append(Job(max(seconds, 0.0), weight, over))
        self._plan()
        return over

    def _at_pace(self, times: float) -> None:
        self._advance()
        self._times = times
        self._plan()

    def _advance(self) -> None:
        passed = self._clock.now - self._looked_s
        for job in self._jobs:
            job.left -= passed * job.speed
        self._looked_s = self._clock.now

    def _plan(self) -> None:
        self._turn += 1
        if self._jobs:
            self._share()
            first = min(job.left / job.speed for job in self._jobs)
            self._clock.after(max(first, 0.0), self._ended, self._turn)

    def _ended(self, turn: int) -> None:
        if turn != self._turn:
            return
        self._advance()
        for job in [job for job in self._jobs if job.left <= DONE]:
            self._jobs.remove(job)
            job.over.happen()
        self._plan()

    def _share(self) -> None:
        """Whoever's share is more than a core gets one, and the others share the rest."""
        speed = self._speed / self._times
        left, weights = self.count, sum(job.weight for job in self._jobs)
        for job in sorted(self._jobs, key=lambda job: -job.weight):
            share = min(1.0, left * job.weight / weights)
            job.speed = share * speed
            left, weights = left - share, weights - job.weight

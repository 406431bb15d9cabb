"""What jobs in work have still to ask of each role: the wave before it arrives.

What a job of a lane asks of a role is learnt from those that ended.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from serve_app.jobs.job import LANES, Lane
from serve_app.stories.steps import Steps

NEWEST = 0.05  # the weight of the newest job: some twenty count
ROLES = {
    "translate": "translator",
    "extract": "extractor",
    "render": "renderer",
    "score": "scorer",
    "segment": "segmenter",
    "retouch": "retoucher",
    "enlarge": "upscaler",
    "read": "reader",
}  # stage of the stories -> who performs it


@dataclass(eq=False)
class Trip:
    """One job's way through its story; `calls`: role -> calls that it has made."""

    lane: Lane
    began: float
    calls: Counter[str] = field(default_factory=Counter)


@dataclass
class Usual:
    """What jobs of a lane do: calls of each role by one job, and how many seconds it takes; None: none has ended."""

    calls: dict[str, float] = field(default_factory=dict)
    job_s: float | None = None

    def learn(self, trip: Trip, taken_s: float) -> None:
        newest = 1.0 if self.job_s is None else NEWEST
        self.job_s = (1 - newest) * (self.job_s or 0.0) + newest * taken_s
        for role in self.calls.keys() | trip.calls.keys():
            self.calls[role] = (1 - newest) * self.calls.get(role, 0.0) + newest * trip.calls[role]


class Ahead:
    """One per conductor."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._here: ContextVar[Trip | None] = ContextVar("trip", default=None)
        self._trips: set[Trip] = set()
        self._usual: dict[Lane, Usual] = {lane: Usual() for lane in LANES}
        self._asked: Counter[tuple[Lane, str]] = Counter()  # calls that are not answered yet

    @contextlib.contextmanager
    def trip(self, lane: Lane) -> Iterator[None]:
        """Around one job; what is awaited or begun inside is its work. Only jobs that end by themselves teach."""
        trip = Trip(lane, self._clock())
        token = self._here.set(trip)
        self._trips.add(trip)
        try:
            yield
            self._usual[lane].learn(trip, self._clock() - trip.began)
        finally:
            self._trips.remove(trip)
            self._here.reset(token)

    def counted(self, steps: Steps) -> Steps:
        """The same stages, whose calls are counted."""
        return replace(steps, **{stage: self._counting(role, getattr(steps, stage)) for stage, role in ROLES.items()})

    def _counting(self, role: str, call: Any) -> Any:
        async def counting(*order: Any) -> Any:
            trip = self._here.get()
            if trip is None:
                return await call(*order)
            trip.calls[role] += 1
            self._asked[trip.lane, role] += 1
            try:
                return await call(*order)
            finally:
                self._asked[trip.lane, role] -= 1

        return counting

    def stats(self) -> dict[str, float]:
        """By `lane.role`: calls that are to come (`ahead`), that are not answered (`asked`), that one job makes
        (`per_job`); by lane how long a job takes (`job_s`) and how many are in work (`working`)."""
        stats = dict[str, float]()
        for lane, usual in self._usual.items():
            trips = [trip for trip in self._trips if trip.lane == lane]
            stats |= {f"{lane}.working": float(len(trips)), f"{lane}.job_s": usual.job_s or 0.0}
            for role, calls in usual.calls.items():
                stats[f"{lane}.{role}.ahead"] = sum(max(0.0, calls - trip.calls[role]) for trip in trips)
                stats[f"{lane}.{role}.per_job"] = calls
        return stats | {f"{lane}.{role}.asked": float(calls) for (lane, role), calls in self._asked.items()}

"""What a replica has in hand and what its work costs, in seconds of its device: what replicas are added and removed by.

One run of a model over n calls takes a + b n seconds. Both are learnt from runs of different sizes, so that what a call
costs in a full batch is known while batches are small: else a model that always finds a batch of one to run would seem
as busy as one that runs full batches.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

KEPT = 0.98  # of what is known, per run: some fifty runs count
ALIKE = 0.05  # variance of the sizes below which nothing is learnt from their difference


@dataclass
class Runs:
    """Sums over runs that fade: how many, their sizes, seconds, and products of them."""

    count: float = 0.0
    sizes: float = 0.0
    squares: float = 0.0
    seconds: float = 0.0
    products: float = 0.0

    def add(self, size: float, seconds: float) -> None:
        self.count = KEPT * self.count + 1
        self.sizes = KEPT * self.sizes + size
        self.squares = KEPT * self.squares + size**2
        self.seconds = KEPT * self.seconds + seconds
        self.products = KEPT * self.products + size * seconds

    def each_s(self, size: float) -> float:
        """Seconds per member of a run of that size; while all runs had one size, those of that one."""
        if not self.count:
            return 0.0
        usual, usual_s = self.sizes / self.count, self.seconds / self.count
        variance = self.squares / self.count - usual**2
        if variance < ALIKE:
            return usual_s / max(usual, 1.0)
        slope = (self.products / self.count - usual * usual_s) / variance
        slope = min(max(slope, 0.0), usual_s / usual)  # neither a run nor a member takes less than no time
        return (usual_s - slope * usual) / size + slope


class Load:
    """`together`: calls that one run takes at most. A call has one unit of work, or as many as its model counts."""

    def __init__(self, together: int = 1) -> None:
        self._together = together
        self._runs, self._beside = Runs(), Runs()
        self._calls, self._units = 0, 0.0  # in hand
        self._came = 0
        self._usual = 0.0  # units of a call

    @contextlib.contextmanager
    def taken(self, units: float = 1.0) -> Iterator[None]:
        """Around a call, from when it is taken to its answer."""
        self._calls += 1
        self._units += units
        self._usual += (units - self._usual) * (1.0 if not self._usual else 1 - KEPT)
        self._came += 1
        try:
            yield
        finally:
            self._calls -= 1
            self._units -= units

    def ran(self, calls: int, seconds: float, units: float = 1.0) -> None:
        """One run over so many calls; `units` of each of them were done in it."""
        self._runs.add(calls, seconds / units)

    def ran_beside(self, seconds: float, units: float) -> None:
        """What one call of so many units took outside of those runs."""
        self._beside.add(1, seconds / units)

    def stats(self) -> dict[str, float]:
        """Device-seconds that wait here, on the device and of a call (`cost_s`); `came`: calls since the beginning.

        Calls, for what they cost is known better a moment later.
        """
        all_s = self._units * self._unit_s
        on_device = min(1.0, self._together / self._calls) if self._calls else 0.0
        return {
            "queued_s": (1.0 - on_device) * all_s,
            "in_flight_s": on_device * all_s,
            "came": float(self._came),
            "cost_s": self._usual * self._unit_s,
        }

    @property
    def _unit_s(self) -> float:
        return self._runs.each_s(self._together) + self._beside.each_s(1)

"""What the last minute brought, in memory: for whoever looks at a running service without a Prometheus beside it."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from models.telemetry.metrics import Metric

WINDOW_S = 60.0
SLOTS = 12  # of five seconds each: the window moves in steps of them

Key = tuple[str, tuple[tuple[str, str], ...]]  # a metric's name, and its tags in the order of their names


@dataclass(slots=True)
class Tally:
    """How often and how much; `buckets`: how often between two edges, and last above all of them."""

    count: int = 0
    total: float = 0.0
    buckets: list[int] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.count += other.count
        self.total += other.total
        width = max(len(self.buckets), len(other.buckets))
        sides = [found + [0] * (width - len(found)) for found in (self.buckets, other.buckets)]
        self.buckets = [one + more for one, more in zip(*sides, strict=True)]

    def quantile(self, share: float, edges: tuple[float, ...]) -> float | None:
        """Between the edges of its bucket as Prometheus would say it; at most the last edge, None of nothing."""
        if not self.count:
            return None
        rank = share * self.count
        for (low, high), (before, reached) in zip(
            pairwise((0.0, *edges)), pairwise((0, *accumulate(self.buckets))), strict=False
        ):
            if reached >= rank:
                return low + (high - low) * (rank - before) / (reached - before)
        return edges[-1]


class Recent:
    """A writer of metrics (`metrics.record`); safe between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._slots: deque[tuple[int, dict[Key, Tally]]] = deque(maxlen=SLOTS)

    def __call__(self, metric: Metric, value: float, tags: dict[str, str]) -> None:
        if metric.kind == "gauge":
            return  # what stands now is asked of whoever knows it
        key = (metric.name, tuple(sorted(tags.items())))
        with self._lock:
            tally = self._slot().setdefault(key, Tally(buckets=[0] * (len(metric.edges) + 1) if metric.edges else []))
            tally.count += 1
            tally.total += value
            if metric.edges:
                tally.buckets[sum(edge < value for edge in metric.edges)] += 1

    def tallies(self) -> dict[Key, Tally]:
        """Of the last minute, by metric and tags."""
        now = self._number()
        with self._lock:
            return together(tallies for number, tallies in self._slots if number > now - SLOTS)

    def _slot(self) -> dict[Key, Tally]:
        now = self._number()
        if not self._slots or self._slots[-1][0] != now:
            self._slots.append((now, {}))
        return self._slots[-1][1]

    def _number(self) -> int:
        return int(self._clock() / (WINDOW_S / SLOTS))


def together(several: Iterable[Mapping[Key, Tally]]) -> dict[Key, Tally]:
    """The sum of several processes' or moments' tallies."""
    whole: dict[Key, Tally] = {}
    for tallies in several:
        for key, tally in tallies.items():
            whole.setdefault(key, Tally()).add(tally)
    return whole


def of(tallies: Mapping[Key, Tally], metric: Metric) -> Iterator[tuple[dict[str, str], Tally]]:
    """A metric's tags and tallies."""
    yield from ((dict(tags), tally) for (name, tags), tally in tallies.items() if name == metric.name)

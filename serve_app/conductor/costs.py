"""What kinds of work cost the models that they share, learnt from the ends of work that overlaps.

The time in which so many pieces of each kind ended is the sum of their costs; each such sum corrects the costs that are
known by a part of what they miss (normalised least mean squares). A piece that was alone shows its latency, which a
cost does not exceed.
"""

import math
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

ENDS = 8  # pieces whose time makes one sum
CORRECTED = 0.15  # of what a sum misses
LEAST = 0.05  # of the latency: no work is free
NEWEST = 0.1  # the weight of the newest latency
FORGOTTEN = 0.01  # how far the best one rises towards each that was worse, so that one lucky run does not stay


@dataclass
class Known:
    """Of one kind: seconds of the shared models, from beginning to end at best, and usually when it is alone."""

    cost_s: float
    fastest_s: float
    alone_s: float = math.inf


class Costs:
    """A kind that was never seen costs nothing."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Known] = {}
        self._ends: Counter[Hashable] = Counter()
        self._busy_s = 0.0

    def __contains__(self, kind: Hashable) -> bool:
        return kind in self._known

    def of(self, kind: Hashable) -> Known:
        return self._known.get(kind, Known(0.0, 0.0))

    def alone(self, kind: Hashable, taken_s: float) -> None:
        """A piece ended that had the models for itself."""
        known = self._seen(kind, taken_s)
        usual_s = taken_s if known.alone_s == math.inf else known.alone_s
        known.alone_s = usual_s + NEWEST * (taken_s - usual_s)
        known.cost_s = min(known.cost_s, known.alone_s)

    def beside(self, kind: Hashable, taken_s: float, busy_s: float) -> None:
        """A piece ended among others, `busy_s` after the end before it."""
        self._seen(kind, taken_s)
        self._ends[kind] += 1
        self._busy_s += busy_s
        if self._ends.total() == ENDS:
            self._correct()

    def _seen(self, kind: Hashable, taken_s: float) -> Known:
        known = self._known.setdefault(kind, Known(taken_s, taken_s))
        known.fastest_s = min(taken_s, known.fastest_s + FORGOTTEN * (taken_s - known.fastest_s))
        return known

    def _correct(self) -> None:
        missed_s = self._busy_s - sum(count * self._known[kind].cost_s for kind, count in self._ends.items())
        length = sum(count**2 for count in self._ends.values())
        for kind, count in self._ends.items():
            known = self._known[kind]
            cost_s = known.cost_s + CORRECTED * missed_s * count / length
            known.cost_s = min(max(cost_s, LEAST * known.fastest_s), known.alone_s)
        self._ends.clear()
        self._busy_s = 0.0

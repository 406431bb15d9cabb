"""Whether work that is wanted by a certain time can be done by then: what cannot is refused before it begins.

What is in hand goes through the same models, and what is due first is taken to be done first: a client's deadline is
weighed against the costs of all work that is due before it. Nothing is known of a kind that was never seen, so it is
begun.
"""

import contextlib
import itertools
import math
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from models.errors import VitrineError
from serve_app.conductor.costs import Costs

LEAST_LEFT = 0.1  # of its cost: work that takes longer than foreseen is not done yet
MARGIN = 1.1  # costs scatter


class NoTimeError(VitrineError):
    """The work cannot be done by the time at which it is wanted; `later_s` in whole seconds."""

    def __init__(self, needs_s: float, left_s: float) -> None:
        self.later_s = max(1, math.ceil(needs_s - left_s))
        super().__init__(
            f"with the work before it this takes about {needs_s:.1f} s, and {max(left_s, 0.0):.1f} s are left; "
            f"ask again in {self.later_s} s, or with more time"
        )


@dataclass(frozen=True)
class Wanted:
    """`by`: time.monotonic() after which nobody wants the result; `urgent`: somebody waits, so it goes first."""

    by: float = math.inf
    urgent: bool = True

    @classmethod
    def until(cls, deadline: float | None, urgent: bool) -> "Wanted":
        """`deadline`: seconds since 1970, None: none."""
        return cls(math.inf if deadline is None else time.monotonic() + deadline - time.time(), urgent)


@dataclass(eq=False)
class InHand:
    """Work that has begun; `had_s`: how long it was the first in line."""

    kind: Hashable
    wanted: Wanted
    began: float
    had_s: float = 0.0

    @property
    def place(self) -> tuple[bool, float, float]:
        """In the line of what is done first."""
        return not self.wanted.urgent, self.wanted.by, self.began


class Foresight:
    """One per conductor."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._costs = Costs()
        self._in_hand: list[InHand] = []
        self._looked_at = clock()
        self._since = dict.fromkeys((True, False), clock())  # by urgency: the last end, or a beginning after a pause

    @contextlib.contextmanager
    def begun(self, kind: Hashable, wanted: Wanted) -> Iterator[None]:
        """Around one piece of work; raises NoTimeError when it, or other work because of it, would be late."""
        self._look()
        work = InHand(kind, wanted, self._clock())
        self._check(work)
        if not self._beside(work):
            self._since[wanted.urgent] = work.began
        self._in_hand.append(work)
        try:
            yield
            self._learn(work)
        finally:
            self._look()
            self._in_hand.remove(work)

    def _look(self) -> None:
        """The time since the last look went to the first in line."""
        now = self._clock()
        if self._in_hand:
            min(self._in_hand, key=lambda work: work.place).had_s += now - self._looked_at
        self._looked_at = now

    def _learn(self, work: InHand) -> None:
        now, urgent = self._clock(), work.wanted.urgent
        busy_s, taken_s = now - self._since[urgent], now - work.began
        if busy_s == taken_s and not self._beside(work):
            self._costs.alone(work.kind, taken_s)
        else:
            self._costs.beside(work.kind, taken_s, busy_s)
        self._since[urgent] = now

    def _beside(self, work: InHand) -> bool:
        """Whether other work as urgent is in hand."""
        return any(other is not work and other.wanted.urgent == work.wanted.urgent for other in self._in_hand)

    def _check(self, work: InHand) -> None:
        if work.wanted.by == math.inf or work.kind not in self._costs:
            return
        others = [other for other in self._in_hand if other.wanted.urgent or not work.wanted.urgent]
        before = dict(self._ends(others))
        after = self._ends([*others, work])
        now, left_s = self._clock(), work.wanted.by - self._clock()
        for other, end in after:
            if other is work and end > other.wanted.by:
                raise NoTimeError(end - now, left_s)
            if other is not work and before[other] <= other.wanted.by < end:
                raise NoTimeError(left_s + end - other.wanted.by, left_s)

    def _ends(self, works: Sequence[InHand]) -> list[tuple[InHand, float]]:
        """When each is done if what is due first is done first."""
        due, now = sorted(works, key=lambda work: work.place), self._clock()
        lengths = itertools.accumulate(self._left_s(work) for work in due)
        return [
            (work, max(now + MARGIN * length, work.began + self._costs.of(work.kind).fastest_s))
            for work, length in zip(due, lengths, strict=True)
        ]

    def _left_s(self, work: InHand) -> float:
        cost_s = self._costs.of(work.kind).cost_s
        return max(cost_s - work.had_s, LEAST_LEFT * cost_s)

"""How far a run is: what the progress display shows and what the last line says."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Tally:
    """`total` distinct articles; `before` of them were done by an earlier call; `states` counts the rest by status."""

    total: int
    before: int = 0
    in_flight: int = 0
    pictures: int = 0
    states: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    stage_seconds: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        return self.before + self.states.total()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def per_minute(self) -> float | None:
        """Articles per minute of this call; None before the first."""
        return 60.0 * self.states.total() / self.seconds if self.states else None

    @property
    def seconds_left(self) -> float | None:
        rate = self.per_minute
        return 60.0 * (self.total - self.done) / rate if rate else None

    def count(self, records: list[dict[str, Any]]) -> None:
        """Takes the records of one finished article."""
        self.states[status_of(records)] += 1
        self.pictures += sum(record.get("image_path") is not None for record in records)
        for record in records:
            for stage, seconds in (record.get("timings") or {}).items():
                self.stages[stage] += 1
                self.stage_seconds[stage] += seconds


Show = Callable[[Tally], None]


def status_of(records: list[dict[str, Any]]) -> str:
    """The status of an article: that of its best colourway."""
    order = ("succeeded", "needs_answer", "rejected", "failed")
    return min((str(record["status"]) for record in records), key=order.index)

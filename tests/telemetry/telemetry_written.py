"""What a block writes of metrics."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from models.telemetry.metrics import Metric, forget, record


@dataclass
class Written:
    numbers: list[tuple[Metric, float, dict[str, str]]] = field(default_factory=list)

    def __call__(self, metric: Metric, value: float, tags: dict[str, str]) -> None:
        self.numbers.append((metric, value, dict(tags)))

    def of(self, metric: Metric) -> list[tuple[float, dict[str, str]]]:
        return [(value, tags) for found, value, tags in self.numbers if found is metric]


@contextlib.contextmanager
def written() -> Iterator[Written]:
    told = Written()
    record(told)
    try:
        yield told
    finally:
        forget(told)

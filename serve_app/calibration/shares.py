"""Shares that were counted, with their intervals."""

from dataclasses import dataclass

from scipy.special import betaincinv

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of`, with the exact interval after Clopper and Pearson."""

    count: int
    of: int

    @property
    def rate(self) -> float:
        """0 where nothing was counted."""
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        tail = (1 - CONFIDENCE) / 2
        low = float(betaincinv(self.count, self.of - self.count + 1, tail)) if self.count else 0.0
        high = float(betaincinv(self.count + 1, self.of - self.count, 1 - tail)) if self.count < self.of else 1.0
        return low, high

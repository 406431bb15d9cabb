"""Whether a figure grows over a long test: Theil-Sen slope with its interval, and what that means for an hour."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import theilslopes

CONFIDENCE = 0.95
WARM_UP = 1 / 6  # of the samples: caches and allocators fill at first
NO_GROWTH = 0.02  # per hour, of the median: below it a day adds less than one half


@dataclass(frozen=True)
class Trend:
    """Of one figure: its median, and change per hour as shares of it, with the interval's two ends."""

    median: float
    per_hour: float
    least: float
    most: float

    @property
    def grows(self) -> bool:
        """Surely, by more than is allowed: the whole interval lies above it."""
        return self.least > NO_GROWTH


def trend(at_s: Sequence[float], values: Sequence[float]) -> Trend:
    """Of samples in the order of time, the first ones left out as warm-up; raises ValueError for fewer than eight."""
    first = int(WARM_UP * len(values))
    times, found = np.asarray(at_s[first:]) / 3600.0, np.asarray(values[first:], dtype=float)
    if len(found) < 8:
        raise ValueError(f"{len(values)} samples tell no trend; ten are needed, so sample more often or longer")
    slope, _, least, most = theilslopes(found, times, CONFIDENCE)
    median = float(np.median(found))
    scale = median or 1.0
    return Trend(median, float(slope) / scale, float(least) / scale, float(most) / scale)

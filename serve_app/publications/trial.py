"""Whether one variant of a picture does better than another, with an interval that holds however often one looks.

Of variants shown side by side with equal rates, each success is the first one's with the probability of its share of
the impressions. A mixture over that probability is a martingale (Robbins 1970), so the values that it does not refute
at a level are an interval for all times at once: a trial may be looked at after every event and stopped at will.
"""

from dataclasses import dataclass
from math import log
from typing import Literal

from scipy.optimize import brentq
from scipy.special import betaln

ALPHA = 0.05  # of a trial that is ever decided although the variants are alike
TUNED = 200.0  # successes at which the interval is narrowest for its level; a pilot has some hundreds
ALIKE = 0.05  # a ratio within 5 % of one is no reason to change a picture
EDGE = 1e-9

State = Literal["open", "better", "worse", "alike"]


@dataclass(frozen=True, slots=True)
class Arm:
    """`successes` of `impressions`; `share`: how often it was to be shown, against the other."""

    impressions: int
    successes: int
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """`ratio`: the arm's rate over the other's, None where nothing was seen, with its interval for all times."""

    ratio: float | None
    low: float
    high: float | None  # None: without end

    @property
    def state(self) -> State:
        if self.low > 1.0:
            return "better"
        if self.high is not None and self.high < 1.0:
            return "worse"
        if self.low >= 1 - ALIKE and self.high is not None and self.high <= 1 + ALIKE:
            return "alike"
        return "open"


def compared(arm: Arm, other: Arm, alpha: float = ALPHA) -> Comparison:
    """The arm's rate of success over the other's; `alpha` is what the interval may miss, over all looks together."""
    if not arm.impressions or not other.impressions or not arm.successes + other.successes:
        return Comparison(None, 0.0, None)
    per_impression = other.impressions / arm.impressions
    low, high = (_ratio(theta, per_impression) for theta in _interval(arm, other, alpha))
    ratio = arm.successes / other.successes * per_impression if other.successes else None
    return Comparison(ratio, low or 0.0, high)


def _interval(arm: Arm, other: Arm, alpha: float) -> tuple[float, float]:
    """Of the probability that a success is the arm's."""
    planned = arm.share / (arm.share + other.share)
    ours, theirs = TUNED * planned, TUNED * (1 - planned)
    mixed = betaln(ours + arm.successes, theirs + other.successes) - betaln(ours, theirs)

    def over(theta: float) -> float:
        """Evidence against a probability, above what the level asks for."""
        found = mixed - arm.successes * log(theta) - other.successes * log(1 - theta)
        return float(found + log(alpha))

    best = min(max(arm.successes / (arm.successes + other.successes), EDGE), 1 - EDGE)
    low = brentq(over, EDGE, best) if over(EDGE) > 0 else 0.0
    high = brentq(over, best, 1 - EDGE) if over(1 - EDGE) > 0 else 1.0
    return low, high


def _ratio(theta: float, per_impression: float) -> float | None:
    return None if theta >= 1.0 else theta / (1 - theta) * per_impression

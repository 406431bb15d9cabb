"""The loosest limit of a check whose false accepts stay below a target."""

import math
from dataclasses import dataclass

import numpy as np

from models.errors import VitrineError
from serve_app.calibration.curve import Labels, Values, fitted
from serve_app.calibration.limits import Limit
from serve_app.calibration.shares import CONFIDENCE, Share

STEPS = 20  # limits tried from half of the pictures on; each further one costs the interval a little of its coverage
LIKELY = 0.5  # below it a picture is rejected more often than accepted, whatever the target would bear
LEAST_REJECTED = 10  # fewer pictures that were found wrong say nothing about where wrong begins


class TooFewError(VitrineError):
    """The decisions do not suffice for a limit."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A limit, and what it does to the pictures that it was chosen by: of those let through the ones that the seller
    found wrong, of those found right the ones that it stops."""

    threshold: float
    false_accepts: Share
    false_rejects: Share


def enough(target: float) -> int:
    """How many pictures without a single false accept show that their rate is below the target."""
    return math.ceil(math.log((1 - CONFIDENCE) / 2) / math.log1p(-target))


def chosen(values: Values, accepted: Labels, limit: Limit, target: float) -> Chosen:
    """The loosest limit whose false-accept rate is surely below the target, and that lets nothing through which sellers
    more often reject than accept; raises TooFewError.

    `STEPS` limits are tried, from the strictest that lets half of the pictures through to the loosest, and the first
    whose interval reaches above the target ends it. Which are tried follows from the values alone, and nothing behind
    the first failure is looked at, so a limit above the target is taken with a chance of (1 - CONFIDENCE) / 2 at most
    (fixed-sequence testing); the second condition can only make it stricter.
    """
    rejected, least = int((~accepted).sum()), enough(target)
    if rejected < LEAST_REJECTED:
        raise TooFewError(f"{_pictures(rejected)} rejected for it; {LEAST_REJECTED} show where wrong begins")
    if len(values) < least:
        raise TooFewError(f"{_pictures(len(values))} decided; a rate below {target:g} takes {least} at least")
    order = np.argsort(-values if limit.larger_is_better else values, kind="stable")
    values, accepted = values[order], accepted[order]
    likely = fitted(values, accepted, limit.larger_is_better).at(values) >= LIKELY
    end = min(_surely_below(values, accepted, max(least, len(values) // 2), target), int(likely.sum()))
    wrong, right = int((~accepted[:end]).sum()), int(accepted.sum())
    return Chosen(_between(values, end), Share(wrong, end), Share(right - (end - wrong), right))


def _surely_below(values: Values, accepted: Labels, first: int, target: float) -> int:
    """How many of the sorted values the loosest limit lets through whose interval stays below the target."""
    best, wrong = 0, np.cumsum(~accepted)
    for step in np.linspace(first, len(values), STEPS).round().astype(int):
        end = _level(values, int(step))
        share = Share(int(wrong[end - 1]), end)
        if share.interval[1] > target:
            if best == 0:
                said = f"{share.count} of the {end} best were rejected for it"
                raise TooFewError(f"{said}; no limit that lets half of the pictures through is surely below {target:g}")
            break
        best = end
    return best


def _level(values: Values, end: int) -> int:
    """Equal values stay together: those like the last one are let through too."""
    return int(np.flatnonzero(values == values[end - 1])[-1]) + 1


def _between(values: Values, end: int) -> float:
    """Half way to the next value, and no further than what was seen."""
    return float(values[end - 1] if end == len(values) else (values[end - 1] + values[end]) / 2)


def _pictures(count: int) -> str:
    return f"{count} picture{'' if count == 1 else 's'}"

"""What decisions say about one check: its values, the limits of then, and what the seller found right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from serve_app.calibration.curve import Labels, Values
from serve_app.calibration.decided import Decided
from serve_app.calibration.limits import LIMITS, measured


@dataclass(frozen=True, slots=True)
class Sample:
    """In the order of the decisions; `thresholds` are those that the pictures were judged by."""

    values: Values
    thresholds: Values
    accepted: Labels


def sample(check: str, decisions: Sequence[Decided]) -> Sample:
    """The decisions from which something is known about a check."""
    found = [
        (value, one.verdict[check].threshold, right)
        for one in decisions
        if (value := measured(check, one.verdict.get(check))) is not None and (right := label(check, one)) is not None
    ]
    return Sample(
        np.array([value for value, _, _ in found], dtype=np.float64),
        np.array([threshold for _, threshold, _ in found], dtype=np.float64),
        np.array([right for _, _, right in found], dtype=np.bool_),
    )


def label(check: str, one: Decided) -> bool | None:
    """Whether the seller found this right. A rejection tells of what it names only: of the rest nobody knows whether
    the seller still looked."""
    if one.approved:
        return True
    return False if check in one.checks else None


def let_through(check: str, found: Sample) -> Values:
    """1 where the check let a picture through when it was judged, else 0: the verdict's own claim."""
    limit = LIMITS[check]
    pairs = zip(found.values, found.thresholds, strict=True)
    return np.array([float(limit.lets_through(value, threshold)) for value, threshold in pairs])

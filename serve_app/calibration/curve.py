"""From a check's value to the probability that a seller accepts (isotonic regression), and how reliable that is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from serve_app.calibration.shares import Share

Values = NDArray[np.float64]
Labels = NDArray[np.bool_]
FOLDS = 5
BINS = 10  # of probability, equally wide
SEED = 0  # of the split into folds: the same decisions give the same figures


@dataclass(frozen=True, slots=True)
class Curve:
    """Knots with ascending values; between them straight lines, beyond them the last probability."""

    values: tuple[float, ...]
    probabilities: tuple[float, ...]

    def at(self, values: Values) -> Values:
        return np.interp(values, self.values, self.probabilities)


@dataclass(frozen=True, slots=True)
class Bin:
    """Pictures of about the same predicted probability: its mean, and how many of them were accepted."""

    predicted: float
    accepted: Share


def fitted(values: Values, accepted: Labels, rising: bool) -> Curve:
    """The monotone curve of least squared error; `rising`: larger values are better."""
    distinct, where = np.unique(values, return_inverse=True)
    weights = np.bincount(where).astype(float)
    means = np.bincount(where, weights=accepted.astype(float)) / weights
    level = isotonic_regression(means, weights=weights, increasing=rising).x
    edge = np.flatnonzero(np.diff(level))
    kept = np.unique(np.concatenate([[0], edge, edge + 1, [len(level) - 1]]))
    return Curve(tuple(map(float, distinct[kept])), tuple(map(float, level[kept])))


def held_out(values: Values, accepted: Labels, rising: bool) -> Values:
    """For every value the probability by the curve of the other folds."""
    fold = np.random.default_rng(SEED).permutation(len(values)) % FOLDS
    predicted = np.empty(len(values))
    for number in range(FOLDS):
        here = fold == number
        predicted[here] = fitted(values[~here], accepted[~here], rising).at(values[here])
    return predicted


def reliability(predicted: Values, accepted: Labels) -> list[Bin]:
    """The bins that hold anything, from the lowest probability on."""
    place = np.minimum((predicted * BINS).astype(int), BINS - 1)
    return [
        Bin(float(predicted[place == one].mean()), Share(int(accepted[place == one].sum()), int((place == one).sum())))
        for one in np.unique(place)
    ]


def calibration_error(bins: list[Bin]) -> float:
    """Mean distance between what was predicted and what was accepted (expected calibration error)."""
    total = sum(one.accepted.of for one in bins)
    return sum(one.accepted.of / total * abs(one.predicted - one.accepted.rate) for one in bins)

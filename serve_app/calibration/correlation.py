"""How far a score goes along with the sellers' decisions."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.special import ndtri

from serve_app.calibration.shares import CONFIDENCE

LEAST = 4  # pairs; Fisher's interval divides by the root of three less


class Correlation(BaseModel):
    """Point-biserial correlation of a score with approval, with Fisher's interval; `of` pictures."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    r: float
    interval: tuple[float, float]
    of: int


def correlation(pairs: Sequence[tuple[float, bool]]) -> Correlation | None:
    """None where it is not defined: one of the two never varies, or hardly anything was decided."""
    scores = np.array([score for score, _ in pairs])
    approved = np.array([float(yes) for _, yes in pairs])
    if len(pairs) < LEAST or np.ptp(scores) == 0 or np.ptp(approved) == 0:
        return None
    r = float(np.corrcoef(scores, approved)[0, 1])
    away = float(ndtri((1 + CONFIDENCE) / 2)) / np.sqrt(len(pairs) - 3)
    centre = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    low, high = np.tanh([centre - away, centre + away])
    return Correlation(r=round(r, 4), interval=(round(float(low), 4), round(float(high), 4)), of=len(pairs))

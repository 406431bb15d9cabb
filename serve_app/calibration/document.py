"""A calibration: limits learnt from decisions, the weights they hold for, and what is known of each."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from models.errors import VitrineError
from serve_app.calibration.correlation import Correlation
from serve_app.calibration.shares import Share


class CalibrationError(VitrineError):
    """Nothing can be calibrated from these decisions, or a file is no calibration."""


class Document(BaseModel):
    """Whatever a calibration holds is finite and known."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Count(Document):
    """A share that was counted."""

    count: int = Field(ge=0)
    of: int = Field(ge=0)

    @property
    def share(self) -> Share:
        return Share(self.count, self.of)


class Check(Document):
    """One check's limit. `false_accepts`: of the pictures that it lets through, those that the seller found wrong, with
    the `interval` of their rate; `false_rejects`: of the pictures that the seller found right, those that it stops.

    `curve`: value -> probability that the seller accepts, ascending; `ece`: expected calibration error of the verdict's
    own pass and fail before, and of the curve on held-out folds after.
    """

    limit: str
    threshold: float
    was: float
    accepted: int
    rejected: int
    false_accepts: Count
    interval: tuple[float, float]
    false_rejects: Count
    ece_before: float
    ece_after: float
    curve: list[tuple[float, float]]


class Calibration(Document):
    """What `vitrine calibrate` writes. `models`: role -> digest of the weights it holds for; `through`: its newest
    decision; `unnamed`: rejections that name no check; `disagreements`: of verdict and seller under these limits."""

    made: dt.date
    target: float = Field(gt=0, lt=1)
    confidence: float
    through: str
    decisions: int
    approved: int
    unnamed: int
    other_models: int
    models: dict[str, str]
    disagreements: Count
    correlation: dict[str, Correlation]
    checks: dict[str, Check]
    refused: dict[str, str]

    @property
    def thresholds(self) -> dict[str, float]:
        """Field of the verdict's limits -> its calibrated value."""
        return {check.limit: check.threshold for check in self.checks.values()}

"""A small classifier of drawn garments, for evaluation only; the renderer never saw its drawings."""

from models.starter.judge.judge import Judge
from models.starter.judge.labels import Verdict, expected

__all__ = ["Judge", "Verdict", "expected"]

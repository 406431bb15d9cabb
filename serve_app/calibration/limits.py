"""Which limit decides each check, on which side of it a picture passes, and what another limit would have said.

`framing` has three limits and one value, and the question for a front print reports its value only where it fails:
neither can be learnt from what a verdict keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.questions import WEAVES
from serve_app.calibration.decided import Seen

State = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A field of the verdict's `Thresholds`; `unsure_below`: a value that is let through there says nothing yet."""

    field: str
    larger_is_better: bool
    unsure_below: float | None = None

    def lets_through(self, value: float, threshold: float) -> bool:
        return value >= threshold if self.larger_is_better else value <= threshold

    def state(self, value: float, threshold: float) -> State:
        """As the check itself says it."""
        if not self.lets_through(value, threshold):
            return "fail"
        return "unknown" if self.unsure_below is not None and value < self.unsure_below else "pass"


LIMITS: dict[str, Limit] = {
    "product_type": Limit("type_margin", True, unsure_below=0.0),
    "colours": Limit("colour_delta_e", False),
    "pattern": Limit("pattern_margin", True, unsure_below=0.0),
    "sleeve": Limit("sleeve_margin", True, unsure_below=0.0),
    "neckline": Limit("neckline_margin", True, unsure_below=0.0),
    "audience": Limit("audience_margin", True, unsure_below=0.0),
    "motif": Limit("motif_margin", True, unsure_below=0.0),
    "background": Limit("white_share", True),
    "whole": Limit("cut_run", False),
    "one_garment": Limit("piece_area", False),
    "sharpness": Limit("sharpness", True),
    "artefacts": Limit("stray_area", False),
    "no_humans": Limit("people_margin", True, unsure_below=0.0),
}


def measured(check: str, seen: Seen | None) -> float | None:
    """The value that this check's limit decides on; None where something else decided."""
    if seen is None or seen.value is None or seen.threshold is None or check not in LIMITS:
        return None
    if check == "pattern" and seen.expected not in WEAVES:
        return None
    # A colour can be near enough and yet nearer to another one's swatch: no distance limit lets that through.
    if seen.state == "fail" and LIMITS[check].lets_through(seen.value, seen.threshold):
        return None
    return seen.value


def restated(verdict: Mapping[str, Seen], thresholds: Mapping[str, float]) -> dict[str, State]:
    """check -> what it would have said under other limits; `thresholds` by field, those not named stay."""
    return {check: _restated(check, seen, thresholds) for check, seen in verdict.items()}


def passes(verdict: Mapping[str, Seen], thresholds: Mapping[str, float]) -> bool:
    """Whether no check fails."""
    return "fail" not in restated(verdict, thresholds).values()


def _restated(check: str, seen: Seen, thresholds: Mapping[str, float]) -> State:
    value = measured(check, seen)
    if value is None or LIMITS[check].field not in thresholds:
        return seen.state
    return LIMITS[check].state(value, thresholds[LIMITS[check].field])

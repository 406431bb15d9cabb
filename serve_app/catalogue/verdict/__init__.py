"""Does the picture show the article? One finding per attribute, and the deductive score out of ten."""

from collections.abc import Callable

from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict import captions, colour, frame, lettering, pieces
from serve_app.catalogue.verdict.evidence import Evidence, Thresholds

Check = Callable[[Evidence], Finding]

CHECKS: dict[str, Check] = {
    "product_type": captions.product_type,
    "colours": colour.check,
    "pattern": captions.pattern,
    "sleeve": captions.sleeve,
    "neckline": captions.neckline,
    "audience": captions.audience,
    "motif": captions.motif,
    "motif_text": lettering.motif_text,
    "background": frame.background,
    "framing": frame.framing,
    "whole": frame.whole,
    "one_garment": pieces.one_garment,
    "sharpness": pieces.sharpness,
    "artefacts": pieces.artefacts,
    "no_humans": captions.no_humans,
}
# A wrong type or a missing element of the design, then what spoils a picture of the right article.
DEDUCTIONS = {
    **dict.fromkeys(("product_type", "pattern", "sleeve", "neckline", "audience", "motif", "motif_text"), 1.5),
    **dict.fromkeys(("whole", "one_garment", "no_humans"), 1.5),
    **dict.fromkeys(("background", "framing", "sharpness", "artefacts"), 0.5),
}
COLOUR_DEDUCTION = (0.5, 1.5)  # just beyond the limit, at twice the limit and further
PASS_SCORE = 8.5
EXCELLENT_SCORE = 9.5

__all__ = ["CHECKS", "EXCELLENT_SCORE", "PASS_SCORE", "Check", "Evidence", "Thresholds", "judge", "score_of"]


def judge(evidence: Evidence) -> dict[str, Finding]:
    """Every attribute's finding; what cannot be told is `unknown`, never a silent pass."""
    return {name: check(evidence) for name, check in CHECKS.items()}


def score_of(verdict: dict[str, Finding]) -> float:
    """0-10 by deduction from 10; `unknown` deducts nothing and stays visible in the verdict."""
    score = 10.0
    for name, finding in verdict.items():
        if finding.state != "fail":
            continue
        score -= _colour_deduction(finding) if name == "colours" else DEDUCTIONS.get(name, 0.0)
    return round(max(0.0, score), 2)


def _colour_deduction(finding: Finding) -> float:
    least, most = COLOUR_DEDUCTION
    if finding.value is None or not finding.threshold:
        return most
    beyond = min(1.0, max(0.0, finding.value / finding.threshold - 1.0))
    return least + (most - least) * beyond

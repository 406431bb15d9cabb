"""Checks of type, pattern, background and framing; each takes the evidence and returns one finding."""

import numpy as np
from scipy import ndimage

from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict.evidence import Evidence

WHITE_GAP = 1 / 16  # of the side: nearer to the garment its contact shadow may lie


def product_type(evidence: Evidence) -> Finding:
    """The caption with the stated type against captions that differ in the type alone."""
    return _against_rivals(
        evidence.attributes.product_type, evidence.type_scores, evidence.thresholds.type_margin, "type"
    )


def pattern(evidence: Evidence) -> Finding:
    """The caption with the stated pattern against captions with another pattern in its place."""
    stated = next((word for word in evidence.attributes.pattern if word in evidence.pattern_scores), None)
    return _against_rivals(stated, evidence.pattern_scores, evidence.thresholds.pattern_margin, "pattern")


def _against_rivals(stated: str | None, scores: dict[str, float], margin: float, what: str) -> Finding:
    if stated is None or stated not in scores or len(scores) < 2:
        return Finding(state="unknown", reason=f"the listing states no {what} that the scorer can tell apart")
    rival, best = max(((word, score) for word, score in scores.items() if word != stated), key=lambda pair: pair[1])
    lead = scores[stated] - best
    passed = lead >= margin
    return Finding(
        state="pass" if passed else "fail",
        expected=stated,
        value=round(lead, 3),
        threshold=margin,
        unit="caption score over the best rival",
        reason=f"reads as {stated if passed else rival}; next is {rival if passed else stated}",
    )


def background(evidence: Evidence) -> Finding:
    """Share of exactly white pixels of the delivered picture away from the garment."""
    pixels = evidence.delivered.pixels
    away = ndimage.distance_transform_edt(evidence.mask.alpha <= 127) > WHITE_GAP * max(pixels.shape[:2])
    if not away.any():
        return Finding(state="unknown", reason="the garment leaves no background to look at")
    share = float(np.mean(np.all(pixels[away] == 255, axis=-1)))
    limit = evidence.thresholds.white_share
    return Finding(
        state="pass" if share >= limit else "fail",
        expected="pure white",
        value=round(share, 5),
        threshold=limit,
        unit="share of 255,255,255",
        reason=f"{share:.2%} of the background is exactly white",
    )


def framing(evidence: Evidence) -> Finding:
    """Fill, centring and not cut off, from the mask's box."""
    limits = evidence.thresholds
    if evidence.box is None:
        return Finding(state="fail", expected="one garment", reason="no garment was found in the picture")
    height, width = evidence.mask.alpha.shape
    x0, y0, x1, y1 = evidence.box
    fill = max((x1 - x0) / width, (y1 - y0) / height)
    shift = max(abs((x0 + x1) / 2 - width / 2) / width, abs((y0 + y1) / 2 - height / 2) / height)
    faults = [
        text
        for wrong, text in (
            (x0 == 0 or y0 == 0 or x1 == width or y1 == height, "cut off at the edge"),
            (fill < limits.fill_min, f"fills only {fill:.0%}"),
            (fill > limits.fill_max, f"fills {fill:.0%}"),
            (shift > limits.centre_shift, f"off centre by {shift:.0%}"),
        )
        if wrong
    ]
    return Finding(
        state="fail" if faults else "pass",
        expected="whole and centred",
        value=round(fill, 4),
        threshold=limits.fill_min,
        unit="longest side over the picture's side",
        reason="; ".join(faults) or f"whole, centred, fills {fill:.0%}",
    )

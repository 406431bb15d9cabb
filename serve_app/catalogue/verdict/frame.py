"""Checks of background and framing: pure white, well filled and centred, not cut off at an edge."""

import numpy as np
from scipy import ndimage

from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict.evidence import NO_GARMENT, Evidence
from serve_app.catalogue.verdict.layout import EDGE

GERMAN = {"top": "oben", "bottom": "unten", "left": "links", "right": "rechts"}
WHITE_GAP = 1 / 16  # of the side: nearer to the garment its contact shadow may lie


def background(evidence: Evidence) -> Finding:
    """Share of exactly white pixels of the delivered picture away from the garment."""
    pixels = evidence.delivered.pixels
    away = ndimage.distance_transform_edt(~evidence.solid) > WHITE_GAP * max(pixels.shape[:2])
    if not away.any():
        return Finding(
            state="unknown",
            reason="the garment leaves no background to look at",
            reason_de="der Artikel lässt keinen Hintergrund frei",
        )
    share = float(np.mean(np.all(pixels[away] == 255, axis=-1)))
    limit = evidence.thresholds.white_share
    return Finding(
        state="pass" if share >= limit else "fail",
        expected="pure white",
        value=round(share, 5),
        threshold=limit,
        unit="share of 255,255,255",
        reason=f"{share:.2%} of the background is exactly white",
        reason_de=f"{share:.2%} des Hintergrunds sind reinweiß",
    )


def framing(evidence: Evidence) -> Finding:
    """Fill and centring, from the mask's box."""
    limits = evidence.thresholds
    if evidence.box is None:
        return Finding(state="fail", expected="one garment", reason=NO_GARMENT[0], reason_de=NO_GARMENT[1])
    height, width = evidence.solid.shape
    x0, y0, x1, y1 = evidence.box
    fill = max((x1 - x0) / width, (y1 - y0) / height)
    shift = max(abs((x0 + x1) / 2 - width / 2) / width, abs((y0 + y1) / 2 - height / 2) / height)
    tests = (
        (fill < limits.fill_min, f"fills only {fill:.0%}", f"füllt nur {fill:.0%}"),
        (fill > limits.fill_max, f"fills {fill:.0%}", f"füllt {fill:.0%}"),
        (shift > limits.centre_shift, f"off centre by {shift:.0%}", f"um {shift:.0%} aus der Mitte"),
    )
    faults = [(english, german) for wrong, english, german in tests if wrong]
    said = faults or [(f"centred, fills {fill:.0%}", f"in der Mitte, füllt {fill:.0%}")]
    return Finding(
        state="fail" if faults else "pass",
        expected="filled and centred",
        value=round(fill, 4),
        threshold=limits.fill_min,
        unit="longest side over the picture's side",
        reason="; ".join(english for english, _ in said),
        reason_de="; ".join(german for _, german in said),
    )


def whole(evidence: Evidence) -> Finding:
    """What stands along an edge of the picture: a garment that goes on beyond it is cut off."""
    shown, limit = evidence.shown, evidence.thresholds.cut_run
    edges = {"top": shown[:EDGE], "bottom": shown[-EDGE:], "left": shown[:, :EDGE].T, "right": shown[:, -EDGE:].T}
    runs = {name: float(band.any(axis=0).mean()) for name, band in edges.items()}
    worst = max(runs, key=runs.__getitem__)
    cut = runs[worst] > limit
    return Finding(
        state="fail" if cut else "pass",
        expected="whole",
        value=round(runs[worst], 4),
        threshold=limit,
        unit="share of an edge",
        reason=f"cut off at the {worst}" if cut else "whole",
        reason_de=f"{GERMAN[worst]} abgeschnitten" if cut else "vollständig",
    )

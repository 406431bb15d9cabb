"""Checks of what lies beside the garment, and how sharp it is: one piece, nothing stray."""

import numpy as np
from scipy import ndimage

from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict.evidence import NO_GARMENT, Evidence


def one_garment(evidence: Evidence) -> Finding:
    """The largest thing apart from the garment, as a share of it."""
    found, limit = evidence.layout, evidence.thresholds.piece_area
    share = found.share(found.apart[0]) if found.apart else 0.0
    return Finding(
        state="fail" if share > limit else "pass",
        expected="one garment",
        value=round(share, 4),
        threshold=limit,
        unit="area of the next piece over the garment's",
        reason=f"a second piece of {share:.0%} of the garment's area" if share > limit else "one piece",
        reason_de=f"ein zweites Teil von {share:.0%} der Fläche des Artikels" if share > limit else "ein Teil",
    )


def artefacts(evidence: Evidence) -> Finding:
    """Marks beside the garment, as a share of it."""
    found, limits = evidence.layout, evidence.thresholds
    marks = found.share(sum(area for area in found.apart if found.share(area) <= limits.piece_area))
    return Finding(
        state="fail" if marks > limits.stray_area else "pass",
        expected="clean backdrop",
        value=round(marks, 4),
        threshold=limits.stray_area,
        unit="area of marks over the garment's",
        reason=f"marks beside the garment, {marks:.1%} of its area",
        reason_de=f"Flecken neben dem Artikel, {marks:.1%} seiner Fläche",
    )


def sharpness(evidence: Evidence) -> Finding:
    """Fine over coarse detail on the garment and its outline: a ratio that contrast and colour leave alone."""
    grey = evidence.rendered.pixels.astype(np.float32).mean(axis=-1)
    unit = max(grey.shape) / 256
    around = ndimage.binary_dilation(evidence.solid, iterations=max(1, round(3 * unit)))
    if not around.any():
        return Finding(state="unknown", reason=NO_GARMENT[0], reason_de=NO_GARMENT[1])
    near, far = ndimage.gaussian_filter(grey, unit), ndimage.gaussian_filter(grey, 4 * unit)
    ratio = float((grey - near)[around].std() / max(1e-3, (near - far)[around].std()))
    limit = evidence.thresholds.sharpness
    return Finding(
        state="pass" if ratio >= limit else "fail",
        expected="sharp",
        value=round(ratio, 4),
        threshold=limit,
        unit="fine over coarse detail",
        reason=f"{'sharp' if ratio >= limit else 'blurred'}: fine detail is {ratio:.2f} of coarse detail",
        reason_de=f"{'scharf' if ratio >= limit else 'unscharf'}: feine Zeichnung ist {ratio:.2f} der groben",
    )

"""Is the stated colour the garment's colour? CIEDE2000 inside the mask."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from models.vocabulary import vocabulary
from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict.evidence import Evidence

EVEN = frozenset({"solid", "melange", "acid wash", "jacquard", "burn-out"})  # one colour with texture: the median tells
CLUSTERS = 4  # base, second colour, print, shadow
Lab = NDArray[np.float64]


def distance(lab: Lab, colour: str) -> float:
    """CIEDE2000 of one Lab value to a vocabulary colour's swatch."""
    swatch = rgb2lab(np.array(vocabulary().rgb(colour), dtype=np.uint8)[None, None])[0, 0]
    return float(deltaE_ciede2000(lab, swatch))


def garment_colours(evidence: Evidence) -> list[tuple[Lab, float]]:
    """Colours of the garment as (Lab, share of its area), largest first; one for even fabrics, clusters otherwise."""
    lab = rgb2lab(evidence.rendered.pixels)[evidence.inside]
    stated = evidence.attributes
    if len(stated.colours) <= 1 and set(stated.pattern) <= EVEN:
        return [(np.median(lab, axis=0), 1.0)]
    row = Image.fromarray(evidence.rendered.pixels[evidence.inside][None])
    labels = np.asarray(row.quantize(CLUSTERS, method=Image.Quantize.MEDIANCUT, kmeans=2))[0]
    clusters = [(np.median(lab[labels == i], axis=0), float(np.mean(labels == i))) for i in np.unique(labels)]
    return sorted(clusters, key=lambda cluster: -cluster[1])


def check(evidence: Evidence) -> Finding:
    """Base colours must cover a share of the garment; contrast, layer and stripe colours must appear at all."""
    stated = [colour for colour in evidence.attributes.colours if colour.role != "print"]
    limits = evidence.thresholds
    if not stated:
        return Finding(state="unknown", reason="the listing states no colour of the garment")
    if evidence.mask.quality < limits.mask_quality or not evidence.inside.any():
        return Finding(state="unknown", reason=f"the garment's mask is uncertain ({evidence.mask.quality:.2f})")
    present = garment_colours(evidence)
    worst, worst_name = 0.0, stated[0].value
    for colour in stated:
        least = limits.colour_share if colour.role in {"base", "unknown"} else 0.0
        nearest = min(distance(lab, colour.value) for lab, share in present if share >= least or share == present[0][1])
        if nearest >= worst:
            worst, worst_name = nearest, colour.value
    passed = worst <= limits.colour_delta_e
    return Finding(
        state="pass" if passed else "fail",
        expected=", ".join(f"{colour.value} ({colour.role})" for colour in stated),
        value=round(worst, 2),
        threshold=limits.colour_delta_e,
        unit="CIEDE2000",
        reason=f"{worst_name}: {'within' if passed else 'off by'} {worst:.1f} of its swatch inside the garment",
    )

"""Is the stated colour the garment's colour? CIEDE2000 inside the mask, against the colour's region in CIELAB."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from models.vocabulary import vocabulary
from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict.evidence import Evidence

EVEN = frozenset({"solid", "melange", "acid wash", "jacquard", "burn-out"})  # one colour with texture: the median tells
CLUSTERS = 4  # base, second colour, print, shadow
LOOKED_AT = 4096  # pixels of the garment; more tell nothing new
TRIM = 0.005  # of the garment: the least area that shows a contrast or a layer
Lab = NDArray[np.float64]


@dataclass(frozen=True)
class Tone:
    """A colour that the garment shows, and the share of its area that has it."""

    lab: Lab
    share: float


@cache
def shades(colour: str, wide: bool) -> tuple[str, ...]:
    """The vocabulary's colours that a stated name covers; `wide`: a plain name covers its shades."""
    regions: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("shades.toml").read_text("utf-8"))
    return tuple(regions.get(colour, [colour])) if wide else (colour,)


def distances(lab: Lab) -> dict[str, float]:
    """CIEDE2000 of one Lab value to every swatch of the vocabulary."""
    names, swatches = _swatches()
    away = np.asarray(deltaE_ciede2000(np.broadcast_to(lab, swatches.shape), swatches))
    return dict(zip(names, away.tolist(), strict=True))


def tones(evidence: Evidence) -> list[Tone]:
    """Colours of the garment, largest share first; one for even fabrics, clusters otherwise."""
    pixels = _cloth(evidence)
    lab = rgb2lab(pixels[None])[0]
    stated = evidence.attributes
    if len(stated.colours) <= 1 and set(stated.pattern) <= EVEN:
        return [Tone(np.median(lab, axis=0), 1.0)]
    quantised = Image.fromarray(pixels[None]).quantize(CLUSTERS, method=Image.Quantize.MEDIANCUT, kmeans=2)
    labels = np.asarray(quantised)[0]
    found = [Tone(np.median(lab[labels == i], axis=0), float(np.mean(labels == i))) for i in np.unique(labels)]
    return sorted(found, key=lambda tone: -tone.share)


def trim(evidence: Evidence, colour: str) -> Tone:
    """The pixels that are nearest to a colour: piping and cuffs are too small for a cluster of their own."""
    lab = rgb2lab(_cloth(evidence)[None])[0]
    names, swatches = _swatches()
    covered = [names.index(name) for name in shades(colour, evidence.thresholds.shades)]
    away = np.min([deltaE_ciede2000(lab, np.broadcast_to(swatches[row], lab.shape)) for row in covered], axis=0)
    near = np.argsort(away)[: max(1, round(TRIM * len(lab)))]
    return Tone(np.median(lab[near], axis=0), float(np.mean(away <= evidence.thresholds.colour_delta_e)))


@dataclass(frozen=True)
class Reading:
    """How one stated colour fares: the nearest tone, its distance to the colour's region, what it reads as."""

    colour: str
    tone: Tone
    distance: float
    other: str
    lead: float

    def passes(self, evidence: Evidence) -> bool:
        limits = evidence.thresholds
        return self.distance <= limits.colour_delta_e and self.lead <= limits.colour_lead

    def said(self, passed: bool) -> str:
        kind = "within" if passed else f"reads as {self.other}, off by"
        return f"{self.colour}: {kind} {self.distance:.1f} on {self.tone.share:.0%} of the garment"

    def said_in_german(self, passed: bool) -> str:
        kind = "bis auf" if passed else f"eher {self.other}, Abstand"
        return f"{self.colour}: {kind} {self.distance:.1f} auf {self.tone.share:.0%} des Artikels"


def read(evidence: Evidence, colour: str, tones: Iterable[Tone]) -> Reading:
    """The tone that is nearest to a stated colour; `lead`: by how much another colour is nearer to that tone."""
    covered = shades(colour, evidence.thresholds.shades)
    readings = []
    for tone in tones:
        away = distances(tone.lab)
        own = min(away[name] for name in covered)
        other = min((name for name in away if name not in covered), key=away.__getitem__)
        readings.append(Reading(colour, tone, own, other, own - away[other]))
    return min(readings, key=lambda reading: reading.distance)


def check(evidence: Evidence) -> Finding:
    """Base colours must cover a share of the garment; contrast, layer and stripe colours must appear at all."""
    stated = [colour for colour in evidence.attributes.colours if colour.role != "print"]
    limits = evidence.thresholds
    if not stated:
        return Finding(
            state="unknown",
            reason="the listing states no colour of the garment",
            reason_de="die Beschreibung nennt keine Farbe des Artikels",
        )
    if evidence.mask.quality < limits.mask_quality or not evidence.inside.any():
        quality = f"({evidence.mask.quality:.2f})"
        return Finding(
            state="unknown",
            reason=f"the garment's mask is uncertain {quality}",
            reason_de=f"die Maske des Artikels ist unsicher {quality}",
        )
    present = tones(evidence)
    broad = [tone for tone in present if tone.share >= limits.colour_share] or present[:1]
    readings = [
        read(evidence, one.value, broad if one.role in {"base", "unknown"} else [trim(evidence, one.value)])
        for one in stated
    ]
    passed = {reading.colour: reading.passes(evidence) for reading in readings}
    worst = max(readings, key=lambda reading: (not passed[reading.colour], reading.distance))
    return Finding(
        state="pass" if all(passed.values()) else "fail",
        expected=", ".join(f"{colour.value} ({colour.role})" for colour in stated),
        value=round(worst.distance, 2),
        threshold=limits.colour_delta_e,
        unit="CIEDE2000",
        reason="; ".join(reading.said(passed[reading.colour]) for reading in readings),
        reason_de="; ".join(reading.said_in_german(passed[reading.colour]) for reading in readings),
    )


def _cloth(evidence: Evidence) -> NDArray[np.uint8]:
    pixels = evidence.rendered.pixels[evidence.inside]
    return pixels[:: max(1, len(pixels) // LOOKED_AT)]


@cache
def _swatches() -> tuple[tuple[str, ...], Lab]:
    names = tuple(vocabulary().colours)
    rows = np.array([vocabulary().rgb(name) for name in names], dtype=np.uint8)
    return names, rgb2lab(rows[None])[0]

"""The background: exactly white, or of a lightness and neutrality that the profile's word stands for."""

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from models.domain import Pixels
from serve_app.delivery.profile import Ground, Range, Rules
from serve_app.delivery.ruling import Ruling, State, said
from serve_app.delivery.subject import Subject

WHITE = 97.0  # CIE L*; (247, 247, 247): what a screen shows as white beside a white page
LIGHT = 80.0  # CIE L*; (198, 198, 198)
NEUTRAL = 6.0  # CIE chroma; below this a light surface shows no hue
SAMPLE = 20_000  # pixels that are measured at most
RIM = 0.02  # of the side: where the background is looked at when nobody knows where the product lies
LIGHTNESS: dict[Ground, Range] = {
    "white": Range(least=WHITE),
    "light": Range(least=LIGHT),
    "light_neutral": Range(least=LIGHT),
    "light_grey": Range(least=LIGHT, most=WHITE),
}


def background(subject: Subject, rules: Rules) -> Ruling | None:
    """The pixels more than 16 px from the product, or the picture's rim where the product is not known."""
    if rules.background is None:
        return None
    rule = "white_exact" if rules.background == "pure_white" else "background"
    if subject.clear > 0:
        share = f"{subject.clear:.1%}"
        reason = said(f"{share} des Bildes sind durchsichtig", f"{share} of the picture are transparent")
        return Ruling(rule=rule, state="fail", value=round(1 - subject.clear, 4), least=1, reason=reason)
    known = subject.away is not None
    pixels = subject.pixels[subject.away] if subject.away is not None else _rim(subject.pixels)
    if pixels.size == 0:
        reason = said("Das Produkt lässt keinen Hintergrund frei", "the product leaves no background to look at")
        return Ruling(rule=rule, state="unknown", reason=reason)
    return _white_exact(pixels, known) if rules.background == "pure_white" else _light(pixels, rules.background)


def _rim(pixels: Pixels) -> Pixels:
    width = max(1, round(RIM * min(pixels.shape[:2])))
    sides = (pixels[:width], pixels[-width:], pixels[:, :width], pixels[:, -width:])
    return np.concatenate([side.reshape(-1, 3) for side in sides])


def _white_exact(pixels: Pixels, known: bool) -> Ruling:
    off = int(np.count_nonzero((pixels != 255).any(axis=1)))
    # A rim that is white here and there may be one that a product covers.
    state: State = "pass" if known and off == 0 else "fail" if known or off > len(pixels) / 2 else "unknown"
    reason = said(
        f"{off} von {len(pixels)} Bildpunkten des Hintergrunds sind nicht genau 255",
        f"{off} of {len(pixels)} pixels of the background are not exactly 255",
    )
    return Ruling(rule="white_exact", state=state, value=off, most=0, unit="px", reason=reason)


def _light(pixels: Pixels, kind: Ground) -> Ruling:
    bounds = LIGHTNESS[kind]
    lab: NDArray[np.float64] = rgb2lab(pixels[:: max(1, len(pixels) // SAMPLE)][None])[0]
    dark = round(float(np.percentile(lab[:, 0], 5)), 1)  # the background's own shadows, without single specks
    chroma = round(float(np.percentile(np.hypot(lab[:, 1], lab[:, 2]), 95)), 1)
    tinted = kind != "light" and chroma > NEUTRAL
    good = bounds.holds(dark) and not tinted
    names = {"white": "weiß", "light": "hell", "light_neutral": "hell und neutral", "light_grey": "hellgrau"}
    reason = said(
        f"Helligkeit {dark:g}, Buntheit {chroma:g}; verlangt: {names[kind]}",
        f"lightness {dark:g}, chroma {chroma:g}; wanted: {kind.replace('_', ', ')}",
    )
    return Ruling(
        rule="background",
        state="pass" if good else "fail",
        value=chroma if tinted else dark,
        least=None if tinted else bounds.least,
        most=NEUTRAL if tinted else bounds.most,
        unit="C*" if tinted else "L*",
        reason=reason,
    )

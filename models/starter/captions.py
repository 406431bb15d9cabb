"""Captions of drawn garments, in the words that the prompts of a listing use."""

import numpy as np

from models.starter.drawing.garment import Garment
from models.vocabulary import vocabulary

WEAVES = (
    "melange", "striped", "checked", "dots", "floral", "animal", "all-over print", "acid wash", "burn-out",
    "space-dye", "jacquard",
)  # fmt: skip
BACKDROPS = {
    "white": "on a pure white background",
    "grey": "on a grey studio backdrop",
    "room": "in a room on a wooden floor",
}
MEDIA = {"photo": "catalogue photo", "sketch": "pencil sketch"}
SYNONYMS = {"t-shirt": "jersey top", "blouse": "blouse top"}
SYNONYM_CHANCE = 0.15  # rare enough that the plain name stays the stronger one


def colour_clause(base: str, second: str | None, role: str | None) -> str:
    """The colours as one phrase: "beige with dark blue stripes", "black and orange"."""
    if second is None:
        return base
    if role == "block":
        return f"{base} and {second} colour-block"
    if role is None:
        return f"{base} and {second}"
    said = {"stripe": "stripes", "check": "checks"}.get(role, role)
    return f"{base} with {second} {said}"


def _name(garment: Garment, rng: np.random.Generator, vary: bool) -> str:
    kind = garment.type
    if vary and kind in SYNONYMS and rng.random() < SYNONYM_CHANCE:
        kind = SYNONYMS[kind]
    return f"{vocabulary().audiences[garment.audience]} {kind}"


def _article(words: str) -> str:
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"


def _print(garment: Garment) -> list[str]:
    """The front print and its motif; an all-over print only names what is repeated."""
    named = [f"{garment.motif} motif"] if garment.motif not in (None, "graphic", "lettering") else []
    if garment.motif == "lettering":
        named = ["lettering"]
    if garment.front_print is None:
        return named
    return [vocabulary().phrase("print" if garment.pattern == "print" else "placement print"), *named]


def generation_caption(garment: Garment, rng: np.random.Generator, vary: bool = True) -> str:
    """The detailed prompt that this garment's picture would answer; `vary` drops and reorders what may be left out."""
    phrase = vocabulary().phrase

    def kept(chance: float) -> bool:
        return not vary or rng.random() < chance

    parts = [phrase(garment.pattern)] if garment.pattern in WEAVES else []
    if garment.pattern == "solid" and vary and rng.random() < 0.3:
        parts.append("solid")
    cut = [phrase(value) for value in (garment.sleeve, garment.neckline) if value and kept(0.85)]
    extras = _print(garment) + [phrase(d) for d in (garment.decoration,) if d] + [phrase(d) for d in garment.details]
    if vary and rng.random() < 0.15:
        cut, extras = extras, cut
    if vary and rng.random() < 0.15:
        cut.reverse()
    lead = f"{MEDIA[garment.style]} of {_article(_name(garment, rng, vary))}"
    colours = colour_clause(garment.base, garment.second, garment.second_role)
    tail = ["laid flat"] * kept(0.85) + ["centred"] * kept(0.85)
    backdrop = BACKDROPS[garment.backdrop]
    if garment.backdrop != "white" or kept(0.9):
        tail.append(backdrop)
    return ", ".join([lead, colours, *parts, *cut, *extras, *tail])


def scoring_caption(garment: Garment, rng: np.random.Generator, vary: bool = False) -> str:
    """The short text a scorer compares the picture with: "a dark blue melange men's t-shirt with short sleeves"."""
    phrase = vocabulary().phrase
    joined = (
        f"{garment.base} and {garment.second}" if garment.second_role in (None, "stripe", "check", "block") else None
    )
    colours = joined if joined and garment.second else garment.base
    weave = f" {phrase(garment.pattern)}" if garment.pattern in (*WEAVES, "colour-block") else ""
    # Prompts list "sleeveless" as a feature; the plainer adjective is taught beside it.
    bare = garment.sleeve == "sleeveless" and vary and rng.random() < 0.5
    lead = _article(f"{colours}{weave}{' sleeveless' if bare else ''} {_name(garment, rng, vary)}")
    features = [phrase(value) for value in (None if bare else garment.sleeve, garment.neckline) if value]
    if garment.second and garment.second_role in ("contrast", "layer", "print"):
        features.append(f"{garment.second} {garment.second_role}")
    features += [*_print(garment), *(phrase(d) for d in (garment.decoration, *garment.details) if d)]
    if vary:
        features = [feature for feature in features if rng.random() < 0.8]
    if not features:
        return lead
    listed = features[0] if len(features) == 1 else f"{', '.join(features[:-1])} and {features[-1]}"
    return f"{lead} with {listed}"

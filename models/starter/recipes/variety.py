"""Garments that no shop lists: one attribute is anything that can be drawn, as in a picture that went wrong."""

from dataclasses import replace

import numpy as np

from models.starter.drawing import Garment, held_out, sample
from models.starter.drawing.sampling import NECKLINES, SLEEVES
from models.starter.recipes.negatives import Attribute, a_rival, wrong
from models.vocabulary import vocabulary

CHANGED: dict[Attribute, float] = {"neckline": 0.58, "sleeve": 0.14, "pattern": 0.14, "type": 0.14}  # how often each
ALIKE = ("crew", "crew with v-notch", "henley", "polo collar", "kent collar", "shirt collar")  # differ in few pixels
OFTENER = 3.0  # how much likelier one of these is drawn than another neckline


def varied(rng: np.random.Generator) -> Garment:
    """A garment of the training combinations with one attribute changed."""
    while held_out(garment := _changed(sample(rng), rng)):
        pass
    return garment


def usual_cut(garment: Garment) -> bool:
    """Whether its type comes with this sleeve and neckline; a shirt without sleeves may be taken for another type."""
    chosen = (garment.sleeve, SLEEVES), (garment.neckline, NECKLINES)
    return all(value is None or value in known.get(garment.type, {}) for value, known in chosen)


def _changed(garment: Garment, rng: np.random.Generator) -> Garment:
    attribute: Attribute = rng.choice(list(CHANGED), p=list(CHANGED.values()))
    if attribute == "type":  # cut as that type usually is, in the cloth of this one
        other = sample(rng)
        return replace(garment, type=other.type, sleeve=other.sleeve, neckline=other.neckline, details=other.details)
    if attribute == "neckline" and garment.neckline is not None:
        return wrong(garment, attribute, _neckline(rng))
    value = a_rival(garment, attribute, rng)
    return garment if value is None else wrong(garment, attribute, value)


def _neckline(rng: np.random.Generator) -> str:
    known = vocabulary().necklines
    weights = np.array([OFTENER if value in ALIKE else 1.0 for value in known])
    return str(rng.choice(known, p=weights / weights.sum()))

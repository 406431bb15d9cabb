"""Captions that are wrong about one attribute of a garment: what the scorer must rank below the right one."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab

from models.starter.drawing import Garment
from models.starter.drawing.garment import PRINTED
from models.vocabulary import vocabulary

Attribute = Literal["type", "colour", "pattern", "sleeve", "neckline", "second"]
ATTRIBUTES: tuple[Attribute, ...] = ("type", "colour", "pattern", "sleeve", "neckline", "second")
# Words that can name the same drawing: wrong only about a word, not about what is seen.
ALIKE_TYPES: dict[str, dict[str, str]] = {
    "t-shirt": {"long": "long-sleeve top", "3/4": "long-sleeve top", "sleeveless": "tank top"},
}
ALIKE_PATTERNS = (frozenset(PRINTED), frozenset({"animal", "all-over print"}))
NEAR = 4.0  # how much likelier the nearest colour is drawn as a rival than a far one


def drawn_types() -> list[str]:
    """The silhouettes, in the vocabulary's order."""
    return list(dict.fromkeys(entry.drawn_as for entry in vocabulary().types.values()))


def rivals(garment: Garment, attribute: Attribute) -> list[str]:
    """The values that would be false about the drawing in place of its own."""
    known = vocabulary()
    if attribute == "type":
        namesake = ALIKE_TYPES.get(garment.type, {}).get(garment.drawn_sleeve or "")
        return [kind for kind in drawn_types() if kind not in (garment.type, namesake)]
    if attribute == "colour":
        return [name for name in known.colours if name not in (garment.base, garment.second)]
    if attribute == "second":
        return [name for name in known.colours if name not in (garment.base, garment.second)] if garment.second else []
    if attribute == "pattern":
        alike = next((group for group in ALIKE_PATTERNS if garment.pattern in group), frozenset[str]())
        return [name for name in drawn_patterns() if name != garment.pattern and name not in alike]
    if attribute == "sleeve":
        return [name for name in known.sleeves if name != garment.drawn_sleeve] if garment.sleeve else []
    return [name for name in known.necklines if name != garment.drawn_neckline] if garment.neckline else []


@cache
def drawn_patterns() -> tuple[str, ...]:
    """The patterns that the body of a garment is drawn with."""
    from models.starter.drawing.sampling import PATTERNS

    return tuple(PATTERNS)


def wrong(garment: Garment, attribute: Attribute, value: str) -> Garment:
    """The garment that a caption wrong about one attribute describes."""
    changes: dict[Attribute, Callable[[], Garment]] = {
        "type": lambda: replace(garment, type=value),
        "colour": lambda: replace(garment, base=value),
        "second": lambda: replace(garment, second=value),
        "pattern": lambda: _patterned(garment, value),
        "sleeve": lambda: replace(garment, sleeve=value),
        "neckline": lambda: replace(garment, neckline=value),
    }
    return changes[attribute]()


def _patterned(garment: Garment, pattern: str) -> Garment:
    """Another pattern; a print goes with the pattern that it belonged to, a second colour keeps its word."""
    motif = "graphic" if pattern in PRINTED else None
    if garment.pattern not in PRINTED and garment.front_print is not None:
        motif = garment.motif
    return replace(garment, pattern=pattern, motif=motif)


def a_rival(garment: Garment, attribute: Attribute, rng: np.random.Generator) -> str | None:
    """One rival value, near colours more often than far ones; None when the garment has none."""
    values = rivals(garment, attribute)
    if not values:
        return None
    if attribute not in ("colour", "second"):
        return str(rng.choice(values))
    own = garment.base if attribute == "colour" else garment.second
    weights = np.array([1.0 + NEAR * np.exp(-((distance(str(own), value) / 15.0) ** 2)) for value in values])
    return str(rng.choice(values, p=weights / weights.sum()))


@cache
def distance(one: str, other: str) -> float:
    """CIEDE2000 between the swatches of two colours."""
    lab = [rgb2lab(np.array(vocabulary().rgb(name), dtype=float) / 255.0) for name in (one, other)]
    return float(deltaE_ciede2000(lab[0], lab[1]))

"""Draws plausible garments: broad over the vocabulary, weighted towards what a fashion retailer lists."""

from dataclasses import replace
from typing import Literal

import numpy as np

from models.starter.drawing.garment import ANIMALS, PRINTED, SILHOUETTES, Backdrop, Decoration, Garment, SecondRole
from models.vocabulary import vocabulary

# Weights are relative; common articles come more often, the rest often enough to be learnt.
TYPES = {
    "t-shirt": 24, "shirt": 11, "blouse": 10, "long-sleeve top": 9, "polo shirt": 8, "tank top": 7, "sweatshirt": 5,
    "hoodie": 5, "knit jumper": 4, "cardigan": 4, "jacket": 4, "dress": 5, "skirt": 3, "trousers": 4, "shorts": 3,
}  # fmt: skip
AUDIENCES = {"men": 34, "women": 32, "boys": 11, "girls": 12, "unisex_kids": 6, "baby": 5}
PATTERNS = {
    "solid": 30, "melange": 17, "striped": 11, "checked": 7, "placement print": 14, "all-over print": 7, "floral": 4,
    "dots": 3, "animal": 3, "colour-block": 4, "print": 5, "acid wash": 2, "burn-out": 2, "space-dye": 2, "jacquard": 2,
}  # fmt: skip
MOTIF_CHOICES = {"graphic": 3.0, "lettering": 4.0, **dict.fromkeys(SILHOUETTES, 1.0)}
SLEEVES: dict[str, dict[str, float]] = {
    "t-shirt": {"short": 8, "cap": 1, "3/4": 1, "long": 1, "sleeveless": 0.5},
    "long-sleeve top": {"long": 8, "3/4": 2},
    "polo shirt": {"short": 6, "long": 2},
    "shirt": {"long": 4, "short": 4},
    "blouse": {"long": 4, "3/4": 3, "short": 3, "sleeveless": 1.5, "cap": 1},
    "tank top": {"sleeveless": 1},
    "dress": {"short": 4, "sleeveless": 4, "long": 2, "3/4": 1, "cap": 1},
    "hoodie": {"long": 8, "short": 1},
    **{kind: {"long": 1.0} for kind in ("sweatshirt", "knit jumper", "cardigan", "jacket")},
}
COLLARLESS: dict[str, float] = {
    "crew": 8, "v-neck": 4, "scoop": 2, "boat": 1.5, "henley": 2, "crew with v-notch": 1.5, "square": 1,
    "turtleneck": 1, "elasticated off-shoulder": 0.7,
}  # fmt: skip
NECKLINES: dict[str, dict[str, float]] = {
    "t-shirt": COLLARLESS,
    "long-sleeve top": COLLARLESS,
    "polo shirt": {"polo collar": 1},
    "shirt": {"kent collar": 5, "stand-up collar": 1},
    "blouse": {"shirt collar": 5, "v-neck": 4, "crew": 2, "stand-up collar": 1.5, "elasticated off-shoulder": 1.5},
    "tank top": {"crew": 3, "scoop": 3, "v-neck": 2, "square": 1},
    "sweatshirt": {"crew": 6, "v-neck": 1, "stand-up collar": 1, "crew with v-notch": 1},
    "hoodie": {"hood": 1},
    "knit jumper": {"crew": 3, "v-neck": 3, "turtleneck": 3, "boat": 1},
    "cardigan": {"v-neck": 4, "crew": 2},
    "jacket": {"stand-up collar": 4, "hood": 1, "shirt collar": 1},
    "dress": {**COLLARLESS, "shirt collar": 2, "kent collar": 0.5},
}
BOTTOMS = ("skirt", "trousers", "shorts")
WOMENS = ("women", "girls")


def _choice(rng: np.random.Generator, weights: dict[str, float] | dict[str, int]) -> str:
    chances = np.array(list(weights.values()), dtype=float)
    return str(list(weights)[rng.choice(len(chances), p=chances / chances.sum())])


def _audience(rng: np.random.Generator, kind: str) -> str:
    if kind in ("blouse", "dress", "skirt"):
        return _choice(rng, {"women": 7, "girls": 3})
    return _choice(rng, AUDIENCES)


def _pattern(rng: np.random.Generator, kind: str) -> str:
    if kind == "shirt":
        return _choice(rng, {**PATTERNS, "checked": 45, "placement print": 2, "print": 2})
    if kind in (*BOTTOMS, "jacket", "cardigan", "knit jumper"):
        left_out = (*PRINTED, "colour-block") if kind in BOTTOMS else PRINTED
        return _choice(rng, {name: weight for name, weight in PATTERNS.items() if name not in left_out})
    return _choice(rng, PATTERNS)


def _motif(rng: np.random.Generator, pattern: str) -> str:
    if pattern == "animal":
        return str(rng.choice(ANIMALS))
    if pattern == "all-over print" and rng.random() < 0.8:
        return str(rng.choice(SILHOUETTES))
    return _choice(rng, MOTIF_CHOICES)


def _second(rng: np.random.Generator, garment: Garment) -> tuple[str | None, SecondRole | None]:
    """The other colour and what it is for; a pattern that lives from a second colour gets one more often."""
    colour = str(rng.choice([name for name in vocabulary().colours if name != garment.base]))
    of_pattern: dict[str, SecondRole] = {"striped": "stripe", "checked": "check", "colour-block": "block"}
    if garment.pattern == "colour-block" or (garment.pattern in of_pattern and rng.random() < 0.75):
        return colour, of_pattern[garment.pattern]
    if garment.pattern in (*PRINTED, "all-over print", "floral", "dots", "animal"):
        return (colour, "print") if rng.random() < 0.35 else (None, None)
    if rng.random() > 0.2 or garment.type in BOTTOMS:
        return None, None
    if garment.type in ("t-shirt", "long-sleeve top", "tank top", "sweatshirt") and rng.random() < 0.4:
        return colour, "layer"
    return (colour, "contrast") if rng.random() < 0.8 else (colour, None)


def _details(rng: np.random.Generator, garment: Garment) -> tuple[str, ...]:
    """Zero to two features that the type can carry."""
    if garment.type in BOTTOMS:
        return ("drawstring",) if garment.type != "skirt" and rng.random() < 0.3 else ()
    chances: dict[str, float] = {"rounded hem": 0.07}
    if garment.type in ("shirt", "t-shirt", "polo shirt") and garment.front_print is None:
        chances["chest pocket"] = 0.5 if garment.type == "shirt" else 0.18
    if garment.audience in WOMENS:
        chances |= {"ruffles": 0.07, "lace at neckline": 0.07, "knot at front": 0.07}
    if garment.second_role == "contrast":
        chances |= {"contrast cuffs": 0.3, "contrast side panels": 0.2, "contrast piping": 0.2}
    if garment.type in ("t-shirt", "long-sleeve top", "sweatshirt"):
        chances["raglan sleeves"] = 0.06
    if garment.type in ("hoodie", "sweatshirt", "jacket"):
        chances |= {"zip": 0.35, "drawstring": 0.15} if garment.type != "sweatshirt" else {"half zip": 0.15}
    if garment.audience == "baby":
        chances["press studs"] = 0.4
    chosen = [name for name, chance in chances.items() if rng.random() < chance]
    return tuple(str(name) for name in rng.permutation(chosen)[:2])


def _decoration(rng: np.random.Generator, garment: Garment) -> Decoration | None:
    if garment.type in BOTTOMS or garment.pattern in ("all-over print", "floral", "animal") or rng.random() > 0.12:
        return None
    kinds: tuple[Decoration, ...] = ("embroidery", "sequins", "rhinestones", "glitter", "applique")
    return kinds[int(rng.choice(5, p=np.array([5.0, 2.0, 2.0, 2.0, 3.0]) / 14))]


def _backdrop(rng: np.random.Generator) -> Backdrop:
    backdrops: tuple[Literal["white"], Literal["grey"], Literal["room"]] = ("white", "grey", "room")
    return backdrops[int(rng.choice(3, p=(0.85, 0.08, 0.07)))]


def sample(rng: np.random.Generator) -> Garment:
    """A plausible garment in photo style; every base colour is equally likely, held-out combinations included."""
    kind = _choice(rng, TYPES)
    sleeves, necklines = SLEEVES.get(kind), NECKLINES.get(kind)
    pattern = _pattern(rng, kind)
    # A melange or striped shirt may carry a front print too.
    printed = pattern in PRINTED or (
        pattern in ("melange", "striped", "acid wash") and kind in ("t-shirt", "sweatshirt", "hoodie", "tank top")
        and rng.random() < 0.35
    )  # fmt: skip
    garment = Garment(
        audience=_audience(rng, kind),
        type=kind,
        base=str(rng.choice(list(vocabulary().colours))),
        pattern=pattern,
        sleeve=_choice(rng, sleeves) if sleeves else None,
        neckline=_choice(rng, necklines) if necklines else None,
        motif=_motif(rng, pattern) if printed or pattern in ("all-over print", "animal") else None,
        backdrop=_backdrop(rng),
    )
    second, role = _second(rng, garment)
    coloured = replace(garment, second=second, second_role=role)
    return replace(coloured, details=_details(rng, coloured), decoration=_decoration(rng, coloured))

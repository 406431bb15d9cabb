"""What a drawn garment is: the attributes that a picture shows, in the words of the apparel vocabulary."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from models.vocabulary import vocabulary

SecondRole = Literal["contrast", "layer", "stripe", "check", "block", "print"]
Decoration = Literal["embroidery", "sequins", "rhinestones", "glitter", "applique"]
Backdrop = Literal["white", "grey", "room"]
Style = Literal["photo", "sketch"]

HELD_OUT_SHARE = 0.1  # enough combinations to measure on, few enough that every value stays well trained

PRINTED = ("placement print", "print")
SILHOUETTES = (
    "cat", "dog", "dinosaur", "butterfly", "flower", "leaf", "star", "heart", "car", "globe", "camera", "palm",
)  # fmt: skip
ANIMALS = ("cat", "dog", "dinosaur", "butterfly")
MOTIFS = ("graphic", "lettering", *SILHOUETTES)


@dataclass(frozen=True, slots=True)
class Garment:
    """One garment; `type` is a `drawn_as` value, None takes the vocabulary's default, `motif` asks for a front print.

    With `second` given and no `second_role` both colours are the article's own ("black and orange").
    """

    audience: str
    type: str
    base: str
    pattern: str = "solid"
    sleeve: str | None = None
    neckline: str | None = None
    second: str | None = None
    second_role: SecondRole | None = None
    motif: str | None = None
    decoration: Decoration | None = None
    details: tuple[str, ...] = ()
    backdrop: Backdrop = "white"
    style: Style = "photo"

    @property
    def drawn_sleeve(self) -> str | None:
        """The sleeve as drawn: the stated one, or the type's default; None for skirts and trousers."""
        return self.sleeve or vocabulary().types[self.type].default_sleeve

    @property
    def drawn_neckline(self) -> str | None:
        """The neckline as drawn: the stated one, or the type's default; None for skirts and trousers."""
        return self.neckline or vocabulary().types[self.type].default_neckline

    @property
    def front_print(self) -> str | None:
        """The motif printed on the front, or None; animals and all-over prints repeat theirs over the whole cloth."""
        if self.pattern in ("all-over print", "animal"):
            return None
        return self.motif or ("graphic" if self.pattern in PRINTED else None)


def held_out(garment: Garment) -> bool:
    """Whether (type, base colour, pattern) belongs to the combinations that no part of the pack trains on."""
    key = f"{garment.type}|{garment.base}|{garment.pattern}"
    first = hashlib.sha256(key.encode()).digest()[:4]
    return int.from_bytes(first, "big") < HELD_OUT_SHARE * 2**32

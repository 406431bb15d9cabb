"""The colours a garment is drawn in, and how far a companion stands from its base."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from models.starter.drawing.garment import Garment
from models.starter.drawing.pen import Field
from models.vocabulary import vocabulary

WHITE = np.array([244, 243, 240], np.float32)  # buttons, cords, lace
RASPBERRY = np.array([206, 62, 100], np.float32)


@cache
def swatch(colour: str) -> Field:
    """The sRGB of a colour of the vocabulary as float32, shape (3,)."""
    return np.array(vocabulary().rgb(colour), np.float32)


def luma(colour: Field) -> float:
    """Brightness 0-255."""
    return float(colour @ np.array([0.299, 0.587, 0.114], np.float32))


def companion(colour: Field, strength: float) -> Field:
    """A tone of the same cloth: darker for light colours, lighter for dark ones; strength 0-1."""
    target = np.array([40, 42, 52], np.float32) if luma(colour) > 118 else np.array([250, 249, 244], np.float32)
    return colour + (target - colour) * np.float32(strength)


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """`trim` dyes collar, cuffs and placket, `layer` the inner layer; both None when the garment has none."""

    base: Field
    second: Field
    printed: Field
    petal: Field
    trim: Field | None
    layer: Field | None

    @classmethod
    def of(cls, garment: Garment) -> "Palette":
        """The palette of a garment; patterns without a stated second colour take a tone of the base."""
        base = swatch(garment.base)
        stated = swatch(garment.second) if garment.second else None
        second = stated if stated is not None else companion(base, 0.55)
        printed = stated if stated is not None and garment.second_role == "print" else companion(base, 0.85)
        # Flowers of no stated colour are white on deep cloth and raspberry on pale cloth.
        petal = printed if garment.second_role == "print" else RASPBERRY if luma(base) > 150 else printed
        return cls(
            base, second, printed, petal,
            trim=stated if garment.second_role == "contrast" else None,
            layer=stated if garment.second_role == "layer" else None,
        )  # fmt: skip

"""sRGB and OKLab, where a shadow divides all three values and a hue stays straight (Ottosson 2020)."""

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]], np.float32,
)  # fmt: skip
TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]], np.float32,
)  # fmt: skip
FROM_LAB, FROM_LMS = np.linalg.inv(TO_LAB).astype(np.float32), np.linalg.inv(TO_LMS).astype(np.float32)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
STEPS = 4096  # of the table from linear light to sRGB: a step of the darkest is a third of a level
_CODED = np.linspace(0, 1, 256)
LINEAR = np.where(_CODED <= 0.04045, _CODED / 12.92, ((_CODED + 0.055) / 1.055) ** 2.4).astype(np.float32)
_ROOTS = np.linspace(0, 1, STEPS + 1) ** 2
CODED = (255 * np.where(_ROOTS <= 0.0031308, 12.92 * _ROOTS, 1.055 * _ROOTS ** (1 / 2.4) - 0.055)).astype(np.float32)


def to_oklab(pixels: NDArray[np.uint8]) -> Field:
    """sRGB levels (n, 3) to lightness 0-1 and the two axes of colour, (n, 3)."""
    return np.asarray(np.cbrt(LINEAR[pixels] @ TO_LMS.T) @ TO_LAB.T, np.float32)


def to_srgb(lab: Field) -> Field:
    """sRGB levels 0-255, not rounded; what no screen shows keeps its luminance and loses saturation."""
    linear = np.asarray((lab @ FROM_LAB.T) ** 3 @ FROM_LMS.T, np.float32)
    grey = np.clip(linear @ LUMINANCE, 0, 1)[:, None]
    away = linear - grey
    room = np.where(away > 0, 1 - grey, grey) / np.maximum(np.abs(away), 1e-6)
    shown = grey + away * np.minimum(1, room.min(axis=1, keepdims=True))
    return np.asarray(CODED[np.rint(np.sqrt(np.clip(shown, 0, 1)) * STEPS).astype(np.int32)])

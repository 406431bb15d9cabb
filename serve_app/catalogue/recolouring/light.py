"""One cloth's light and texture, laid on another tone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serve_app.catalogue.recolouring.cloth import Tone
from serve_app.catalogue.recolouring.oklab import Field

Hues = NDArray[np.complex64]

CONTRAST = 0.45  # power of the ratio of lightnesses: folds are deeper on light cloth, less so than light itself
KNEE = 3.0  # how late contrast gives way to the ends of the scale
FLARE = 0.2  # OKLab lightness: that of black cloth itself
WHITE, BLACK = 0.995, 0.1  # OKLab lightness of the brightest and the darkest cloth
COLOURED = (0.01, 0.04)  # OKLab saturation: below a cloth has no hue that its texture could follow, above it has
VIVID = 1.25  # most that texture may gain in saturation


@dataclass(frozen=True)
class Relit:
    """From the tone of a cloth to another one; both OKLab (3,)."""

    source: Tone
    target: Tone

    def __call__(self, lab: Field) -> Field:
        """Pixels of the cloth (n, 3) as they look on the other tone."""
        lifted = _flared(lab[:, 0]) - _flared(self.source[0])
        bright = min(self.gain, 1 / self.gain)  # gloss on dark cloth is little on light cloth
        lifted = self._bent(lifted * np.where(lifted > 0, bright, self.gain))
        lightness = np.sqrt(np.maximum(0, (_flared(self.target[0]) + lifted) ** 2 - FLARE**2))
        shade = np.minimum(1, lab[:, 0] / self.source[0])
        hues = self._hues(lightness, lab[:, 1] + 1j * lab[:, 2] - _hue(self.source) * shade)
        return np.stack([lightness, hues.real, hues.imag], axis=1).astype(np.float32)

    @property
    def gain(self) -> float:
        """How much deeper folds are on the other tone."""
        return float((_flared(self.target[0]) / _flared(self.source[0])) ** CONTRAST)

    def _bent(self, lifted: Field) -> Field:
        """Differences of lightness that come near to the ends of the scale and never reach them."""
        target = _flared(self.target[0])
        room = np.where(lifted > 0, _flared(WHITE) - target, target - _flared(BLACK))
        room = np.maximum(room, 1e-3)
        return np.asarray(lifted / (1 + (np.abs(lifted) / room) ** KNEE) ** (1 / KNEE), np.float32)

    def _hues(self, lightness: Field, texture: Hues) -> Hues:
        """The target's hue in light and shade, under the texture's own, which turns with it.

        What fades the source fades the target by the same share; on a cloth without hue, light alone fades it.
        """
        source, target = _hue(self.source), _hue(self.target)
        coloured = float(np.clip((abs(source) - COLOURED[0]) / (COLOURED[1] - COLOURED[0]), 0, 1))
        relative = texture / source if coloured else np.zeros_like(texture)
        faded = np.minimum(relative.real, 0)
        lit = np.clip((lightness - self.target[0]) / (WHITE - self.target[0]), 0, 1)
        shade = np.minimum(1, lightness / self.target[0])
        saturation = np.maximum(0, shade * (1 - (1 - coloured) * lit**2) + coloured * faded)
        bound = min(abs(target), VIVID * abs(source)) / max(abs(target), 1e-6)
        turned = coloured * bound * (relative - faded) * target
        plain = (1 - coloured) * min(1.0, float(self.source[0] / self.target[0])) * texture
        return np.asarray(saturation * target + turned + plain)


def _flared(lightness: Any) -> Any:
    """Lightness over stray light: without it a level or two near black would be as much as a fold."""
    return np.sqrt(np.square(lightness) + FLARE**2)


def _hue(tone: Tone) -> complex:
    return complex(float(tone[1]), float(tone[2]))

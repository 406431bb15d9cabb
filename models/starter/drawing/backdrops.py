"""What lies behind a garment: pure white, a grey studio sweep, or a room with a wooden floor."""

import numpy as np

from models.starter.drawing.garment import Backdrop
from models.starter.drawing.patterns import VARIANTS, noise
from models.starter.drawing.pen import Field


def backdrop(kind: Backdrop, size: int, rng: np.random.Generator) -> Field:
    """The backdrop as float sRGB, shape (size, size, 3)."""
    if kind == "white":
        return np.full((size, size, 3), 255, np.float32)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    if kind == "grey":
        glow = 168 - 46 * np.hypot(x - 0.5, y - 0.45)
        return np.repeat(glow[..., None], 3, -1)
    return _room(size, x, y, int(rng.integers(VARIANTS)))


def _room(size: int, x: Field, y: Field, seed: int) -> Field:
    """A pale wall above planks that run towards the viewer."""
    horizon = 0.34
    wall = np.array([222, 214, 202], np.float32) * (1.02 - 0.08 * np.abs(x - 0.4))[..., None]
    depth = np.clip(y - horizon, 1e-3, None) + 0.25
    plank = ((x - 0.5) / depth * 2.4 + 20) % 1.0
    gap = np.clip(np.minimum(plank, 1 - plank) * 22, 0.55, 1)
    tone = 1 + 0.10 * (np.floor((x - 0.5) / depth * 2.4 + 20) % 3 - 1) + 0.03 * noise(size, 2.5, 30, seed)
    floor = np.array([176, 128, 82], np.float32) * (tone * gap)[..., None]
    skirting = (y > horizon - 0.03)[..., None]
    above = np.where(skirting, np.array([240, 237, 230], np.float32), wall)
    return np.where((y > horizon)[..., None], floor, above).astype(np.float32)

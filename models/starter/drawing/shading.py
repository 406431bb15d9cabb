"""Light on cloth: soft folds, rounded edges, the shadow on the floor."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from models.starter.drawing.pen import DESIGN, Field

FOLDS = 24  # cached fold fields per kind of garment
BICUBIC = Image.Resampling.BICUBIC
COARSE = 64  # folds are soft: drawn small, then enlarged


def blurred(field: Field, radius: float) -> Field:
    """A Gaussian blur of a 0-1 field."""
    image = Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))
    if radius > 2:  # a wide blur has no detail to lose at half size
        half = image.reduce(2).filter(ImageFilter.BoxBlur(radius / 2)).filter(ImageFilter.BoxBlur(radius / 2))
        image = half.resize(image.size, Image.Resampling.BILINEAR)
    else:
        image = image.filter(ImageFilter.BoxBlur(radius)).filter(ImageFilter.BoxBlur(radius))
    return np.asarray(np.asarray(image, np.float32) / 255, np.float32)


@lru_cache(maxsize=4 * FOLDS)
def folds(size: int, kind: str, seed: int) -> Field:
    """Creases of a flat-laid top ("top"), skirt ("skirt") or trousers ("legs"), about 1.0, deviating by about 0.03."""
    rng = np.random.default_rng([seed, len(kind)])
    image = Image.new("F", (COARSE, COARSE), 0.0)
    ink = ImageDraw.Draw(image)
    lines = {"top": _top_creases, "skirt": _hanging, "legs": _hanging}[kind](rng)
    for (x0, y0, x1, y1), depth in lines:
        unit = COARSE / DESIGN
        ink.line([x0 * unit, y0 * unit, x1 * unit, y1 * unit], fill=depth, width=2)
    soft: Field = np.asarray(image, np.float32)
    for _ in range(3):
        padded = np.pad(soft, 1, mode="edge")
        shifted = [padded[i : i + COARSE, j : j + COARSE] for i in range(3) for j in range(3)]
        soft = np.asarray(np.add.reduce(shifted) / 9, np.float32)
    relief = soft - np.roll(soft, (1, 1), (0, 1)) * 0.9
    cloudy: Field = rng.standard_normal((6, 5)).astype(np.float32)
    broad: Field = np.asarray(Image.fromarray(cloudy).resize((size, size), BICUBIC))
    sharp: Field = np.asarray(Image.fromarray(relief.astype(np.float32)).resize((size, size), BICUBIC))
    return np.asarray(1 + 0.017 * broad + 0.8 * sharp, np.float32)


Crease = tuple[tuple[float, float, float, float], float]


def _top_creases(rng: np.random.Generator) -> list[Crease]:
    creases: list[Crease] = []
    for side in (-1, 1):
        for _ in range(3):
            x, y = 128 + side * rng.uniform(40, 52), rng.uniform(95, 118)
            length = rng.uniform(30, 60)
            creases.append(
                ((x, y, x - side * length * 0.8, y + length * rng.uniform(0.1, 0.7)), rng.uniform(-0.16, -0.06))
            )
        x = 128 + side * rng.uniform(14, 42)
        creases.append(((x, rng.uniform(130, 160), x + rng.uniform(-10, 10), 224), rng.uniform(-0.14, 0.1)))
        for _ in range(3):
            reach = rng.uniform(66, 100)
            x, y = 128 + side * reach, 70 + 1.4 * (reach - 60) + rng.uniform(-12, 12)
            creases.append(((x - side * 10, y - 4, x + side * 10, y + 6), rng.uniform(-0.16, -0.06)))
    return creases


def _hanging(rng: np.random.Generator) -> list[Crease]:
    return [
        ((x, rng.uniform(60, 110), 128 + (x - 128) * 1.35, 236), rng.uniform(-0.16, 0.1))
        for x in rng.uniform(84, 172, 9)
    ]


def volume(alpha: Field, unit: float) -> Field:
    """Rounding of the cloth towards its edges and light from the upper left, about 1.0 inside."""
    soft = blurred(alpha, 3.6 * unit)
    wide = blurred(alpha, 11.0 * unit)
    step = max(1, round(2 * unit))
    slope = np.roll(soft, (step, step), (0, 1)) - np.roll(soft, (-step, -step), (0, 1))
    near, far = np.clip((soft - 0.45) * 2.2, 0, 1), np.clip((wide - 0.4) * 1.8, 0, 1)
    rounded: Field = 0.83 + 0.12 * near + 0.06 * far - 0.11 * slope
    return rounded


def contact(alpha: Field, unit: float, strength: float) -> Field:
    """Factor on the background: the soft shadow close to the garment, shifted down and to the right."""
    down, right = round(3 * unit), round(2 * unit)
    soft = blurred(alpha, 4.0 * unit)
    shadow = np.ones_like(alpha)
    shadow[down:, right:] -= strength * soft[:-down, :-right]
    return shadow

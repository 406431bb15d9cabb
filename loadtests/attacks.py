"""Drawn garments, and what shops do to pictures: encode them again, shrink them, cut them."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image

from models.domain import Pixels
from models.starter.drawing.draw import STRAIGHT, Drawing, draw
from models.starter.drawing.garment import Garment
from models.starter.drawing.sampling import sample
from serve_app.catalogue.finishing import on_white

Attack = Callable[[Pixels, np.random.Generator], Pixels]
HELD_OUT = 9_000_000  # seeds that no recipe of the pack draws


def drawn(number: int, size: int) -> tuple[Garment, Drawing]:
    """A garment that no model has seen, and its drawing."""
    rng = np.random.default_rng(HELD_OUT + number)
    garment = sample(rng)
    return garment, draw(garment, rng, size, pose=STRAIGHT)


def garment(number: int, size: int) -> Pixels:
    """A drawn garment as it is delivered, on pure white."""
    _, drawing = drawn(number, size)
    return on_white(drawing.picture, drawing.mask).pixels


def encoded(pixels: Pixels, name: str, quality: int) -> Pixels:
    written = BytesIO()
    Image.fromarray(pixels).save(written, name, quality=quality)
    with Image.open(written) as picture:
        return np.asarray(picture.convert("RGB"))


def halved(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    return np.asarray(Image.fromarray(pixels).resize((width // 2, height // 2), Image.Resampling.LANCZOS))


def cropped(pixels: Pixels, rng: np.random.Generator, away: float = 0.3) -> Pixels:
    """A rectangle of the same shape somewhere in the picture, with `away` of its area cut off."""
    height, width = (int(side * (1 - away) ** 0.5) for side in pixels.shape[:2])
    top, left = rng.integers(0, pixels.shape[0] - height + 1), rng.integers(0, pixels.shape[1] - width + 1)
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


ATTACKS: dict[str, Attack] = {
    "JPEG 70": lambda pixels, _: encoded(pixels, "JPEG", 70),
    "WebP 80": lambda pixels, _: encoded(pixels, "WEBP", 80),
    "half size": lambda pixels, _: halved(pixels),
    "30 % crop": cropped,
}

"""Pictures brought to another size."""

import numpy as np
from PIL import Image

from models.domain import Picture, Pixels

MULTIPLE = 32  # pixels; what every renderer's sides are multiples of


def fitted(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """The largest (width, height) of about this aspect within `box`, in multiples that a renderer takes."""
    scale = min(box[0] / size[0], box[1] / size[1])
    width, height = (max(MULTIPLE, round(side * scale / MULTIPLE) * MULTIPLE) for side in size)
    return width, height


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """Stretched to (width, height)."""
    if picture.size == size:
        return picture
    return Picture(np.array(Image.fromarray(picture.pixels).resize(size, Image.Resampling.LANCZOS)))


def resized_mask(mask: Pixels, size: tuple[int, int]) -> Pixels:
    """A mask of 0 and 255, stretched."""
    levels = np.array(Image.fromarray(mask).resize(size, Image.Resampling.BILINEAR))
    return np.where(levels > 127, np.uint8(255), np.uint8(0))

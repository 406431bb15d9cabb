"""A picture's look in 64 bits, the same after another encoding or size: a difference hash in four parts of 16."""

import numpy as np
from PIL import Image

from models.domain import Pixels

SIDE = 8
FLAT = 2  # levels; a white background stays flat under JPEG's noise
PARTS = 4  # of two hashes that differ in less bits, at least one part is the same, and an index finds it
Look = tuple[int, int, int, int]


def look_of(pixels: Pixels) -> Look:
    """One bit per field of an 8 x 8 raster: whether it is darker than its left neighbour."""
    grey = Image.fromarray(pixels).convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    levels = np.asarray(grey, dtype=np.int16)
    darker = (levels[:, :-1] > levels[:, 1:] + FLAT).reshape(-1, PARTS)  # every part has bits of the whole picture
    one, two, three, four = (int.from_bytes(np.packbits(darker[:, part]).tobytes(), "big") for part in range(PARTS))
    return one, two, three, four


def distance(one: Look, other: Look) -> int:
    """Bits in which two looks differ, 0 to 64."""
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))

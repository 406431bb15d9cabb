"""What an edit leaves alone, and masks without holes."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.domain import Picture, Pixels


def masked(drawn: Picture, original: Picture, mask: Pixels | None) -> Picture:
    """The drawn picture where `mask` (uint8, height x width) is 128 and more, elsewhere the original's pixels; all of
    it without a mask."""
    if mask is None:
        return drawn
    pixels, kept = drawn.pixels.copy(), mask < 128
    pixels[kept] = original.pixels[kept]
    return Picture(pixels)


def filled(shown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With the holes that no way leads to from outside; labelling them is faster than growing into them."""
    holes, _ = ndimage.label(np.pad(~shown, 1, constant_values=True))
    return np.asarray(holes != holes[0, 0])[1:-1, 1:-1]

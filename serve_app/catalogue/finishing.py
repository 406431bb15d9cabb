"""From a rendered picture to the file that is delivered: pure white, PNG."""

from io import BytesIO

import numpy as np
from PIL import Image
from scipy import ndimage

from models.domain import Mask, Picture, Pixels

FEATHER = 1 / 64  # of the side: width of the ramp from garment to white; narrower shows the mask's steps
PNG_LEVEL = 1  # level 6 costs four times the CPU for about a tenth of the bytes (loadtests/RESULTS.md)


def on_white(picture: Picture, mask: Mask) -> Picture:
    """The garment as rendered on exactly 255 beyond a feathered rim outside the mask."""
    solid = mask.alpha > 127
    width = max(2.0, FEATHER * max(solid.shape))
    outside = ndimage.distance_transform_edt(~solid)
    ramp = np.clip(1.0 - (outside - 1.0) / width, 0.0, 1.0)[..., None]
    blended = 255.0 - (255.0 - picture.pixels) * ramp
    return Picture(np.rint(blended).astype(np.uint8))


def png(pixels: Pixels) -> bytes:
    """The pixels as PNG bytes without metadata; shape (height, width, 3), uint8."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=PNG_LEVEL)
    return buffer.getvalue()


def from_png(content: bytes) -> Pixels:
    """The pixels of a file that `png` wrote."""
    with Image.open(BytesIO(content), formats=["PNG"]) as picture:
        return np.asarray(picture)

"""How much of each pixel at a mask's edge the product covers, and the product's own colour there.

A pixel of the edge mixes the product's colour and the background's, both known from what lies next to it: where it
stands between the two says how much it shows of each. Where the two are alike, the mask alone says so.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from models.domain import Pixels
from serve_app.delivery.flooding import Bools, Box, box_of

DOUBT = 1 / 800  # of the side: standard deviation of what a mask's edge is off by
OUT, IN = 25, 230  # levels of the blurred mask: below none of the product, above nothing else; 1.3 DOUBT to each side
MARGIN = 70  # levels from OUT and from IN over which the picture's word begins and ends
NEAR = 4  # times DOUBT: from how far the colours of both sides are taken
FAINT = 8  # of 255: with less of a side near, its colour is not known
ALIKE, APART = 30.0, 75.0  # levels from the background's colour: up to here the mask decides, from there the picture
SHARP = 1.7  # times DOUBT in pixels: makes of the blurred mask's edge one of a pixel and a half
Levels = NDArray[np.float32]


def matte(pixels: Pixels, alpha: Pixels) -> tuple[Pixels, Pixels]:
    """RGB with the product's colour continued over its edge, and coverage, 0-255, both of the picture's size."""
    found, colours = np.where(alpha > 127, np.uint8(255), np.uint8(0)), pixels.copy()
    doubt = max(0.7, DOUBT * max(alpha.shape))
    x0, y0, x1, y1 = _around(found, room=round(4 * NEAR * doubt) + 2)
    here = np.s_[y0:y1, x0:x1]
    colours[here], found[here] = _matted(pixels[here], alpha[here], doubt)
    return colours, found


def _around(solid: Pixels, room: int) -> Box:
    """The product with what its edge is compared to; the rest need not be looked at."""
    height, width = solid.shape
    left, top, right, bottom = box_of(solid > 0) or (0, 0, width, height)
    return max(0, left - room), max(0, top - room), min(width, right + room), min(height, bottom + room)


def _matted(pixels: Pixels, alpha: Pixels, doubt: float) -> tuple[Pixels, Pixels]:
    blurred = np.asarray(Image.fromarray(alpha).filter(ImageFilter.GaussianBlur(doubt)))
    inside, outside = blurred >= IN, blurred <= OUT
    edge = ~(inside | outside)
    product, sure = _continued(pixels, inside, NEAR * doubt)
    behind, known = _continued(pixels, outside, NEAR * doubt)
    contrast, seen = (_distance(colours[edge], behind[edge]) for colours in (product, pixels))
    # Further from the background than the product next to it, such as a dark seam, is product as well.
    by_colour = np.clip(seen / np.maximum(contrast, 1), 0, 1)
    trust = np.clip((np.maximum(contrast, seen) - ALIKE) / (APART - ALIKE), 0, 1) * (sure & known)[edge]
    covered = blurred[edge].astype(np.float32)
    by_mask = np.clip(0.5 + (covered / 255 - 0.5) * SHARP * doubt, 0, 1)
    coverage = trust * by_colour + (1 - trust) * by_mask
    coverage = np.clip(coverage, (covered - IN + MARGIN) / MARGIN, (covered - OUT) / MARGIN)
    result = np.where(inside, np.uint8(255), np.uint8(0))
    result[edge] = np.rint(255 * np.clip(coverage, 0, 1)).astype(np.uint8)
    product[result == 255] = pixels[result == 255]
    return product, result


def _distance(one: Pixels, other: Pixels) -> Levels:
    """Between colours, shape (count, 3), in levels."""
    length: Levels = np.sqrt(np.square(one.astype(np.float32) - other.astype(np.float32)).sum(axis=1))
    return length


def _continued(pixels: Pixels, known: Bools, radius: float) -> tuple[Pixels, Bools]:
    """The colours of the known pixels, carried on a little beyond them by their mean, and where they are."""
    near = ImageFilter.GaussianBlur(radius)
    weight = np.asarray(Image.fromarray(np.where(known, np.uint8(255), np.uint8(0))).filter(near))
    spread = np.asarray(Image.fromarray(np.where(known[..., None], pixels, np.uint8(0))).filter(near))
    beyond = ~known & (weight > FAINT)
    mean = spread[beyond].astype(np.float32) * (255 / weight[beyond].astype(np.float32))[:, None]
    colours = pixels.copy()
    colours[beyond] = np.rint(np.clip(mean, 0, 255)).astype(np.uint8)
    return colours, known | beyond

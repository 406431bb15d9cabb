"""Pixels as the file that is delivered: sRGB, as good as its bytes may be."""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageCms

from serve_app.catalogue.finishing import PNG_LEVEL
from serve_app.delivery.layout import Layout
from serve_app.delivery.profile import Format, Range

QUALITY = 95  # with 4:4:4 a JPEG keeps 255 white more than 16 px from the product; 90 with 4:2:0 does not
LIGHTER = (90, 85, 80, 70)
HEAVIER = (98, 100)
ROUNDS = 8  # changes of size until bytes are given up
BEYOND = 0.08  # of the bytes: how far within its bound a change of size aims
LABELS = 8_192  # bytes that a file gains when it is tagged and signed: 3.2 KB measured, twice that for long records
WRITTEN: tuple[Format, ...] = ("jpeg", "png", "webp", "avif")


@dataclass(frozen=True, eq=False)
class Encoded:
    """A file of `layout.size`; `quality` None where the format has none."""

    content: bytes
    layout: Layout
    quality: int | None


def encoded(draw: Callable[[Layout], Image.Image], layout: Layout, form: Format, limits: Range) -> Encoded:
    """The layout's own size at QUALITY, or what comes nearest to it with bytes within the limits."""
    if limits.most is not None:
        limits = Range(least=limits.least, most=limits.most - LABELS)
    for _ in range(ROUNDS):
        found = _weighed(draw(layout), layout, form, limits)
        other = layout.times(_factor(len(found.content), limits))
        if limits.holds(len(found.content)) or other.size == layout.size:
            break
        layout = other
    return found


def _factor(found: int, limits: Range) -> float:
    """Of the side: bytes grow about as the area does."""
    if limits.most is not None and found > limits.most:
        return math.sqrt(limits.most * (1 - BEYOND) / found)
    return math.sqrt((limits.least or found) * (1 + BEYOND) / found)


def _weighed(image: Image.Image, layout: Layout, form: Format, limits: Range) -> Encoded:
    """The quality nearest to QUALITY that the limits allow, else the last one tried."""
    found = Encoded(encode(image, form, QUALITY), layout, None if form == "png" else QUALITY)
    if found.quality is None:
        return found
    heavy = limits.most is not None and len(found.content) > limits.most
    for quality in LIGHTER if heavy else HEAVIER:
        if limits.holds(len(found.content)):
            break
        found = Encoded(encode(image, form, quality), layout, quality)
    return found


def encode(image: Image.Image, form: Format, quality: int = QUALITY) -> bytes:
    """An RGB picture as a file that names sRGB as its colour space."""
    how: dict[Format, dict[str, object]] = {
        "jpeg": {"quality": quality, "subsampling": 0},
        "png": {"compress_level": PNG_LEVEL},
        "webp": {"quality": quality, "method": 4},
        "avif": {"quality": quality, "speed": 8, "subsampling": "4:4:4"},
    }
    buffer = io.BytesIO()
    image.save(buffer, format=form.upper(), icc_profile=_srgb(), **how[form])
    return buffer.getvalue()


@cache
def _srgb() -> bytes:
    profile = bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # Bytes 24-35 hold the moment of its making; the same picture gives the same file.
    return profile[:24] + bytes(12) + profile[36:]

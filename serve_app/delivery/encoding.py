"""Pixels as the file that is delivered: sRGB, as good as its bytes may be."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from PIL import Image, ImageCms

from serve_app.catalogue.finishing import PNG_LEVEL
from serve_app.delivery.cutout import Placed
from serve_app.delivery.layout import Layout
from serve_app.delivery.profile import Format, Range

QUALITY = 95  # with 4:4:4 a JPEG keeps 255 white more than 16 px from the product; 90 with 4:2:0 does not
LIGHTER = (98, 95, 90, 85, 80, 70)
HEAVIER, BETWEEN = 100, 98
ROUNDS = 8  # changes of size until bytes are given up
SKETCH = 1.5  # times smaller, of what bytes are foreseen by: a third of the pixels, and not far to reckon
BEYOND = 0.08  # of the bytes: how far within its bound a change of size aims
GROWTH, SHRINKAGE = 1.4, 2.0  # bytes as a power of the side: an enlarged drawing gains 1.3 to 1.45; noise loses by area
LABELS = 8_192  # bytes that a file gains when it is tagged and signed: 3.2 KB measured, twice that for long records
WRITTEN: tuple[Format, ...] = ("jpeg", "png", "webp", "avif")


@dataclass(frozen=True, eq=False)
class Encoded:
    """What was drawn for `layout` as a file; `quality` None where the format has none."""

    content: bytes
    layout: Layout
    placed: Placed
    quality: int | None


def encoded(
    draw: Callable[[Layout], Placed], sketch: Callable[[Layout], Placed], layout: Layout, form: Format, limits: Range
) -> Encoded:
    """The layout's own size at QUALITY, or what comes nearest to it with bytes within the limits.

    `sketch` draws it without what is done last, which adds hardly any bytes.
    """
    if limits.most is not None:
        limits = Range(least=limits.least, most=limits.most - LABELS)
    quality = None if form == "png" else QUALITY
    if limits.least is not None:
        layout, quality = _foreseen(sketch, layout, form, limits.least, quality)
    for _ in range(ROUNDS):
        placed = draw(layout)
        content, quality = _weighed(placed.picture, form, limits, quality)
        found = Encoded(content, layout, placed, quality)
        other = layout.times(_factor(len(content), limits))
        if limits.holds(len(content)) or other.size == layout.size:
            break
        layout = other
    return found


def _foreseen(
    sketch: Callable[[Layout], Placed], layout: Layout, form: Format, least: float, quality: int | None
) -> tuple[Layout, int | None]:
    """A size that has bytes enough, and the quality that it needs for them."""
    small = sketch(replace(layout, scale=layout.scale / SKETCH))
    found = round(len(encode(small.picture, form, HEAVIER)) * SKETCH**GROWTH)
    if found >= least:
        return layout, quality
    return layout.times(_factor(found, Range(least=least))), None if quality is None else HEAVIER


def _factor(found: int, limits: Range) -> float:
    """Of the side, so that the bytes come within the limits."""
    if limits.most is not None and found > limits.most:
        return float((limits.most * (1 - BEYOND) / found) ** (1 / SHRINKAGE))
    return float(((limits.least or found) * (1 + BEYOND) / found) ** (1 / GROWTH))


def _weighed(image: Image.Image, form: Format, limits: Range, quality: int | None) -> tuple[bytes, int | None]:
    """The file of a quality that the limits allow, `quality` first, else the last one tried."""
    found = encode(image, form, quality or QUALITY)
    if quality is None or limits.holds(len(found)):
        return found, quality
    if limits.least is not None and len(found) < limits.least:
        if quality < HEAVIER:
            found, quality = encode(image, form, HEAVIER), HEAVIER
        return (encode(image, form, BETWEEN), BETWEEN) if _heavy(found, limits) else (found, quality)
    for lighter in (other for other in LIGHTER if other < quality):
        if limits.holds(len(found)):
            break
        found, quality = encode(image, form, lighter), lighter
    return found, quality


def _heavy(content: bytes, limits: Range) -> bool:
    return limits.most is not None and len(content) > limits.most


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

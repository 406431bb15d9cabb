"""From a rendered picture to the file that is delivered: lettering in the print's place, pure white, PNG."""

from functools import cache
from io import BytesIO
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from models.domain import Mask, Picture, Pixels

FEATHER = 1 / 64  # of the side: width of the ramp from garment to white; narrower shows the mask's steps
PRINT_WIDTH = 0.46  # of the garment's width between the sleeves: what a chest print covers
PRINT_TOP, PRINT_HEIGHT = 0.30, 0.24  # of the garment's height, from its top
MAX_LINES = 3
PNG_LEVEL = 1  # level 6 costs four times the CPU for about a tenth of the bytes (loadtests/RESULTS.md)


def on_white(picture: Picture, mask: Mask) -> Picture:
    """The garment as rendered on exactly 255 beyond a feathered rim outside the mask."""
    solid = mask.alpha > 127
    width = max(2.0, FEATHER * max(solid.shape))
    outside = ndimage.distance_transform_edt(~solid)
    ramp = np.clip(1.0 - (outside - 1.0) / width, 0.0, 1.0)[..., None]
    blended = 255.0 - (255.0 - picture.pixels) * ramp
    return Picture(np.rint(blended).astype(np.uint8))


def lettered(picture: Picture, mask: Mask, text: str) -> Picture:
    """`text` set verbatim where a chest print sits, in black or white, whichever stands out; shaded like the fabric."""
    place = _print_place(mask)
    if place is None or not text.strip():
        return picture
    x0, y0, x1, y1 = place
    ink = _ink(text, (x1 - x0, y1 - y0)) * (mask.alpha[y0:y1, x0:x1] > 127)
    patch = picture.pixels[y0:y1, x0:x1].astype(np.float64)
    lightness = patch.mean()
    target = np.full_like(patch, 24.0 if lightness > 118 else 240.0)
    shade = patch.mean(axis=-1, keepdims=True) / max(1.0, lightness)
    target *= np.clip(shade, 0.85, 1.1)
    pixels = picture.pixels.copy()
    pixels[y0:y1, x0:x1] = np.clip(patch + (target - patch) * ink[..., None], 0, 255).astype(np.uint8)
    return Picture(pixels)


def _print_place(mask: Mask) -> tuple[int, int, int, int] | None:
    rows = np.flatnonzero((mask.alpha > 127).any(axis=1))
    if rows.size < 16:
        return None
    top, height = int(rows[0]), int(rows[-1] - rows[0])
    y0, y1 = top + round(PRINT_TOP * height), top + round((PRINT_TOP + PRINT_HEIGHT) * height)
    body = (mask.alpha[top + round(0.6 * height) : top + round(0.8 * height)] > 127).any(axis=0)
    columns = np.flatnonzero(body)
    if columns.size < 16:
        return None
    middle, half = (columns[0] + columns[-1]) / 2, PRINT_WIDTH * (columns[-1] - columns[0])
    return round(middle - half), y0, round(middle + half), y1


def _ink(text: str, size: tuple[int, int]) -> NDArray[np.float64]:
    """Coverage 0-1 of the text, set in at most three lines as large as the place allows; shape (height, width)."""
    width, height = size
    scale = 4  # supersampling: the starter's pictures are small
    canvas = Image.new("L", (width * scale, height * scale), 0)
    pen = ImageDraw.Draw(canvas)
    words = text.split()
    for points in range(height * scale // 2, 4, -2):
        font = _font(points)
        lines = _wrapped(words, font, width * scale)
        if lines is not None and len(lines) * points * 1.2 <= height * scale:
            break
    else:
        lines, font, points = [text], _font(6), 6
    top = (height * scale - len(lines) * points * 1.2) / 2
    for number, line in enumerate(lines):
        pen.text((width * scale / 2, top + (number + 0.5) * points * 1.2), line, fill=255, font=font, anchor="mm")
    small = canvas.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(small, dtype=np.float64) / 255.0


def _wrapped(words: list[str], font: ImageFont.FreeTypeFont, width: int) -> list[str] | None:
    """Greedy lines that fit the width; None when a word is wider or the lines are too many."""
    lines: list[str] = []
    for word in words:
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(joined) <= width:
            lines[-1] = joined
        elif font.getlength(word) <= width:
            lines.append(word)
        else:
            return None
    return lines if len(lines) <= MAX_LINES else None


@cache
def _font(points: int) -> ImageFont.FreeTypeFont:
    # matplotlib carries the font under a free licence, so that no system font is needed.
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf", points)


def png(pixels: Pixels) -> bytes:
    """The pixels as PNG bytes without metadata; shape (height, width, 3), uint8."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=PNG_LEVEL)
    return buffer.getvalue()


def from_png(content: bytes) -> Pixels:
    """The pixels of a file that `png` wrote."""
    with Image.open(BytesIO(content), formats=["PNG"]) as picture:
        return np.asarray(picture)

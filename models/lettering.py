"""Text set where a print sits: verbatim, inside the garment, shaded like its cloth."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from models.domain import Box, Mask, Picture, Pixels
from models.masking import filled

PRINT_WIDTH = 0.92  # of the garment's width between the sleeves: what a chest print covers
PRINT_HEIGHT = 0.24  # of the garment's height
PRINT_TOPS = (0.30, 0.36, 0.24, 0.18, 0.42)  # of the height; others where neckline, waist or legs leave no room
NEARLY = 0.85  # of the widest place: one before it that is as wide is the better one
RIM = 0.01  # of the side: what stays free within the garment's edge
LEAST = 16  # pixels: a garment or a place that is smaller takes no lettering
MAX_LINES = 3
LEADING = 1.2  # from line to line, in sizes of the type
FINE = 4  # supersampling: the starter's pictures are small
MEASURED = 100  # points at which widths are measured; they grow with the size
DARK, BRIGHT = 24.0, 240.0  # levels of the ink
MIDDLE = 118  # level: dark ink on what is brighter
BUSY = 24.0  # levels, standard deviation: stripes and prints on which no single ink stands out everywhere
OUTLINE = 0.14  # of the type's size: what is drawn around it there


@dataclass(frozen=True)
class SetLine:
    """One line as it was set, and the box of its ink in pixels of the picture."""

    text: str
    box: Box


@dataclass(frozen=True)
class Lettered:
    """A picture with its lettering, line by line from the top; no line where the garment has no room for any."""

    picture: Picture
    lines: tuple[SetLine, ...]


@dataclass(frozen=True)
class Typeset:
    """Lines in the middle of a canvas of (width, height), in pixels `FINE` times as fine as the picture's."""

    lines: tuple[str, ...]
    points: int
    size: tuple[int, int]

    def coverage(self, outline: float) -> NDArray[np.float64]:
        """Ink 0-1 per pixel of the picture, (height, width); `outline`: around it, in sizes of the type."""
        canvas = Image.new("L", self.size, 0)
        pen = ImageDraw.Draw(canvas)
        for line, place in zip(self.lines, self._places(), strict=True):
            pen.text(place, line, 255, _font(self.points), "mm", stroke_width=round(outline * self.points))
        width, height = self.size
        small = canvas.resize((width // FINE, height // FINE), Image.Resampling.LANCZOS)
        return np.asarray(small, dtype=np.float64) / 255.0

    def boxes(self) -> list[Box]:
        """Where the ink of each line lies, in pixels of the picture."""
        pen = ImageDraw.Draw(Image.new("L", (1, 1)))
        found = []
        for line, place in zip(self.lines, self._places(), strict=True):
            box = np.array(pen.textbbox(place, line, _font(self.points), "mm")) / FINE
            start, end = np.floor(box[:2]).astype(int), np.ceil(box[2:]).astype(int)
            found.append((int(start[0]), int(start[1]), int(end[0]), int(end[1])))
        return found

    def _places(self) -> list[tuple[float, float]]:
        """The middle of each line."""
        width, height = self.size
        leading = self.points * LEADING
        top = (height - len(self.lines) * leading) / 2
        return [(width / 2, top + (number + 0.5) * leading) for number in range(len(self.lines))]


def lettered(picture: Picture, mask: Mask, text: str, size: float = 1.0) -> Lettered:
    """`text` where a chest print sits, in black or white, whichever stands out; `size`: of the place's, up to 1."""
    place = _place(mask, size)
    if place is None or not text.strip():
        return Lettered(picture, ())
    x0, y0, x1, y1 = place
    block = _typeset(text.split(), ((x1 - x0) * FINE, (y1 - y0) * FINE))
    pixels = picture.pixels.copy()
    patch = pixels[y0:y1, x0:x1]
    patch[:] = _printed(patch, block, mask.alpha[y0:y1, x0:x1] > 127)
    lines = (SetLine(line, _shifted(box, (x0, y0))) for line, box in zip(block.lines, block.boxes(), strict=True))
    return Lettered(Picture(pixels, picture.device_s), tuple(lines))


def _place(mask: Mask, size: float) -> Box | None:
    """The highest of the print's places that is about as wide as the widest, all of it within the garment."""
    solid = filled(mask.alpha > 127)
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if rows.size < LEAST or columns.size < LEAST:
        return None
    top, tall = int(rows[0]), int(rows[-1] - rows[0])
    body = np.flatnonzero(solid[top + round(0.6 * tall) : top + round(0.8 * tall)].any(axis=0))
    most = PRINT_WIDTH * (body[-1] - body[0] if body.size else columns[-1] - columns[0])
    inner = ndimage.minimum_filter(solid, 1 + 2 * max(1, round(RIM * max(solid.shape))))
    bands = [(top + round(start * tall), top + round((start + PRINT_HEIGHT) * tall)) for start in PRINT_TOPS]
    runs = [_widest(np.asarray(inner[y0:y1].all(axis=0))) for y0, y1 in bands]
    widths = [min(most, end - start) for start, end in runs]
    chosen = next(number for number, width in enumerate(widths) if width >= NEARLY * max(widths))
    (y0, y1), (start, end) = bands[chosen], runs[chosen]
    across, down = widths[chosen] * size / 2, (y1 - y0) * size / 2
    middle, level = (start + end) / 2, (y0 + y1) / 2
    place = round(middle - across), round(level - down), round(middle + across), round(level + down)
    return place if place[2] - place[0] >= LEAST and place[3] - place[1] >= LEAST else None


def _widest(free: NDArray[np.bool_]) -> tuple[int, int]:
    """Start and end of the longest run of True; (0, 0) where there is none."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8)))
    runs = [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))


def _printed(patch: Pixels, block: Typeset, inside: NDArray[np.bool_]) -> Pixels:
    """The cloth with the type on it; on busy cloth with an outline of the other ink."""
    cloth = patch.astype(np.float64)
    lightness = float(cloth.mean())
    inks = (DARK, BRIGHT) if lightness > MIDDLE else (BRIGHT, DARK)
    shade = np.clip(cloth.mean(axis=-1, keepdims=True) / max(1.0, lightness), 0.85, 1.1)
    layers = [(inks[0], 0.0)] if cloth.mean(axis=-1).std() < BUSY else [(inks[1], OUTLINE), (inks[0], 0.0)]
    for level, outline in layers:
        cloth += (np.minimum(level * shade, 255.0) - cloth) * (block.coverage(outline) * inside)[..., None]
    return np.clip(cloth, 0, 255).astype(np.uint8)


def _typeset(words: Sequence[str], size: tuple[int, int]) -> Typeset:
    """As large as (width, height) of the fine canvas allows in at most three lines."""
    width, height = size
    for points in range(height // 2, 1, -1):
        lines = _wrapped(words, points, width)
        if lines is not None and len(lines) * points * LEADING <= height:
            return Typeset(tuple(lines), points, size)
    return Typeset((" ".join(words),), 1, size)


def _wrapped(words: Sequence[str], points: int, width: int) -> list[str] | None:
    """Greedy lines that fit the width; None when a word is wider or the lines are too many."""
    lines: list[str] = []
    for word in words:
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(joined) * points <= width:
            lines[-1] = joined
        elif width_of(word) * points <= width:
            lines.append(word)
        else:
            return None
    return lines if len(lines) <= MAX_LINES else None


@lru_cache(4096)
def width_of(text: str) -> float:
    """Of a line of text, per point of its size."""
    return _font(MEASURED).getlength(text) / MEASURED


@cache
def _font(points: int) -> ImageFont.FreeTypeFont:
    # matplotlib carries the font under a free licence, so that no system font is needed.
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf", points)


def _shifted(box: Box, by: tuple[int, int]) -> Box:
    return box[0] + by[0], box[1] + by[1], box[2] + by[0], box[3] + by[1]

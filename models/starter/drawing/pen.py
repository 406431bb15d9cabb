"""Outlines in design space become antialiased coverage: a 256 x 256 grid with the garment's middle at x = 128."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Field = NDArray[np.float32]
Point = tuple[float, float]
Outline = Sequence[Point]

DESIGN = 256.0
FINE = 3  # subpixels per pixel and axis: ten grey levels along an edge


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Coverage 0-1 of one piece inside the window (rows, columns) that encloses it."""

    rows: slice
    columns: slice
    coverage: Field

    @property
    def window(self) -> tuple[slice, slice]:
        """Index of the window in a field of the whole picture."""
        return self.rows, self.columns


class Pen:
    """Draws in design space under one placement: scale, turn (radians) and shift (design units) about the middle."""

    def __init__(self, size: int, scale: float = 1.0, turn: float = 0.0, shift: Point = (0.0, 0.0)) -> None:
        self.size = size
        cosine, sine = np.cos(turn) * scale, np.sin(turn) * scale
        self._linear = np.array([[cosine, -sine], [sine, cosine]]) * (size / DESIGN)
        middle = np.array([DESIGN / 2, DESIGN / 2])
        self._offset = (middle + np.array(shift)) * (size / DESIGN) - self._linear @ middle
        self.unit = scale * size / DESIGN

    def place(self, outline: Outline) -> NDArray[np.float64]:
        """Design points as pixel coordinates, shape (points, 2)."""
        placed: NDArray[np.float64] = np.asarray(outline, dtype=np.float64) @ self._linear.T + self._offset
        return placed

    def design(self) -> tuple[Field, Field]:
        """Design coordinates (x, y) of every pixel centre, each of shape (size, size)."""
        inverse = np.linalg.inv(self._linear)
        centres = np.arange(self.size) + 0.5
        x = inverse[0, 0] * (centres - self._offset[0])[None, :] + inverse[0, 1] * (centres - self._offset[1])[:, None]
        y = inverse[1, 0] * (centres - self._offset[0])[None, :] + inverse[1, 1] * (centres - self._offset[1])[:, None]
        return x.astype(np.float32), y.astype(np.float32)

    def fill(self, *outlines: Outline) -> Patch:
        """The union of closed outlines."""
        placed = [self.place(outline) for outline in outlines]
        rows, columns, image = self._sheet(placed, margin=1.0)
        ink = ImageDraw.Draw(image)
        for points in placed:
            ink.polygon(self._local(points, rows, columns), fill=255)
        return self._patch(rows, columns, image)

    def stroke(self, *lines: Outline, width: float = 1.2) -> Patch:
        """Open lines of a width in design units."""
        placed = [self.place(line) for line in lines]
        rows, columns, image = self._sheet(placed, margin=width + 1.0)
        ink = ImageDraw.Draw(image)
        thickness = max(1, round(width * self.unit * FINE))
        for points in placed:
            ink.line(self._local(points, rows, columns), fill=255, width=thickness, joint="curve")
        return self._patch(rows, columns, image)

    def _sheet(self, placed: list[NDArray[np.float64]], margin: float) -> tuple[slice, slice, Image.Image]:
        everything = np.concatenate(placed)
        low = np.clip(np.floor(everything.min(0) - margin), 0, self.size - 1).astype(int)
        high = np.clip(np.ceil(everything.max(0) + margin), low + 1, self.size).astype(int)
        image = Image.new("L", ((high[0] - low[0]) * FINE, (high[1] - low[1]) * FINE))
        return slice(low[1], high[1]), slice(low[0], high[0]), image

    def _local(self, points: NDArray[np.float64], rows: slice, columns: slice) -> list[float]:
        local: list[float] = ((points - (columns.start, rows.start)) * FINE).ravel().tolist()
        return local

    def _patch(self, rows: slice, columns: slice, image: Image.Image) -> Patch:
        return Patch(rows, columns, np.asarray(image.reduce(FINE), dtype=np.float32) / np.float32(255))


def bend(start: Point, control: Point, end: Point, steps: int = 10) -> list[Point]:
    """A quadratic Bezier curve from `start` to `end`."""
    t = np.linspace(0, 1, steps)[:, None]
    a, b, c = np.array(start), np.array(control), np.array(end)
    return [(float(x), float(y)) for x, y in (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c]


def mirror(outline: Outline) -> list[Point]:
    """The same outline on the other side of the middle, run backwards so that halves join up."""
    return [(DESIGN - x, y) for x, y in reversed(outline)]


def circle(x: float, y: float, radius: float, steps: int = 12) -> list[Point]:
    """A closed circle."""
    angles = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return [(float(x + radius * np.cos(a)), float(y + radius * np.sin(a))) for a in angles]


def box(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
    """A closed rectangle."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]

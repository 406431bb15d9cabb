"""Motifs of prints: silhouettes in a square from -1 to 1, as cached coverage at any size."""

from functools import lru_cache
from math import cos, pi, sin

import numpy as np
from PIL import Image, ImageDraw

from models.starter.drawing.pen import Field, Point

FINE = 4  # subpixels of a motif's raster
Shape = tuple[list[Point], int]  # outline and whether it adds (1) or cuts out (0)


def _ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0, *, ink: int = 1) -> Shape:
    angles = [2 * pi * i / 28 for i in range(28)]
    points = [(rx * cos(a), ry * sin(a)) for a in angles]
    return [(x + px * cos(turn) - py * sin(turn), y + px * sin(turn) + py * cos(turn)) for px, py in points], ink


def _box(x0: float, y0: float, x1: float, y1: float, ink: int = 1) -> Shape:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], ink


def _cat() -> list[Shape]:
    tail = [(0.35, 0.8), (0.8, 0.75), (0.88, 0.2), (0.72, 0.1), (0.7, 0.55), (0.35, 0.6)]
    ears: list[Shape] = [([(s * 0.5, -0.3), (s * 0.52, -0.98), (s * 0.08, -0.68)], 1) for s in (-1, 1)]
    eyes = [_ellipse(s * 0.2, -0.42, 0.09, 0.12, ink=0) for s in (-1, 1)]
    return [(tail, 1), _ellipse(0, 0.45, 0.48, 0.55), *ears, _ellipse(0, -0.38, 0.52, 0.42), *eyes,
            ([(-0.08, -0.24), (0.08, -0.24), (0, -0.14)], 0)]  # fmt: skip


def _dog() -> list[Shape]:
    ears = [_ellipse(s * 0.62, 0.0, 0.22, 0.58, s * -0.25) for s in (-1, 1)]
    gaps = [_ellipse(s * 0.46, -0.05, 0.05, 0.42, s * -0.2, ink=0) for s in (-1, 1)]
    eyes = [_ellipse(s * 0.2, -0.25, 0.09, 0.1, ink=0) for s in (-1, 1)]
    muzzle = [_ellipse(0, 0.28, 0.3, 0.28, ink=0), _ellipse(0, 0.16, 0.15, 0.1), _box(-0.025, 0.2, 0.025, 0.42)]
    return [_ellipse(0, 0, 0.52, 0.75), *ears, *gaps, *eyes, *muzzle]


def _dinosaur() -> list[Shape]:
    outline = [
        (-1, 0.55), (-0.6, 0.3), (-0.3, -0.05), (0.0, -0.3), (0.15, -0.55), (0.2, -0.85), (0.45, -0.95), (0.85, -0.85),
        (0.95, -0.68), (0.9, -0.52), (0.55, -0.5), (0.9, -0.42), (0.6, -0.36), (0.5, -0.2), (0.7, -0.05), (0.68, 0.08),
        (0.48, 0.0), (0.4, 0.25), (0.36, 0.5), (0.42, 0.85), (0.6, 0.95), (0.18, 0.95), (0.12, 0.55), (-0.08, 0.6),
        (-0.05, 0.85), (0.1, 0.95), (-0.32, 0.95), (-0.36, 0.5), (-0.6, 0.5),
    ]  # fmt: skip
    return [(outline, 1), _ellipse(0.5, -0.75, 0.06, 0.06, ink=0)]


def _butterfly() -> list[Shape]:
    shapes: list[Shape] = []
    for s in (-1, 1):
        shapes += [_ellipse(s * 0.5, -0.35, 0.5, 0.36, s * 0.6), _ellipse(s * 0.4, 0.4, 0.38, 0.28, s * -0.7)]
        shapes += [_ellipse(s * 0.55, -0.42, 0.17, 0.13, s * 0.6, ink=0), _ellipse(s * 0.42, 0.42, 0.12, 0.1, ink=0)]
        shapes += [([(0, -0.5), (s * 0.26, -0.95), (s * 0.32, -0.93), (s * 0.06, -0.45)], 1)]
    return [*shapes, _ellipse(0, 0, 0.12, 0.7, ink=0), _ellipse(0, 0, 0.07, 0.66)]


def _flower() -> list[Shape]:
    petals = [_ellipse(0.42 * cos(a), -0.35 + 0.42 * sin(a), 0.27, 0.2, a) for a in (2 * pi * i / 6 for i in range(6))]
    leaves = [_ellipse(s * 0.28, 0.68, 0.28, 0.11, s * -0.5) for s in (-1, 1)]
    return [
        _box(-0.05, 0.1, 0.05, 1.0),
        *leaves,
        *petals,
        _ellipse(0, -0.35, 0.2, 0.2, ink=0),
        _ellipse(0, -0.35, 0.12, 0.12),
    ]


def _leaf() -> list[Shape]:
    right = [(0.62 * sin(pi * t) ** 0.8, 1.7 * t - 1.0) for t in (i / 14 for i in range(15))]
    veins: list[Shape] = [
        ([(0, y), (s * 0.5, y - 0.28), (s * 0.5, y - 0.2), (0, y + 0.09)], 0) for y in (-0.3, 0.0, 0.3) for s in (-1, 1)
    ]
    return [
        ([*right, *[(-x, y) for x, y in reversed(right)]], 1),
        *veins,
        _box(-0.03, -0.75, 0.03, 0.7, 0),
        _box(-0.04, 0.6, 0.04, 1.0),
    ]


def _star() -> list[Shape]:
    return [([((r := 1.0 if i % 2 == 0 else 0.42) * sin(pi * i / 5), -r * cos(pi * i / 5)) for i in range(10)], 1)]


def _heart() -> list[Shape]:
    turns = [2 * pi * i / 40 for i in range(40)]
    curve = [
        (0.06 * 16 * sin(t) ** 3, -0.06 * (13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)) - 0.1)
        for t in turns
    ]
    return [(curve, 1)]


def _car() -> list[Shape]:
    outline = [
        (-0.98, 0.35),
        (-0.95, -0.02),
        (-0.6, -0.12),
        (-0.35, -0.5),
        (0.35, -0.5),
        (0.62, -0.1),
        (0.95, 0.02),
        (0.98, 0.35),
    ]
    panes: list[Shape] = [
        ([(-0.44, -0.1), (-0.28, -0.38), (-0.03, -0.38), (-0.03, -0.1)], 0),
        ([(0.05, -0.1), (0.05, -0.38), (0.3, -0.38), (0.48, -0.1)], 0),
    ]
    wheels = [
        w
        for x in (-0.55, 0.55)
        for w in (
            _ellipse(x, 0.36, 0.27, 0.27, ink=0),
            _ellipse(x, 0.38, 0.21, 0.21),
            _ellipse(x, 0.38, 0.08, 0.08, ink=0),
        )
    ]
    return [(outline, 1), *panes, *wheels]


def _globe() -> list[Shape]:
    lines: list[Shape] = [_box(-1, y - 0.035, 1, y + 0.035, 0) for y in (-0.45, 0.0, 0.45)]
    meridians = [m for r in (0.5,) for m in (_ellipse(0, 0, r + 0.035, 0.88, ink=0), _ellipse(0, 0, r - 0.035, 0.85))]
    return [_ellipse(0, 0, 0.92, 0.92), *meridians, *lines, _box(-0.035, -0.9, 0.035, 0.9, 0)]


def _camera() -> list[Shape]:
    lens = [_ellipse(0, 0.12, 0.46, 0.46, ink=0), _ellipse(0, 0.12, 0.37, 0.37), _ellipse(0, 0.12, 0.2, 0.2, ink=0)]
    return [_box(-0.98, -0.4, 0.98, 0.7), _box(-0.38, -0.65, 0.38, -0.35), _box(-0.85, -0.52, -0.55, -0.35), *lens,
            _box(0.6, -0.25, 0.82, -0.1, 0)]  # fmt: skip


def _palm() -> list[Shape]:
    trunk = [(-0.28, 1.0), (-0.12, 0.3), (0.0, -0.3), (0.12, -0.3), (0.04, 0.3), (-0.02, 1.0)]
    fronds: list[Shape] = []
    for a in (-2.9, -2.3, -1.2, -0.75, -0.2, 0.25, 2.95):
        tip = (0.06 + 0.85 * cos(a), -0.38 + 0.6 * sin(a) + 0.22)
        middle = (0.06 + 0.45 * cos(a), -0.38 + 0.42 * sin(a) - 0.12)
        fronds.append(([(0.06, -0.45), middle, tip, (middle[0], middle[1] + 0.2), (0.06, -0.28)], 1))
    return [(trunk, 1), *fronds, _ellipse(-0.35, 1.0, 0.6, 0.1)]


def _graphic() -> list[Shape]:
    peaks = [([(-0.75, 0.45), (-0.25, -0.3), (0.02, 0.1), (0.25, -0.15), (0.75, 0.45)], 1)]
    bars = [_box(-0.45, 0.53, 0.45, 0.61)]
    return [
        _ellipse(0, 0, 0.98, 0.98),
        _ellipse(0, 0, 0.85, 0.85, ink=0),
        *peaks,
        _ellipse(0.3, -0.42, 0.17, 0.17),
        *bars,
    ]


# Strokes of the pseudo letters in a box 0-1: no words, only the look of lettering.
LETTERS = (
    ((0, 0, 0.3, 1), (0.7, 0, 1, 1), (0, 0.4, 1, 0.62)),
    ((0, 0, 1, 0.25), (0, 0.75, 1, 1), (0, 0, 0.3, 1), (0.7, 0, 1, 1)),
    ((0, 0, 0.3, 1), (0, 0, 1, 0.22), (0, 0.4, 0.8, 0.6), (0, 0.78, 1, 1)), ((0.35, 0, 0.65, 1), (0, 0, 1, 0.25)),
    ((0, 0, 0.3, 1), (0, 0.75, 1, 1)), ((0, 0, 0.3, 1), (0.7, 0, 1, 1), (0, 0.75, 1, 1)),
)  # fmt: skip


def _lettering() -> list[Shape]:
    shapes: list[Shape] = []
    for row, (count, top, height) in enumerate(((5, -0.55, 0.5), (7, 0.12, 0.3))):
        wide = 1.96 / count
        for column in range(count):
            left = -0.98 + column * wide
            for x0, y0, x1, y1 in LETTERS[(5 * column + 3 * row + 1) % len(LETTERS)]:
                shapes.append(
                    _box(left + x0 * wide * 0.76, top + y0 * height, left + x1 * wide * 0.76, top + y1 * height)
                )
    return shapes


MOTIF_SHAPES = {
    "cat": _cat, "dog": _dog, "dinosaur": _dinosaur, "butterfly": _butterfly, "flower": _flower, "leaf": _leaf,
    "star": _star, "heart": _heart, "car": _car, "globe": _globe, "camera": _camera, "palm": _palm,
    "graphic": _graphic, "lettering": _lettering,
}  # fmt: skip


@lru_cache(maxsize=512)
def motif_coverage(motif: str, pixels: int, turn: int = 0) -> Field:
    """Coverage 0-1 of a motif in a square of `pixels`, turned by degrees; an unknown motif becomes the emblem."""
    image = Image.new("L", (pixels * FINE, pixels * FINE))
    ink = ImageDraw.Draw(image)
    half = pixels * FINE / 2
    for outline, fill in MOTIF_SHAPES.get(motif, _graphic)():
        ink.polygon([(half + x * half * 0.98, half + y * half * 0.98) for x, y in outline], fill=255 * fill)
    if turn:
        image = image.rotate(turn, Image.Resampling.BILINEAR)
    return np.asarray(image.reduce(FINE), dtype=np.float32) / np.float32(255)

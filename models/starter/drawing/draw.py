"""One garment as a picture and its exact mask."""

from dataclasses import dataclass

import numpy as np

from models.domain import Mask, Picture, Pixels
from models.starter.drawing.backdrops import backdrop
from models.starter.drawing.bottoms import draw_bottom
from models.starter.drawing.canvas import Canvas
from models.starter.drawing.garment import Garment
from models.starter.drawing.palette import Palette
from models.starter.drawing.patterns import VARIANTS, cloth
from models.starter.drawing.pen import Field, Pen, Point
from models.starter.drawing.sampling import BOTTOMS
from models.starter.drawing.shading import FOLDS, blurred, contact, folds, volume
from models.starter.drawing.tops import draw_top

KNITTED = ("knit jumper", "cardigan")
SCALES, SHIFT, TURN = (0.96, 1.04), 4.0, 0.035  # nuisance: small, so that a small model can learn the rest


@dataclass(frozen=True, slots=True)
class Pose:
    """How a garment lies: scale, turn in radians, shift in design units, and which tile of a texture it is cut from."""

    scale: float = 1.0
    turn: float = 0.0
    shift: Point = (0.0, 0.0)
    tile: int = 0

    @classmethod
    def random(cls, rng: np.random.Generator) -> "Pose":
        shift = (float(rng.uniform(-SHIFT, SHIFT)), float(rng.uniform(-SHIFT, SHIFT)))
        scale, turn = float(rng.uniform(*SCALES)), float(rng.uniform(-TURN, TURN))
        return cls(scale, turn, shift, int(rng.integers(VARIANTS)))


STRAIGHT = Pose()  # the catalogue's own pose: centred, upright, every time the same tile


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """The picture and the garment's own alpha, shadows left out."""

    picture: Picture
    mask: Mask


def draw(
    garment: Garment,
    rng: np.random.Generator,
    size: int = 256,
    background: Pixels | None = None,
    pose: Pose | None = None,
) -> Drawing:
    """Draws a garment laid flat; `background` (size, size, 3) uint8 stands in for the garment's own backdrop.

    The picture is a function of the garment and its pose but for folds and glitter; `rng` decides these and, without
    a `pose`, a random one.
    """
    lying = pose or Pose.random(rng)
    pen = Pen(size, lying.scale, lying.turn, lying.shift)
    palette = Palette.of(garment)
    x, y = pen.design()
    canvas = Canvas(pen, cloth(garment, palette, x, y, lying.tile))
    if garment.type in BOTTOMS:
        draw_bottom(canvas, garment, palette)
    else:
        draw_top(canvas, garment, palette, lying.tile, rng)
    _light(canvas, garment, x, y, rng)
    floor = background.astype(np.float32) if background is not None else backdrop(garment.backdrop, size, rng)
    strength = 0.10 if garment.backdrop == "white" and background is None else 0.3
    lit = _sketched(canvas) if garment.style == "sketch" else canvas.developed()
    floor = floor * (contact(canvas.alpha, size / 256, strength) * (1 - canvas.alpha))[..., None]
    lit *= canvas.alpha[..., None]
    # Both terms lie in 0-255 and their weights add up to 1 at most.
    pixels = np.rint(floor + lit).astype(np.uint8)
    return Drawing(Picture(pixels), Mask((canvas.alpha * 255 + 0.5).astype(np.uint8), 1.0))


def _light(canvas: Canvas, garment: Garment, x: Field, y: Field, rng: np.random.Generator) -> None:
    unit = canvas.pen.size / 256
    kind = {"skirt": "skirt", "trousers": "legs", "shorts": "legs"}.get(garment.type, "top")
    relief = folds(canvas.pen.size, kind, int(rng.integers(FOLDS))) * volume(canvas.alpha, unit)
    if garment.type in KNITTED:
        # Columns of stitches, each a small V.
        columns, rows = np.sin((x - 128) * (np.pi / 4)), np.sin((y + np.abs((x - 128) % 8 - 4)) * (3 * np.pi / 8))
        relief = relief * (1 + 0.075 * columns * rows)
    # Seen as a whole the light is neutral: the median of the cloth keeps the swatch's colour.
    sparse = relief[::4, ::4][canvas.alpha[::4, ::4] > 0.9]
    canvas.light *= relief / np.float32(np.median(sparse))


def _sketched(canvas: Canvas) -> Field:
    """Pencil on paper: outlines, seams and hatched shade, with a hint of the cloth's brightness and no colour."""
    level = canvas.developed().mean(-1) / 255
    size = canvas.pen.size
    edges = np.abs(level - np.roll(level, 1, 0)) + np.abs(level - np.roll(level, 1, 1))
    rim = np.clip(1.6 * np.abs(canvas.alpha - blurred(canvas.alpha, 1.2)), 0, 1)
    diagonal = np.add.outer(np.arange(size), np.arange(size)) * (256 / size)
    hatching = np.clip(np.sin(diagonal * (2 * np.pi / 5)) * 0.5 + 0.5, 0, 1) * np.clip(0.85 - level, 0, 1) * 0.55
    graphite = np.clip(0.75 * canvas.ink + 2.2 * edges + rim + hatching, 0, 0.9)
    paper: Field = (250 - 200 * graphite)[..., None].repeat(3, -1).astype(np.float32)
    return paper

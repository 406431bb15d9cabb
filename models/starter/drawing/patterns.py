"""Patterns of the cloth: (base, second) colours over design coordinates become albedo."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from models.starter.drawing.garment import Garment
from models.starter.drawing.palette import Palette, companion, luma
from models.starter.drawing.pen import DESIGN, Field
from models.starter.drawing.prints import motif_coverage

VARIANTS = 6  # cached tiles per texture: enough that none is learnt by heart
LEAF_GREEN, POLLEN = np.array([74, 128, 70], np.float32), np.array([246, 205, 74], np.float32)
FLORAL_STEP, MOTIF_STEP = 30, 34  # design units between the figures of an all-over pattern
FIBRE_TILE = 32  # design units


@lru_cache(maxsize=256)
def noise(size: int, grain_x: float, grain_y: float, seed: int) -> Field:
    """Smooth noise of standard deviation 1 whose grains measure about grain_x by grain_y design units."""
    rng = np.random.default_rng([seed, round(grain_x * 10), round(grain_y * 10)])
    unit = size / DESIGN
    cells = (max(2, round(size / (grain_x * unit))), max(2, round(size / (grain_y * unit))))
    coarse = rng.standard_normal((cells[1], cells[0])).astype(np.float32)
    image = Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC)
    smooth = np.asarray(image)
    spread: Field = (smooth - smooth.mean()) / smooth.std()
    return spread


def _mix(a: Field, b: Field, amount: Field) -> Field:
    mixed: Field = a + (b - a) * amount[..., None]
    return mixed


def _bars(along: Field, period: float, share: float) -> Field:
    """Soft-edged bars across an axis, 0-1, covering a share of it."""
    turns = along * np.float32(1 / period)
    phase = np.abs(turns - np.rint(turns))
    bars: Field = np.clip((share / 2 - phase) * np.float32(period) + np.float32(0.5), 0, 1)
    return bars


@lru_cache(maxsize=96)
def _scatter(figure: str, size: int, step: int, share: float, seed: int) -> Field:
    """Figures on a jittered brick grid over the whole cloth."""
    rng = np.random.default_rng([seed, step, len(figure)])
    unit = size / DESIGN
    field = np.zeros((size, size), np.float32)
    side = max(4, round(step * unit * share))
    for row in range(-1, int(DESIGN / step) + 2):
        for column in range(-1, int(DESIGN / step) + 2):
            jitter = rng.uniform(-0.08, 0.08, 2)
            x = (column + 0.5 * (row % 2) + jitter[0]) * step * unit - side / 2
            y = (row + jitter[1]) * step * unit - side / 2
            stamp = motif_coverage(figure, side, int(rng.integers(-2, 3)) * 12)
            left, top = int(x), int(y)
            x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, size), min(top + side, size)
            if x0 < x1 and y0 < y1:
                cut = stamp[y0 - top : y1 - top, x0 - left : x1 - left]
                field[y0:y1, x0:x1] = np.maximum(field[y0:y1, x0:x1], cut)
    return field


@lru_cache(maxsize=32)
def _flowers(size: int, seed: int) -> tuple[Field, Field, Field]:
    """Coverage of petals, hearts and leaves of an all-over floral print."""
    rng = np.random.default_rng([7, seed])
    unit = size / DESIGN
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / unit
    petals, hearts, leaves = (np.zeros((size, size), np.float32) for _ in range(3))
    for row in range(-1, 11):
        for column in range(-1, 11):
            cx, cy = ((column + 0.5 * (row % 2)) + rng.uniform(-0.12, 0.12)) * FLORAL_STEP, row * FLORAL_STEP * 0.86
            dx, dy = x - cx, y - cy
            distance, angle = np.hypot(dx, dy), np.arctan2(dy, dx) + rng.uniform(0, 6)
            big = rng.uniform(8.0, 11.0)
            rim = big * (0.68 + 0.32 * np.cos(5 * angle))
            petals = np.maximum(petals, np.clip(rim - distance + 0.5, 0, 1))
            hearts = np.maximum(hearts, np.clip(3.0 - distance + 0.5, 0, 1))
            turned = rng.uniform(0, 6)
            along, across = dx * np.cos(turned) + dy * np.sin(turned), dy * np.cos(turned) - dx * np.sin(turned)
            blade = 1 - ((along - big - 4) / 6.5) ** 2 - (across / 2.8) ** 2
            leaves = np.maximum(leaves, np.clip(blade * 3, 0, 1))
    return petals, hearts, leaves


@dataclass(frozen=True, slots=True, eq=False)
class Bolt:
    """The cloth to paint: colours, design coordinates of every pixel, tile and figure."""

    palette: Palette
    x: Field
    y: Field
    seed: int
    motif: str | None

    @property
    def size(self) -> int:
        """Pixels along an edge."""
        return int(self.x.shape[0])


def _plain(bolt: Bolt) -> Field:
    return np.broadcast_to(bolt.palette.base, (bolt.size, bolt.size, 3)).astype(np.float32)


@lru_cache(maxsize=2 * VARIANTS)
def _fibres(size: int, seed: int) -> Field:
    """Streaks of standard deviation 1 that repeat without a seam every `FIBRE_TILE` design units."""
    rng, side = np.random.default_rng([11, seed]), max(8, round(FIBRE_TILE * size / DESIGN))
    tile = np.zeros((side, side), np.float32)
    for weight, cells in ((0.75, (17, 6)), (0.5, (13, 13))):
        around = np.tile(rng.standard_normal(cells).astype(np.float32), (3, 3))
        smooth = np.asarray(Image.fromarray(around).resize((3 * side, 3 * side), Image.Resampling.BICUBIC))
        tile += weight * smooth[side : 2 * side, side : 2 * side] / smooth.std()
    repeats = -(-size // side)
    streaks: Field = np.tile((tile - tile.mean()) / tile.std(), (repeats, repeats))[:size, :size]
    return streaks


def _melange(bolt: Bolt) -> Field:
    base = bolt.palette.base
    streaks = 0.9 * _fibres(bolt.size, bolt.seed)
    # Fibres are lighter and darker alike, so that the median fibre keeps the colour.
    reach = 0.062 if luma(base) > 90 else 0.07
    woven: Field = base + (streaks * np.float32(255 * reach) * 0.62)[..., None]
    return np.clip(woven, 0, 255)


def _striped(bolt: Bolt) -> Field:
    return _mix(bolt.palette.base, bolt.palette.second, _bars(bolt.y + 3, 16.0, 0.42))


def _checked(bolt: Bolt) -> Field:
    x, y, period = bolt.x, bolt.y, 32.0
    amount = 0.5 * (_bars(x - 128, period, 0.36) + _bars(y, period, 0.36))
    fine = 0.55 * np.maximum(_bars(x - 128 + period / 2, period, 0.09), _bars(y + period / 2, period, 0.09))
    return _mix(bolt.palette.base, bolt.palette.second, np.maximum(amount, fine))


def _dots(bolt: Bolt) -> Field:
    row = np.floor(bolt.y / 16)
    dx, dy = (bolt.x + 8 * (row % 2)) % 16 - 8, bolt.y % 16 - 8
    return _mix(bolt.palette.base, bolt.palette.printed, np.clip(4.3 - np.hypot(dx, dy), 0, 1))


def _floral(bolt: Bolt) -> Field:
    petals, hearts, leaves = _flowers(bolt.size, bolt.seed)
    grown = _mix(_plain(bolt), LEAF_GREEN, leaves * 0.85)
    return _mix(_mix(grown, bolt.palette.petal, petals), POLLEN, hearts)


def _all_over(bolt: Bolt) -> Field:
    figures = _scatter(bolt.motif or "leaf", bolt.size, MOTIF_STEP, 0.78, bolt.seed)
    return _mix(bolt.palette.base, bolt.palette.printed, figures)


def _animals(bolt: Bolt) -> Field:
    return _mix(bolt.palette.base, bolt.palette.printed, _scatter(bolt.motif or "cat", bolt.size, 46, 0.84, bolt.seed))


def _acid_wash(bolt: Bolt) -> Field:
    size, seed, base = bolt.size, bolt.seed, bolt.palette.base
    clouds = noise(size, 20, 20, seed) * 0.35 + noise(size, 7, 9, seed) * 0.3 + noise(size, 3, 3, seed) * 0.2
    return _mix(base, companion(base, 0.6), np.clip(clouds, 0, 1))


def _burn_out(bolt: Bolt) -> Field:
    base = bolt.palette.base
    return _mix(base, companion(base, 0.38), np.clip(noise(bolt.size, 7, 12, bolt.seed) * 2.5 - 1.1, 0, 1))


def _space_dye(bolt: Bolt) -> Field:
    base, runs = bolt.palette.base, noise(bolt.size, 26, 2.6, bolt.seed)
    dyed = _mix(base, companion(base, 0.5), np.clip(runs * 1.6 - 0.9, 0, 1))
    return _mix(dyed, base * 0.62 + bolt.palette.second * 0.3, np.clip(-runs * 1.6 - 0.9, 0, 1))


def _jacquard(bolt: Bolt) -> Field:
    base, x, y = bolt.palette.base, bolt.x, bolt.y
    lattice = np.abs((x + y) % 16 - 8), np.abs((x - y) % 16 - 8)
    lines = np.clip(1.9 - np.minimum(*lattice), 0, 1)
    knots = np.clip(2.8 - np.hypot(8 - lattice[0], 8 - lattice[1]), 0, 1)
    return _mix(base, companion(base, 0.34), np.maximum(lines, knots).astype(np.float32))


PAINTERS: dict[str, Callable[[Bolt], Field]] = {
    "melange": _melange, "striped": _striped, "checked": _checked, "dots": _dots, "floral": _floral,
    "all-over print": _all_over, "animal": _animals, "acid wash": _acid_wash, "burn-out": _burn_out,
    "space-dye": _space_dye, "jacquard": _jacquard,
}  # fmt: skip


def cloth(garment: Garment, palette: Palette, x: Field, y: Field, tile: int) -> Field:
    """Albedo, shape (size, size, 3), of the garment's pattern at design coordinates x and y; others are plain.

    `tile` chooses one of `VARIANTS` of the textures that are strewn by chance.
    """
    bolt = Bolt(palette, x, y, tile % VARIANTS, garment.motif)
    return PAINTERS.get(garment.pattern, _plain)(bolt)

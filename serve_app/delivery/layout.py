"""Which part of the picture is delivered, and how large, so that product and sides keep the profile's rules."""

import math
from dataclasses import dataclass, replace

from serve_app.delivery.flooding import Box
from serve_app.delivery.profile import Profile, Range, Rules

FILL = 0.85  # of the side, where a profile says nothing: room for a shadow on every side
ROOM = 0.06  # kept free of what a lower bound leaves: a file at its bound would fail by one pixel
GENTLE = 2.0  # times: advised sizes are not worth a larger stretch, required ones are
FILL_MOST = 0.97  # of the side: the rest keeps the product whole
SIDE = 16_383  # pixels of a file that is written: more than this no WebP has, and a JPEG four times as many
PIXELS = 40_000_000  # of it: one colour, which fills no bytes however large, must not fill the memory


@dataclass(frozen=True)
class Layout:
    """`frame`: (x0, y0, x1, y1) in pixels of the source, beyond it where there is too little; `scale` to the delivered
    size, within `bounds`."""

    frame: Box
    scale: float
    bounds: tuple[float, float]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) as delivered."""
        x0, y0, x1, y1 = self.frame
        # A hair below the next pixel is that pixel: floats must not cost one below a limit.
        return math.ceil((x1 - x0) * self.scale - 1e-6), math.ceil((y1 - y0) * self.scale - 1e-6)

    def times(self, factor: float) -> "Layout":
        """Larger or smaller, as far as the profile allows."""
        least, most = self.bounds
        return replace(self, scale=min(max(self.scale * factor, least), most))


def layout(box: Box, source: tuple[int, int], profile: Profile) -> Layout:
    """Around a product's box in a picture of `source` (width, height); a product that is cut off stays at its edge."""
    width, height = _frame(box, source, profile)
    left = _start(box[0], box[2], source[0], width)
    top = _start(box[1], box[3], source[1], height)
    least = _needed(profile.required, width, height)
    advised = _needed(profile.advised, width, height)
    most = min(_allowed(rules, width, height) for rules in (profile.required, profile.advised))
    scale = max(1.0, least, advised if advised <= GENTLE else 0.0)
    return Layout((left, top, left + width, top + height), min(scale, most), (min(least, most), most))


def _frame(box: Box, source: tuple[int, int], profile: Profile) -> tuple[int, int]:
    """Width and height of the frame in pixels of the source."""
    across, down = box[2] - box[0], box[3] - box[1]
    required, advised = profile.required, profile.advised
    aspect = required.aspect or advised.aspect
    if required.fill_area is not None and aspect is None:
        side = math.sqrt(_aim(required.fill_area))
        return math.ceil(across / side), math.ceil(down / side)
    fill = _aim(required.fill_long or advised.fill_long) if required.fill_area is None else FILL_MOST
    wide, high = aspect or source
    height = max(down / fill, across / fill * high / wide)
    return math.ceil(height * wide / high), math.ceil(height)


def _aim(fill: Range | None) -> float:
    """The share that is aimed at: the middle of the bounds, or safely within the one there is."""
    if fill is None:
        return FILL
    if fill.least is not None and fill.most is not None:
        return (fill.least + fill.most) / 2
    return min(FILL_MOST, fill.least + ROOM) if fill.least is not None else min(FILL, (fill.most or 1.0) - ROOM)


def _start(first: int, last: int, side: int, frame: int) -> int:
    if first == 0:
        return 0
    return side - frame if last == side else round((first + last - frame) / 2)


def _needed(rules: Rules, width: int, height: int) -> float:
    """The scale from which on every lower bound of the sides is kept."""
    sides = _sides(rules, width, height)
    return max((bounds.least / side for bounds, side in sides if bounds and bounds.least), default=0.0)


def _allowed(rules: Rules, width: int, height: int) -> float:
    """The scale up to which every upper bound is kept; sides are rounded up, so a pixel is left."""
    sides = _sides(rules, width, height)
    limits = [(bounds.most - 1) / side for bounds, side in sides if bounds and bounds.most]
    pixels: float = PIXELS
    if rules.megapixels is not None and rules.megapixels.most is not None:
        pixels = min(pixels, rules.megapixels.most * 1e6)
    return min([*limits, (SIDE - 1) / max(width, height), 0.999 * math.sqrt(pixels / (width * height))])


def _sides(rules: Rules, width: int, height: int) -> list[tuple[Range | None, int]]:
    return [
        (rules.width, width),
        (rules.height, height),
        (rules.shortest_side, min(width, height)),
        (rules.longest_side, max(width, height)),
    ]

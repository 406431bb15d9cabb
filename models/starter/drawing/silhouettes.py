"""Pattern pieces of tops: measures by audience, and the outlines of body and sleeves cut from them."""

from dataclasses import dataclass, replace
from math import cos, radians, sin

from models.starter.drawing.garment import Garment
from models.starter.drawing.pen import Outline, Point, bend, mirror

MIDDLE = 128.0


@dataclass(frozen=True, slots=True)
class Measures:
    """Half widths and heights of a top in design units; y grows downwards."""

    neck: float
    top: float
    shoulder: float
    shoulder_y: float
    chest: float
    underarm: float
    waist: float
    waist_y: float
    hem: float
    hem_y: float
    sleeve: float = 1.0  # length and width of sleeves against a man's


MEASURES = {
    "men": Measures(23, 36, 56, 50, 54, 98, 53, 155, 53, 224),
    "women": Measures(23, 42, 47, 55, 47, 98, 40, 142, 47, 212, 0.92),
    "boys": Measures(24, 50, 52, 62, 51, 104, 50, 150, 51, 208, 0.8),
    "girls": Measures(23, 52, 45, 63, 45, 102, 43, 138, 54, 200, 0.76),
    "unisex_kids": Measures(23, 50, 48, 62, 48, 103, 48, 148, 52, 206, 0.78),
    "baby": Measures(26, 64, 50, 75, 53, 113, 56, 150, 54, 196, 0.62),
}
# How far a front neck edge lies below the back of the neck on an adult's top, in design units.
DEPTHS = {
    "crew": 20.0, "crew with v-notch": 20.0, "henley": 20.0, "boat": 10.0, "scoop": 40.0, "square": 26.0,
    "v-neck": 42.0,
    "polo collar": 20.0, "kent collar": 18.0, "shirt collar": 26.0, "stand-up collar": 12.0, "turtleneck": 12.0,
    "hood": 24.0, "elasticated off-shoulder": 4.0,
}  # fmt: skip
COLLARS = ("polo collar", "kent collar", "shirt collar")
WIDENING = {"boat": 0.42, "scoop": 0.25, "square": 0.3, "v-neck": 0.1, "turtleneck": -0.15}
# Angle below the horizontal, length, width at the cuff.
SLEEVES = {
    "cap": (44.0, 20.0, 38.0), "short": (40.0, 50.0, 40.0), "3/4": (63.0, 106.0, 27.0), "long": (69.0, 152.0, 21.0),
}  # fmt: skip


def measures(garment: Garment) -> Measures:
    """The measures of a garment's top: its audience's, with the ease of its type and room for its neckline."""
    return _necked(_eased(garment), garment)


def _eased(garment: Garment) -> Measures:
    m = MEASURES[garment.audience]
    kind = garment.type
    if kind in ("sweatshirt", "hoodie", "jacket", "knit jumper", "cardigan"):
        m = replace(m, chest=m.chest + 4, waist=m.waist + 5, hem=m.hem - 1, shoulder=m.shoulder + 3, hem_y=m.hem_y - 6)
    if kind == "blouse":
        m = replace(m, waist=m.waist + 3, hem=m.hem + 13, hem_y=m.hem_y - 4)  # it flares
    if kind == "dress":
        # The whole length has to fit, so the bodice is drawn smaller than a top.
        m = replace(
            m, neck=m.neck * 0.75, shoulder=m.shoulder * 0.72, chest=m.chest * 0.7, waist=m.waist * 0.66, hem=62.0,
            top=28.0, shoulder_y=37.0, underarm=67.0, waist_y=106.0,
            hem_y=232.0 if garment.audience == "women" else 210.0, sleeve=m.sleeve * 0.8,
        )  # fmt: skip
    if kind == "tank top":
        m = replace(m, shoulder=m.neck + 13, shoulder_y=m.top + 4, underarm=m.underarm + 4, chest=m.chest - 3)
    elif garment.drawn_sleeve == "sleeveless":
        m = replace(m, shoulder=m.shoulder - 8, shoulder_y=m.shoulder_y - 2)
    return m


def _necked(m: Measures, garment: Garment) -> Measures:
    if garment.drawn_neckline == "elasticated off-shoulder":
        bare = m.shoulder_y + 9
        return replace(
            m, neck=m.shoulder + 1, top=bare, shoulder=m.shoulder + 2, shoulder_y=bare + 2, underarm=m.underarm + 4
        )
    if garment.drawn_neckline in ("hood", "turtleneck"):  # room for it above the neck
        m = replace(m, top=m.top + 7, shoulder_y=m.shoulder_y + 7, underarm=m.underarm + 6)
    widening = WIDENING.get(garment.drawn_neckline or "", 0.0)
    neck = m.neck + widening * (m.shoulder - m.neck)
    return replace(m, neck=neck, top=m.top + max(widening, 0.0) * (m.shoulder_y - m.top))


def back_neck(m: Measures) -> list[Point]:
    """The upper edge of the back, from the wearer's right to left shoulder."""
    return bend((MIDDLE - m.neck, m.top), (MIDDLE, m.top + 7), (MIDDLE + m.neck, m.top))


def neck_depth(m: Measures, neckline: str) -> float:
    """How far the front edge lies below the back neck, in design units."""
    return DEPTHS[neckline] * (0.85 if m.sleeve < 0.85 else 1.0)


def front_edge(m: Measures, neckline: str, grow: float = 0.0) -> list[Point]:
    """The front neck edge from the left to the right shoulder; `grow` moves it outwards."""
    width, low = m.neck + grow, m.top + neck_depth(m, neckline) + grow
    # A grown edge starts further down the shoulder seam.
    slope = (m.shoulder_y - m.top) / max(m.shoulder - m.neck, 6.0)
    left = (MIDDLE - width, m.top + grow * slope)
    if neckline in ("v-neck", *COLLARS, "hood"):
        half = bend(left, (MIDDLE - width * 0.62, m.top + (low - m.top) * 0.45), (MIDDLE, low))
    elif neckline == "square":
        half = [left, (MIDDLE - width + 1.5, low - 1), (MIDDLE - width + 4, low), (MIDDLE, low)]
    else:
        half = bend(left, (MIDDLE - width * 0.9, low), (MIDDLE, low))
    return [*half, *mirror(half)]


def side(m: Measures, sleeveless: bool) -> list[Point]:
    """Right edge of the body from shoulder tip to hem."""
    tip, arm = (MIDDLE + m.shoulder, m.shoulder_y), (MIDDLE + m.chest, m.underarm)
    inward = (MIDDLE + m.shoulder - (9 if sleeveless else 3), m.underarm - (8 if sleeveless else 16))
    waist, hem = (MIDDLE + m.waist, m.waist_y), (MIDDLE + m.hem, m.hem_y)
    to_waist = bend(arm, (MIDDLE + (m.chest + m.waist) / 2 - 1, (m.underarm + m.waist_y) / 2), waist)
    flare = (MIDDLE + m.waist + 0.25 * (m.hem - m.waist), m.waist_y + 0.5 * (m.hem_y - m.waist_y))
    return [*bend(tip, inward, arm), *to_waist, *bend(waist, flare, hem)]


def hem(m: Measures, rounded: bool) -> list[Point]:
    """Lower edge from the right side seam to the left one."""
    if not rounded:
        return bend((MIDDLE + m.hem, m.hem_y), (MIDDLE, m.hem_y + 6), (MIDDLE - m.hem, m.hem_y))
    low = m.hem_y + 4
    half = [
        (MIDDLE + m.hem, m.hem_y - 22),
        *bend((MIDDLE + m.hem, m.hem_y - 20), (MIDDLE + m.hem * 0.85, low), (MIDDLE, low)),
    ]
    return [*half, *mirror(half)]


def body(m: Measures, sleeveless: bool, rounded: bool = False) -> list[Point]:
    """The closed outline of the body without sleeves."""
    right = side(m, sleeveless)
    if rounded:
        right = [point for point in right if point[1] < m.hem_y - 22]
    return [*back_neck(m), *right, *hem(m, rounded), *mirror(right)]


@dataclass(frozen=True, slots=True)
class Sleeve:
    """The right sleeve: closed outline, cuff line (outer to inner end), direction along the arm, armhole seam."""

    outline: list[Point]
    cuff: tuple[Point, Point]
    direction: Point
    armhole: list[Point]

    def band(self, depth: float, inset: float = 0.0) -> Outline:
        """A strip of a depth along the cuff, `inset` up the arm."""
        (bx, by), (cx, cy) = self.cuff
        dx, dy = self.direction
        lower = [(bx - inset * dx, by - inset * dy), (cx - inset * dx, cy - inset * dy)]
        upper = [(x - depth * dx, y - depth * dy) for x, y in reversed(lower)]
        return [*lower, *upper]


def sleeve(m: Measures, kind: str, puffed: bool = False) -> Sleeve:
    """The right sleeve of a kind of the vocabulary; `puffed` gathers it into its cuff."""
    angle, length, width = SLEEVES[kind]
    length, width = length * m.sleeve, width * max(m.sleeve, 0.7) * (0.82 if puffed and kind != "cap" else 1.0)
    dx, dy = cos(radians(angle)), sin(radians(angle))
    tip, arm = (MIDDLE + m.shoulder, m.shoulder_y), (MIDDLE + m.chest, m.underarm)
    outer = (tip[0] + length * dx, tip[1] + length * dy)
    inner = (outer[0] - width * dy, outer[1] + width * dx)
    swell = 13.0 if puffed else 6.0 if kind in ("long", "3/4") else 2.0
    over = ((tip[0] + outer[0]) / 2 + swell * dy, (tip[1] + outer[1]) / 2 - swell * dx)
    under = ((arm[0] + inner[0]) / 2 - (swell - 4) * dy, (arm[1] + inner[1]) / 2 + (swell - 4) * dx)
    armhole = bend(tip, (MIDDLE + m.shoulder - 3, m.underarm - 16), arm)
    # The sleeve reaches under the body, so that no gap opens at the armhole.
    root = [(MIDDLE + m.shoulder - 8, m.shoulder_y - 1), tip]
    outline = [*root, *bend(tip, over, outer), *bend(inner, under, arm), (MIDDLE + m.chest - 8, m.underarm)]
    return Sleeve(outline, (outer, inner), (dx, dy), armhole)

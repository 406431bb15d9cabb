"""Drawings that are wrong in one way each, beside the garment that their listing states."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from models.domain import Picture, Pixels
from models.questions import SAME_WEARER
from models.starter.drawing import Garment, draw
from models.starter.drawing.figures import draw_figure
from models.starter.drawing.sampling import AUDIENCES
from models.starter.recipes.corpus import unseen
from models.starter.recipes.figures import figure
from models.starter.recipes.negatives import Attribute, distance, rivals, wrong
from models.starter.recipes.questions import facts_of

SIDE = 256  # pixels
WRONG = 15.0  # CIEDE2000 between swatches: nearer colours are shades of each other, on which buyers differ
CUT = (0.12, 0.25)  # of the garment's width or height that lies outside the picture
BLUR = (2.0, 4.0)  # pixels, standard deviation
GREY = (150, 242)  # levels of a backdrop that is not white
SMALL = 0.49  # of the side: two garments beside each other
MARKS, RADIUS = (6, 14), (3, 7)  # stray blobs, pixels


@dataclass(frozen=True)
class Case:
    """`stated`: what the listing says; `finished`: whether a white background was laid behind the garment."""

    stated: Garment
    picture: Picture
    finished: bool = True


Maker = Callable[[Garment, np.random.Generator], Case | None]


def cases(name: str, count: int, seed: int) -> list[Case]:
    """`count` cases of a fault on held-out combinations; garments that cannot have it are passed over."""
    rng = np.random.default_rng((seed, *name.encode()))
    found: list[Case] = []
    while len(found) < count:
        case = FAULTS[name](replace(unseen(rng), backdrop="white"), rng)
        if case is not None:
            found.append(case)
    return found


def _clean(garment: Garment, rng: np.random.Generator) -> Case:
    return Case(garment, draw(garment, rng, SIDE).picture)


def _attribute(name: Attribute) -> Maker:
    """Another value of one attribute is drawn than is stated."""

    def made(garment: Garment, rng: np.random.Generator) -> Case | None:
        others = [wrong(garment, name, value) for value in rivals(garment, name)]
        others = [other for other in others if _differs(garment, other)]
        if not others:
            return None
        return Case(garment, draw(others[int(rng.integers(len(others)))], rng, SIDE).picture)

    return made


def _differs(stated: Garment, drawn: Garment) -> bool:
    """Whether the eye can tell: two names of one drawing or two shades of one colour are no fault."""
    far = stated.base != drawn.base and distance(stated.base, drawn.base) >= WRONG
    return far or facts_of(stated) != facts_of(drawn)


def _type(garment: Garment, rng: np.random.Generator) -> Case:
    """A garment of another type, cut as that type usually is; neither the stated word nor what it looks like fits."""
    kinds = (garment.type, facts_of(garment)["product_type"])
    while facts_of(other := unseen(rng))["product_type"] in kinds:
        pass
    drawn = replace(garment, type=other.type, sleeve=other.sleeve, neckline=other.neckline, details=other.details)
    return Case(garment, draw(drawn, rng, SIDE).picture)


def _cut_off(garment: Garment, rng: np.random.Generator) -> Case:
    drawing = draw(garment, rng, SIDE)
    rows, columns = np.nonzero(drawing.mask.alpha > 127)
    x0, x1, y0, y1 = int(columns.min()), int(columns.max()) + 1, int(rows.min()), int(rows.max()) + 1
    lost = float(rng.uniform(*CUT))
    shifts = {
        "left": (-(x0 + round(lost * (x1 - x0))), 0),
        "right": (SIDE - x1 + round(lost * (x1 - x0)), 0),
        "top": (0, -(y0 + round(lost * (y1 - y0)))),
        "bottom": (0, SIDE - y1 + round(lost * (y1 - y0))),
    }
    dx, dy = shifts[str(rng.choice(list(shifts)))]
    return Case(garment, Picture(_moved(drawing.picture.pixels, dx, dy)))


def _moved(pixels: Pixels, dx: int, dy: int) -> Pixels:
    moved = np.full_like(pixels, 255)
    height, width = pixels.shape[:2]
    target = slice(max(0, dy), height + min(0, dy)), slice(max(0, dx), width + min(0, dx))
    source = slice(max(0, -dy), height - max(0, dy)), slice(max(0, -dx), width - max(0, dx))
    moved[target] = pixels[source]
    return moved


def _grey(garment: Garment, rng: np.random.Generator) -> Case:
    level = int(rng.integers(*GREY))
    floor = np.full((SIDE, SIDE, 3), level, np.uint8)
    return Case(garment, draw(garment, rng, SIDE, background=floor).picture, finished=False)


def _blurred(garment: Garment, rng: np.random.Generator) -> Case:
    sigma = float(rng.uniform(*BLUR))
    pixels = draw(garment, rng, SIDE).picture.pixels.astype(np.float32)
    return Case(garment, Picture(np.rint(ndimage.gaussian_filter(pixels, (sigma, sigma, 0))).astype(np.uint8)))


def _second(garment: Garment, rng: np.random.Generator) -> Case:
    """Two whole garments beside each other."""
    side = round(SMALL * SIDE)
    pair = [draw(one, rng, side).picture.pixels for one in (garment, replace(unseen(rng), backdrop="white"))]
    pixels = np.full((SIDE, SIDE, 3), 255, np.uint8)
    for number in (0, 1):
        x, y = number * SIDE // 2, int(rng.integers(SIDE - side))
        pixels[y : y + side, x : x + side] = pair[number]
    return Case(garment, Picture(pixels))


def _artefacts(garment: Garment, rng: np.random.Generator) -> Case:
    """Stray blobs all over the picture."""
    pixels = draw(garment, rng, SIDE).picture.pixels.copy()
    y, x = np.mgrid[:SIDE, :SIDE]
    for _ in range(int(rng.integers(*MARKS))):
        at = rng.integers(8, SIDE - 8, 2)
        pixels[np.hypot(y - at[0], x - at[1]) < rng.uniform(*RADIUS)] = rng.integers(0, 200, 3)
    return Case(garment, Picture(pixels))


def _wearer(garment: Garment, rng: np.random.Generator) -> Case:
    """Cut for somebody else."""
    own = facts_of(garment)["audience"]
    others = [audience for audience in AUDIENCES if SAME_WEARER.get(audience, audience) != own]
    drawn = replace(garment, audience=str(rng.choice(others)))
    return Case(garment, draw(drawn, rng, SIDE).picture)


def _worn(_: Garment, rng: np.random.Generator) -> Case:
    """Somebody wears a garment, before white."""
    shown = replace(figure(unseen, rng), backdrop="white")
    return Case(shown.garment, draw_figure(shown, rng, SIDE).picture, finished=False)


FAULTS: dict[str, Maker] = {
    "clean": _clean,
    "wrong type": _type,
    "wrong colour": _attribute("colour"),
    "wrong pattern": _attribute("pattern"),
    "wrong sleeve": _attribute("sleeve"),
    "wrong neckline": _attribute("neckline"),
    "wrong audience": _wearer,
    "grey background": _grey,
    "cut off": _cut_off,
    "second garment": _second,
    "blurred": _blurred,
    "artefacts": _artefacts,
    "a person": _worn,
}

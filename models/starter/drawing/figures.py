"""A figure that wears a garment: head, torso, arms and legs in a pose that fits the garment's cut."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from models.domain import Picture, Pixels
from models.pose_picture import JOINTS, Joint
from models.starter.drawing import limbs
from models.starter.drawing.canvas import Canvas
from models.starter.drawing.draw import Pose, draw
from models.starter.drawing.garment import Garment
from models.starter.drawing.palette import swatch
from models.starter.drawing.pen import Field, Outline, Pen, Point, bend, circle
from models.starter.drawing.shading import volume
from models.starter.drawing.stances import SIDES, Body, Stance, stand

Part = Literal["backdrop", "skin", "hair", "legwear", "top", "garment"]
PARTS: tuple[Part, ...] = get_args(Part)
Rgb = tuple[int, int, int]

SKIN: dict[str, Rgb] = {"pale": (246, 219, 200), "olive": (205, 164, 120), "brown": (146, 94, 60), "dark": (84, 52, 38)}
HAIR: dict[str, Rgb] = {"black": (30, 27, 28), "brown": (98, 62, 36), "blond": (222, 186, 110), "red": (168, 72, 36)}
BACKDROPS: dict[str, Rgb] = {
    "white": (252, 252, 252), "light grey": (206, 207, 209), "beige": (229, 212, 184), "light blue": (178, 210, 236),
    "mint": (182, 226, 200), "pink": (244, 194, 204), "yellow": (248, 222, 120), "dark grey": (84, 87, 92),
}  # fmt: skip
BASICS = ("black", "navy", "white", "beige", "grey", "red")  # colours of what is worn beside the garment
FLOOR = 0.96  # light at the lower edge of the backdrop


@dataclass(frozen=True, slots=True)
class Figure:
    """Who wears the garment, in words of SKIN, HAIR and BACKDROPS; `legwear` and `top` are basics beside the garment,
    None where it covers that half or leaves it bare; `lying` is the garment's place in the picture."""

    garment: Garment
    skin: str
    hair: str
    backdrop: str
    legwear: str | None
    top: str | None
    stance: Stance
    lying: Pose


@dataclass(frozen=True, slots=True, eq=False)
class FigureDrawing:
    """`joints` in pixels; `parts`: index into PARTS of every pixel."""

    picture: Picture
    joints: dict[Joint, Point]
    parts: Pixels


def draw_figure(figure: Figure, rng: np.random.Generator, size: int = 256) -> FigureDrawing:
    """The figure with its garment on; folds and glitter of the garment come from `rng`."""
    lying = figure.lying
    pen = Pen(size, lying.scale, lying.turn, lying.shift)
    body = stand(figure.garment, figure.stance)
    canvas = Canvas(pen, np.zeros((size, size, 3), np.float32))
    parts = np.zeros((size, size), np.uint8)
    for part, colour, outlines in _pieces(figure, body):
        patch = canvas.lay(outlines, np.asarray(colour, np.float32), edge=0.0)
        parts[patch.window][patch.coverage > 0.5] = PARTS.index(part)
    _face(canvas, body)
    canvas.light *= volume(canvas.alpha, size / 256)
    alpha = canvas.alpha[..., None]
    bare = np.rint(_backdrop(figure.backdrop, size) * (1 - alpha) + canvas.developed() * alpha)
    worn = draw(figure.garment, rng, size, bare.astype(np.uint8), lying)
    parts[worn.mask.alpha > 127] = PARTS.index("garment")
    joints = {joint: (float(x), float(y)) for joint in JOINTS for x, y in pen.place([body.joints[joint]])}
    return FigureDrawing(worn.picture, joints, parts)


def _backdrop(word: str, size: int) -> Field:
    """A sweep of paper, a little darker towards the floor."""
    fall = np.linspace(1.0, FLOOR, size, dtype=np.float32)[:, None, None]
    return np.asarray(np.asarray(BACKDROPS[word], np.float32) * fall * np.ones((1, size, 1), np.float32))


def _pieces(figure: Figure, body: Body) -> Iterator[tuple[Part, Rgb | Field, list[Outline]]]:
    """What is laid over what, from the back of the hair to its front."""
    skin, hair, j, u = SKIN[figure.skin], HAIR[figure.hair], body.joints, body.unit
    (x, y), woman = j["head"], figure.garment.audience == "women"
    if woman:
        yield "hair", hair, limbs.long_hair(x, y, u)
    for side, _ in SIDES:
        leg = limbs.leg(j, side, u)
        yield ("skin", skin, leg) if figure.legwear is None else ("legwear", swatch(figure.legwear), leg)
    for side, _ in SIDES:
        yield "skin", skin, limbs.arm(j, side, u)
    torso = [limbs.torso(j, u)]
    yield ("skin", skin, torso) if figure.top is None else ("top", swatch(figure.top), torso)
    if figure.legwear is not None:
        yield "legwear", swatch(figure.legwear), [limbs.seat(j, u)]
    yield "skin", skin, limbs.limb(j["neck"], (x, y), 12 * u, 11 * u)
    yield "skin", skin, [limbs.face(x, y, u)]
    yield "hair", hair, [limbs.crown(x, y, u, 26 if woman else 32)]


def _face(canvas: Canvas, body: Body) -> None:
    """Two eyes and a mouth, so that a face is told from the back of a head."""
    (x, y), u = body.joints["head"], body.unit
    dark, lips = np.array([40, 30, 28], np.float32), np.array([176, 84, 80], np.float32)
    for side in (-1, 1):
        canvas.dye(canvas.pen.fill(circle(x + side * 8.5 * u, y - 1 * u, 3 * u)), dark)
    mouth = bend((x - 7 * u, y + 13 * u), (x, y + 17 * u), (x + 7 * u, y + 13 * u))
    canvas.dye(canvas.pen.stroke(mouth, width=3.2 * u), lips)

"""Where the joints of a figure are that wears a garment: arms lie in its sleeves, legs in its trousers."""

from dataclasses import dataclass
from math import cos, radians, sin

from models.pose_picture import Joint
from models.starter.drawing.bottoms import CUTS
from models.starter.drawing.garment import Garment
from models.starter.drawing.pen import Point
from models.starter.drawing.sampling import BOTTOMS
from models.starter.drawing.silhouettes import MIDDLE, SLEEVES, measures

SIDES = (("right", -1), ("left", 1))  # the wearer's right is on our left
UPPER_ARM, FOREARM, THIGH, SHIN, NECK = 74.0, 68.0, 112.0, 104.0, 50.0  # design units of an adult
WAIST = {"skirt": 24, "shorts": 46}  # how far a bottom's waist lies below that of trousers


@dataclass(frozen=True, slots=True)
class Stance:
    """What the garment leaves open, right and left, in degrees: upper arm and forearm below the horizontal, the legs'
    spread; `nod` tilts the head."""

    elbows: Point
    wrists: Point
    knees: Point
    nod: float


@dataclass(frozen=True, slots=True)
class Body:
    """Joints in the garment's design units; `unit` is what an adult's lengths are multiplied by."""

    joints: dict[Joint, Point]
    unit: float


def stand(garment: Garment, stance: Stance) -> Body:
    """The body that fits into a garment, taking a stance where it is free to."""
    body = _in_bottoms(garment, stance) if garment.type in BOTTOMS else _in_top(garment, stance)
    x, y = body.joints["neck"]
    tilt = radians(stance.nod)
    body.joints["head"] = (x + NECK * body.unit * sin(tilt), y - NECK * body.unit * cos(tilt))
    return body


def _in_top(garment: Garment, stance: Stance) -> Body:
    m = measures(garment)
    unit = m.chest / 51
    joints: dict[Joint, Point] = {"neck": (MIDDLE, m.top + 4)}
    low = m.waist_y + 36 * unit if garment.type == "dress" else (m.waist_y + m.hem_y) / 2
    for place, (name, side) in enumerate(SIDES):
        shoulder, angle = _armhole(garment, stance.elbows[place], unit)
        elbow = _towards(shoulder, angle, UPPER_ARM * unit)
        bent = angle if garment.drawn_sleeve in ("long", "3/4") else stance.wrists[place]
        wrist = _towards(elbow, bent, FOREARM * unit)
        joints |= _placed(name, side, {"shoulder": shoulder, "elbow": elbow, "wrist": wrist})
        joints |= _leg(name, side, (20 * unit, low), stance.knees[place], unit)
    return Body(joints, unit)


def _armhole(garment: Garment, bare: float, unit: float) -> tuple[Point, float]:
    """Shoulder and direction of an arm whose axis leaves through the middle of the cuff; `bare`: that of a bare arm."""
    m, kind = measures(garment), garment.drawn_sleeve or "sleeveless"
    if kind == "sleeveless":
        (x, y), angle, width = (m.shoulder + 3, m.shoulder_y + 2), bare, 22.0 * unit
    else:
        (x, y), angle, width = (m.shoulder, m.shoulder_y), SLEEVES[kind][0], SLEEVES[kind][2] * max(m.sleeve, 0.7)
    return (x - width / 2 * sin(radians(angle)), y + width / 2 * cos(radians(angle))), angle


def _in_bottoms(garment: Garment, stance: Stance) -> Body:
    cut = CUTS[garment.audience]
    unit = (cut.hip + 4) / 50
    waist = cut.top + WAIST.get(garment.type, 0)
    joints: dict[Joint, Point] = {"neck": (MIDDLE, waist - 112 * unit)}
    for place, (name, side) in enumerate(SIDES):
        shoulder, hip = (40 * unit, waist - 96 * unit), (21 * unit, waist + 44)
        elbow = _towards(shoulder, stance.elbows[place], UPPER_ARM * unit)
        wrist = _towards(elbow, stance.wrists[place], FOREARM * unit)
        joints |= _placed(name, side, {"shoulder": shoulder, "elbow": elbow, "wrist": wrist})
        if garment.type == "trousers":
            foot = (cut.hip + 4 - cut.leg / 2, cut.hem_y + 8)
            knee = ((hip[0] + foot[0]) / 2, (hip[1] + foot[1]) / 2)
            joints |= _placed(name, side, {"hip": hip, "knee": knee, "ankle": foot})
        else:
            joints |= _leg(name, side, hip, stance.knees[place], unit)
    return Body(joints, unit)


def _towards(start: Point, angle: float, length: float) -> Point:
    return start[0] + length * cos(radians(angle)), start[1] + length * sin(radians(angle))


def _leg(name: str, side: int, hip: Point, angle: float, unit: float) -> dict[Joint, Point]:
    knee = _towards(hip, 90 - angle, THIGH * unit)
    return _placed(name, side, {"hip": hip, "knee": knee, "ankle": _towards(knee, 90 - angle / 2, SHIN * unit)})


def _placed(name: str, side: int, points: dict[str, Point]) -> dict[Joint, Point]:
    """Points to the middle's left or right."""
    return {f"{name} {joint}": (MIDDLE + side * x, y) for joint, (x, y) in points.items()}  # type: ignore[misc]

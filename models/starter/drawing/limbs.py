"""Outlines of a figure's parts between its joints."""

from math import cos, hypot, pi, sin

import numpy as np

from models.pose_picture import Joint
from models.starter.drawing.pen import Outline, Point, bend, circle

HAND = 15.0  # design units of an adult


def leg(j: dict[Joint, Point], side: str, u: float) -> list[Outline]:
    """Thigh and shin; `u` is the body's unit, here and below."""
    hip, knee, ankle = (j[f"{side} {joint}"] for joint in ("hip", "knee", "ankle"))  # type: ignore[index]
    return [*limb(hip, knee, 20 * u, 14 * u), *limb(knee, ankle, 14 * u, 9 * u)]


def arm(j: dict[Joint, Point], side: str, u: float) -> list[Outline]:
    """Upper arm, forearm and hand; at the shoulder no broader than the cloth that lies over it."""
    shoulder, elbow, wrist = (j[f"{side} {joint}"] for joint in ("shoulder", "elbow", "wrist"))  # type: ignore[index]
    start, hand = _beyond(elbow, shoulder, -14 * u), _beyond(elbow, wrist, HAND * u)
    return [*limb(start, elbow, 11 * u, 9 * u), *limb(elbow, wrist, 9 * u, 7 * u), *limb(wrist, hand, 8 * u, 6 * u)]


def torso(j: dict[Joint, Point], u: float) -> Outline:
    """From the neck over the shoulders to the hips."""
    (nx, ny), (rx, ry), (lx, ly) = j["neck"], j["right shoulder"], j["left shoulder"]
    (hx, hy), (gx, _) = j["right hip"], j["left hip"]
    return [
        (nx - 12 * u, ny - 4 * u), (nx + 12 * u, ny - 4 * u), (lx - 8 * u, ly - 6 * u), (lx, ly + 10 * u),
        (gx + 16 * u, (ly + hy) / 2), (gx + 21 * u, hy), (hx - 21 * u, hy), (hx - 16 * u, (ry + hy) / 2),
        (rx, ry + 10 * u), (rx + 8 * u, ry - 6 * u),
    ]  # fmt: skip


def seat(j: dict[Joint, Point], u: float) -> Outline:
    """What legwear covers above the legs."""
    (hx, hy), (gx, gy) = j["right hip"], j["left hip"]
    return [
        (hx - 20 * u, hy - 26 * u), (gx + 20 * u, gy - 26 * u), (gx + 21 * u, gy + 12 * u), (hx - 21 * u, hy + 12 * u),
    ]  # fmt: skip


def face(x: float, y: float, u: float) -> Outline:
    """An ellipse about the middle of the head, as are the next two."""
    return [(x + 22 * u * cos(a), y + 28 * u * sin(a)) for a in np.linspace(0, 2 * pi, 24, endpoint=False)]


def long_hair(x: float, y: float, u: float) -> list[Outline]:
    """What falls behind the face to the shoulders."""
    fall = [(x - 27 * u, y - 8 * u), (x + 27 * u, y - 8 * u), (x + 30 * u, y + 40 * u), (x - 30 * u, y + 40 * u)]
    return [circle(x, y - 6 * u, 29 * u, 20), fall]


def crown(x: float, y: float, u: float, fringe: float) -> Outline:
    """Hair over the forehead, `fringe` units above the middle of the head at its highest."""
    arc = [(x + 24.5 * u * cos(a), y + (31 * sin(a) - 5) * u) for a in np.linspace(pi, 2 * pi, 14)]
    return [*arc, *bend((x + 24.5 * u, y - 5 * u), (x, y - fringe * u), (x - 24.5 * u, y - 5 * u))]


def limb(start: Point, end: Point, wide: float, narrow: float) -> list[Outline]:
    """A tapered limb with round ends, as outlines whose union it is."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(hypot(dx, dy), 1e-6)
    nx, ny = -dy / length, dx / length
    quad = [
        (start[0] + wide * nx, start[1] + wide * ny), (end[0] + narrow * nx, end[1] + narrow * ny),
        (end[0] - narrow * nx, end[1] - narrow * ny), (start[0] - wide * nx, start[1] - wide * ny),
    ]  # fmt: skip
    return [quad, circle(*start, wide), circle(*end, narrow)]


def _beyond(start: Point, end: Point, length: float) -> Point:
    """As far behind `end` as `length` says, seen from `start`."""
    whole = max(hypot(end[0] - start[0], end[1] - start[1]), 1e-6)
    return end[0] + (end[0] - start[0]) * length / whole, end[1] + (end[1] - start[1]) * length / whole

"""Joints of a figure as the picture that pose ControlNets were trained on: OpenPose's coloured bones on black."""

from collections.abc import Mapping
from colorsys import hsv_to_rgb
from typing import Literal, get_args

import numpy as np
from PIL import Image, ImageDraw

from models.domain import Picture

Joint = Literal[
    "head", "neck", "right shoulder", "right elbow", "right wrist", "left shoulder", "left elbow", "left wrist",
    "right hip", "right knee", "right ankle", "left hip", "left knee", "left ankle",
]  # fmt: skip
JOINTS: tuple[Joint, ...] = get_args(Joint)
BONES: tuple[tuple[Joint, Joint], ...] = (
    ("neck", "right shoulder"), ("neck", "left shoulder"), ("right shoulder", "right elbow"),
    ("right elbow", "right wrist"), ("left shoulder", "left elbow"), ("left elbow", "left wrist"),
    ("neck", "right hip"), ("right hip", "right knee"), ("right knee", "right ankle"), ("neck", "left hip"),
    ("left hip", "left knee"), ("left knee", "left ankle"), ("neck", "head"),
)  # fmt: skip
HUES = 18  # OpenPose spreads the circle over so many joints
DIM = 0.6  # of a bone against its joints
THICK = 1 / 64  # of the shorter side


def pose_picture(joints: Mapping[Joint, tuple[float, float]], width: int, height: int) -> Picture:
    """Bones whose two joints are given, in pixels; what is outside the picture is cut off."""
    image = Image.new("RGB", (width, height))
    ink = ImageDraw.Draw(image)
    thick = max(2, round(min(width, height) * THICK))
    for place, (start, end) in enumerate(BONES):
        if start in joints and end in joints:
            ink.line([*joints[start], *joints[end]], fill=_colour(place, DIM), width=thick)
    for place, joint in enumerate(JOINTS):
        if joint in joints:
            x, y = joints[joint]
            ink.ellipse([x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2], fill=_colour(place, 1.0))
    return Picture(np.asarray(image))


def _colour(place: int, level: float) -> tuple[int, int, int]:
    red, green, blue = hsv_to_rgb(place / HUES, 1.0, level)
    return round(255 * red), round(255 * green), round(255 * blue)

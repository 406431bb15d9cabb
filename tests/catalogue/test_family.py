"""Colourways of one article belong together when frame and light are the same."""

import numpy as np
import pytest

from models.domain import Mask, Picture
from models.starter.drawing import STRAIGHT, Garment, draw
from serve_app.catalogue.family import FRAMING, LIGHT, Member, consistency, iou, light_distance
from serve_app.catalogue.recolouring import Dye, recolour

SHIRT = Garment("men", "t-shirt", "grey")


def member(garment: Garment, moved: int = 0) -> Member:
    drawing = draw(garment, np.random.default_rng(1), pose=STRAIGHT)
    return Member(
        Picture(np.roll(drawing.picture.pixels, moved, axis=1)), Mask(np.roll(drawing.mask.alpha, moved, axis=1), 1.0)
    )


def dyed(first: Member, colour: str) -> Member:
    picture = recolour(first.picture, first.mask, Dye(colour, "grey"))
    assert isinstance(picture, Picture), picture
    return Member(picture, first.mask)


def test_dyed_colourways_go_together() -> None:
    first = member(SHIRT)
    family = consistency(
        {"a-grey": first, **{f"a-{colour}": dyed(first, colour) for colour in ("white", "black", "red")}}
    )
    assert (family.base, family.members) == ("a-grey", ["a-grey", "a-white", "a-black", "a-red"])
    assert family.framing_iou == 1.0
    assert family.light_distance < LIGHT == family.limit
    assert family.consistent


def test_a_member_that_lies_elsewhere_breaks_the_family() -> None:
    first = member(SHIRT)
    family = consistency({"a": first, "b": member(SHIRT, moved=6), "c": first})
    assert family.framing_iou < FRAMING
    assert not family.consistent


def test_a_member_in_another_light_breaks_the_family() -> None:
    first = member(SHIRT)
    ramp = np.linspace(0.6, 1.4, 256)[:, None, None]
    lit = Picture(np.clip(first.picture.pixels * ramp, 0, 255).astype(np.uint8))
    family = consistency({"a": first, "b": Member(lit, first.mask)})
    assert family.light_distance > LIGHT, family
    assert not family.consistent


def test_the_worst_member_counts() -> None:
    first = member(SHIRT)
    shifted = [member(SHIRT, moved) for moved in (1, 4)]
    family = consistency({"a": first, "b": shifted[0], "c": shifted[1]})
    assert family.framing_iou == pytest.approx(iou(first.mask, shifted[1].mask), abs=1e-4)


def test_colour_alone_is_no_difference_of_light() -> None:
    flat = np.full((64, 64, 3), 255, np.uint8)
    flat[8:56, 8:56] = (40, 60, 120)
    other = flat.copy()
    other[8:56, 8:56] = (240, 200, 30)
    mask = np.zeros((64, 64), np.uint8)
    mask[8:56, 8:56] = 255
    assert light_distance(*(Member(Picture(pixels), Mask(mask, 1.0)) for pixels in (flat, other))) == 0.0


def test_masks_of_two_sizes_share_no_frame() -> None:
    assert iou(Mask(np.full((8, 8), 255, np.uint8), 1.0), Mask(np.full((9, 9), 255, np.uint8), 1.0)) == 0.0

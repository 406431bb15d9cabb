"""Colourways of one article belong together when frame and light are the same."""

from dataclasses import replace

import numpy as np
import pytest

from models.domain import Mask, Picture
from models.starter.drawing import STRAIGHT, Garment, draw
from serve_app.catalogue.family import FRAMING, LIGHT, Member, consistency, iou, light_distance
from serve_app.catalogue.finishing import on_white
from serve_app.catalogue.recolouring import Dye, recolour

SHIRT = Garment("men", "t-shirt", "grey")


def member(garment: Garment, moved: int = 0) -> Member:
    drawing = draw(garment, np.random.default_rng(1), pose=STRAIGHT)
    return shown(
        Picture(np.roll(drawing.picture.pixels, moved, axis=1)), Mask(np.roll(drawing.mask.alpha, moved, axis=1), 1.0)
    )


def shown(picture: Picture, mask: Mask) -> Member:
    return Member(on_white(picture, mask), picture, mask)


def dyed(first: Member, colour: str) -> Member:
    picture = recolour(first.rendered, first.mask, Dye(colour, "grey"))
    assert isinstance(picture, Picture), picture
    return shown(picture, first.mask)


def test_dyed_colourways_go_together() -> None:
    first = member(SHIRT)
    family = consistency(
        {"a-grey": first, **{f"a-{colour}": dyed(first, colour) for colour in ("white", "black", "red")}}
    )
    assert (family.base, family.members) == ("a-grey", ["a-grey", "a-white", "a-black", "a-red"])
    assert family.framing_iou > 0.995, family
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
    lit = Picture(np.clip(first.rendered.pixels * ramp, 0, 255).astype(np.uint8))
    family = consistency({"a": first, "b": shown(lit, first.mask)})
    assert family.light_distance > LIGHT, family
    assert not family.consistent


def test_the_worst_member_counts() -> None:
    first = member(SHIRT)
    shifted = [member(SHIRT, moved) for moved in (1, 4)]
    family = consistency({"a": first, "b": shifted[0], "c": shifted[1]})
    assert family.framing_iou == pytest.approx(iou(first.outline, shifted[1].outline), abs=1e-4)


def test_framing_is_measured_on_the_delivered_pictures_whatever_the_masks_say() -> None:
    first, other = member(SHIRT), member(SHIRT, moved=6)
    family = consistency({"a": first, "b": replace(other, mask=first.mask)})
    assert family.framing_iou < FRAMING, family
    same = consistency({"a": first, "b": replace(first, mask=other.mask)})
    assert same.framing_iou == 1.0, same


def test_on_a_ground_that_is_not_plain_the_mask_is_the_outline() -> None:
    first = member(SHIRT)
    noise = np.random.default_rng(2).integers(0, 256, first.rendered.pixels.shape).astype(np.uint8)
    assert (replace(first, delivered=Picture(noise)).outline == (first.mask.alpha > 127)).all()


def test_colour_alone_is_no_difference_of_light() -> None:
    flat = np.full((64, 64, 3), 255, np.uint8)
    flat[8:56, 8:56] = (40, 60, 120)
    other = flat.copy()
    other[8:56, 8:56] = (240, 200, 30)
    mask = np.zeros((64, 64), np.uint8)
    mask[8:56, 8:56] = 255
    assert light_distance(*(shown(Picture(pixels), Mask(mask, 1.0)) for pixels in (flat, other))) == 0.0


def test_outlines_of_two_sizes_share_no_frame() -> None:
    assert iou(np.ones((8, 8), bool), np.ones((9, 9), bool)) == 0.0

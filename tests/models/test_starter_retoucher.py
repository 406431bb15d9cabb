"""The shipped retoucher paints a figure around a locked garment."""

from dataclasses import replace
from functools import cache

import numpy as np

from models.domain import Picture
from models.stable_diffusion.adapter import StableDiffusionRetoucher
from models.stable_diffusion.recipe import StableDiffusionRecipe
from models.starter.drawing.figures import BACKDROPS
from models.starter.evaluations.figures import Case, colour_word, rates
from models.starter.evaluations.retoucher import pictures_of
from models.starter.recipes.corpus import unseen
from models.starter.recipes.figures import drawings, wording

COUNT = 10


@cache
def retoucher() -> StableDiffusionRetoucher:
    return StableDiffusionRecipe(device="cpu", threads=1).load()


@cache
def cases() -> tuple[Case, ...]:
    """Those of some held-out figures whose colours differ from their backdrop."""
    drawn = (Case(drawing, wording(figure)) for figure, drawing in drawings(unseen, 4242, 3 * COUNT))
    return tuple(case for case in drawn if case.stands_out)[:COUNT]


@cache
def painted() -> tuple[Picture, ...]:
    return tuple(pictures_of(retoucher(), [case.order(seed) for seed, case in enumerate(cases())]))


def test_the_figure_stands_in_the_pose_that_the_control_shows() -> None:
    own = rates(painted(), cases())
    others = rates(painted(), cases()[1:] + cases()[:1])
    assert own["figure_iou"] > others["figure_iou"] + 0.2, (own, others)


def test_without_its_control_the_figure_does_not_find_the_pose() -> None:
    alone = pictures_of(retoucher(), [case.order(seed, None) for seed, case in enumerate(cases())])
    assert rates(alone, cases())["figure_iou"] < rates(painted(), cases())["figure_iou"] - 0.05


def test_the_backdrop_has_the_colour_of_the_prompt() -> None:
    case = cases()[0]
    words = list(BACKDROPS)
    asked = [replace(case, said={**case.said, "backdrop": word}) for word in words]
    shown = [
        colour_word(picture, case, "backdrop")
        for picture, case in zip(pictures_of(retoucher(), [one.order(3) for one in asked]), asked, strict=True)
    ]
    right = [word == said for word, said in zip(words, shown, strict=True)]
    assert np.mean(right) >= 0.75, list(zip(words, shown, strict=True))


def test_the_garments_pixels_are_untouched() -> None:
    for picture, case in zip(painted(), cases(), strict=True):
        kept = case.shows("garment")
        assert np.array_equal(picture.pixels[kept], case.drawing.picture.pixels[kept])


def test_the_same_order_gives_the_same_pixels_and_another_seed_others() -> None:
    (again,) = pictures_of(retoucher(), [cases()[0].order(0)])
    (other,) = pictures_of(retoucher(), [cases()[0].order(1)])
    assert np.array_equal(again.pixels, painted()[0].pixels)
    assert (other.pixels != again.pixels).any()


def test_a_picture_without_mask_keeps_more_of_itself_the_lower_the_strength() -> None:
    case = cases()[0]
    picture = case.drawing.picture
    order = replace(case.order(5), picture=picture, mask=None)
    far = [
        float(np.abs(one.pixels.astype(int) - picture.pixels).mean())
        for one in pictures_of(retoucher(), [replace(order, strength=strength) for strength in (0.25, 1.0)])
    ]
    assert far[0] < far[1], far

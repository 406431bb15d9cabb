"""The product's edge: no rim of the old background, soft, and only as wide as the mask may be off."""

import io

import numpy as np
import pytest
from PIL import Image
from scenes import GARMENTS

from models.domain import Mask, Pixels
from models.starter.drawing.draw import draw
from serve_app.delivery.finish import finish
from serve_app.delivery.flooding import box_of
from serve_app.delivery.matte import matte
from serve_app.delivery.profile import profile
from serve_app.delivery.subject import far_from

TROUSERS = GARMENTS[3]  # black, drawn on white


def rough(alpha: Pixels, side: int) -> Pixels:
    """A mask as a model of `side` pixels gives it: with steps, and now and then a pixel too wide."""
    small = Image.fromarray(alpha).resize((side, side), Image.Resampling.BOX)
    large = small.resize((alpha.shape[1], alpha.shape[0]), Image.Resampling.BILINEAR)
    return np.where(np.asarray(large) > 127, np.uint8(255), np.uint8(0))


def test_a_mask_with_steps_leaves_no_light_rim_on_a_dark_garment() -> None:
    drawing = draw(TROUSERS, np.random.default_rng(3), 1024)
    done = finish(drawing.picture, Mask(rough(drawing.mask.alpha, 256), 1.0), profile("myntra"))
    with Image.open(io.BytesIO(done.content)) as image:
        levels = np.asarray(image.convert("L"))
    ground = int(levels[0, 0])
    product = done.mask.alpha > 127
    rim = ~far_from(product, 6) & ~far_from(~product, 10)
    light = int(np.count_nonzero(levels[rim] > ground + 8))
    assert light <= np.count_nonzero(rim) / 5000, f"{light} pixels are lighter than the new ground, as the old one was"


@pytest.mark.parametrize("place", range(len(GARMENTS)))
def test_a_mask_with_steps_comes_nearer_to_the_garment(place: int) -> None:
    drawing = draw(GARMENTS[place], np.random.default_rng(place), 768)
    true = drawing.mask.alpha.astype(np.int16)
    given = rough(drawing.mask.alpha, 192)
    _, found = matte(drawing.picture.pixels, given)
    before, after = (int(np.abs(mask - true).sum() / 255) for mask in (given.astype(np.int16), found.astype(np.int16)))
    assert after < before, f"{after} instead of {before} pixels are wrong"


def test_a_true_mask_is_kept() -> None:
    drawing = draw(GARMENTS[0], np.random.default_rng(1), 768)
    _, found = matte(drawing.picture.pixels, drawing.mask.alpha)
    x0, y0, x1, y1 = box_of(drawing.mask.alpha > 127) or (0, 0, 0, 0)
    off = np.abs(found.astype(np.int16) - drawing.mask.alpha).sum() / 255
    assert off < 2 * ((x1 - x0) + (y1 - y0)), "less than a pixel along its edge"
    assert set(np.unique(found)) > {0, 255}, "an edge has levels between"


def test_what_is_thinner_than_the_doubt_does_not_vanish() -> None:
    pixels = np.full((400, 400, 3), 255, np.uint8)
    pixels[:, 199:201] = (120, 0, 0)
    _, found = matte(pixels, np.where(pixels[..., 1] == 0, np.uint8(255), np.uint8(0)))
    assert (found[50:350, 199:201] > 127).all()

"""More pixels than a picture has: used where a file needs them and the product stays what it is, else left aside."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from models.domain import Mask, Picture, Pixels
from models.starter.drawing.draw import draw
from models.starter.drawing.garment import Garment
from serve_app.delivery.cutout import Cutout
from serve_app.delivery.enlarging import Enlarged, Finer, cropped, lacking, unless_changed
from serve_app.delivery.finish import Finished, finish
from serve_app.delivery.flooding import box_of
from serve_app.delivery.layout import layout
from serve_app.delivery.profile import profile

SHIRT = Garment("men", "t-shirt", "red")
ZALANDO = profile("zalando")  # at least 762 x 1100


def drawn(side: int) -> tuple[Picture, Mask]:
    drawing = draw(SHIRT, np.random.default_rng(3), side)
    return drawing.picture, drawing.mask


def finer(picture: Picture, mask: Mask, times: int = 2) -> Finer:
    """What the drawing itself looks like with `times` the pixels."""
    box = lacking(picture, mask, ZALANDO)
    assert box is not None, "the picture suffices"
    large, _ = drawn(picture.size[0] * times)
    return Finer(cropped(large, tuple(side * times for side in box)), box)  # type: ignore[arg-type]


def changed(found: Finer, pixels: Pixels) -> Finer:
    return Finer(Picture(pixels), found.box)


def shown(done: Finished) -> Pixels:
    with Image.open(io.BytesIO(done.content)) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("side", [256, 512])
def test_the_product_of_a_small_picture_lacks_pixels(side: int) -> None:
    picture, mask = drawn(side)
    box = lacking(picture, mask, ZALANDO)
    assert box is not None
    x0, y0, x1, y1 = box
    assert (mask.alpha > 127).sum() == (mask.alpha[y0:y1, x0:x1] > 127).sum(), "the part does not hold all of it"
    assert (x1 - x0) * (y1 - y0) < 0.8 * side**2, "the background is enlarged too"


def test_a_picture_that_suffices_lacks_nothing() -> None:
    assert lacking(*drawn(2048), ZALANDO) is None


def test_without_a_product_nothing_lacks_pixels() -> None:
    picture, mask = drawn(256)
    assert lacking(picture, Mask(np.zeros_like(mask.alpha), 1.0), ZALANDO) is None


def test_the_same_product_with_more_pixels_is_used_and_said() -> None:
    picture, mask = drawn(256)
    source = unless_changed(picture, mask, finer(picture, mask))
    assert source.reason is None
    done = finish(source, mask, ZALANDO)
    assert any("by the upscaler (2 times) and Lanczos to" in step for step in done.steps), done.steps
    assert source.about == {"enlarged": {"by": "upscaler", "times": 2}}


def test_finer_pixels_bring_the_file_nearer_to_what_the_product_looks_like() -> None:
    picture, mask = drawn(256)
    large, large_mask = drawn(1024)
    box = box_of(mask.alpha > 127)
    assert box is not None
    plan = layout(box, picture.size, ZALANDO)
    whole = replace(plan, frame=tuple(4 * side for side in plan.frame), scale=plan.scale / 4)
    right = np.asarray(Cutout.of(large, large_mask).placed(whole, 255, False).picture).astype(int)
    plain, fine = (
        np.asarray(Cutout.of(picture, mask, found).placed(plan, 255, False).picture)
        for found in (None, finer(picture, mask, 4))
    )
    error, finer_error = np.abs(plain - right).mean(), np.abs(fine - right).mean()
    assert finer_error < 0.7 * error, (finer_error, error)


def test_outside_the_product_white_stays_exactly_white() -> None:
    picture, mask = drawn(256)
    found = finer(picture, mask)
    outside = np.asarray(Image.fromarray(mask.alpha).crop(found.box).resize(found.picture.size)) < 8
    dirty = np.where(outside[..., None], np.uint8(90), found.picture.pixels)  # as a model of photographs may do
    plain, fine = (
        finish(source, mask, profile("amazon.main"), "png")
        for source in (picture, Enlarged(picture, changed(found, dirty)))
    )
    assert np.array_equal(plain.mask.alpha, fine.mask.alpha), "the product has another edge"
    assert (shown(fine)[fine.mask.alpha == 0] == 255).all()
    at_edge = (fine.mask.alpha > 0) & (fine.mask.alpha < 255)
    assert np.abs(shown(fine)[at_edge].astype(int) - shown(plain)[at_edge]).max() <= 30, "a rim of the model's ground"


@pytest.mark.parametrize("levels", [-12, 12])
def test_a_tint_is_put_right_so_that_reduced_it_is_the_same_product(levels: int) -> None:
    picture, mask = drawn(256)
    found = finer(picture, mask)
    tinted = np.clip(found.picture.pixels + np.array([levels, 0, 0]), 0, 255).astype(np.uint8)
    source = unless_changed(picture, mask, changed(found, tinted))
    assert source.finer is not None, source.reason
    reduced = np.asarray(Image.fromarray(source.finer.picture.pixels).reduce(2)).astype(int)
    product = cropped(Picture(np.dstack([mask.alpha] * 3)), found.box).pixels > 127
    apart = np.abs(reduced - cropped(picture, found.box).pixels)[product]
    assert apart.mean() < 1, apart.mean()


@pytest.mark.parametrize("levels", [-60, 60])
def test_another_colour_is_left_aside(levels: int) -> None:
    picture, mask = drawn(256)
    found = finer(picture, mask)
    tinted = np.clip(found.picture.pixels + np.array([levels, 0, 0]), 0, 255).astype(np.uint8)
    source = unless_changed(picture, mask, changed(found, tinted))
    assert source.finer is None
    assert source.reason is not None
    assert "changed the product" in source.reason


def test_a_button_that_was_not_there_is_left_aside() -> None:
    picture, mask = drawn(256)
    found = finer(picture, mask)
    height, width = found.picture.pixels.shape[:2]
    invented = found.picture.pixels.copy()
    invented[height // 2 :, width // 2 :][:20, :20] = 240
    source = unless_changed(picture, mask, changed(found, invented))
    assert source.reason is not None
    assert "in one place" in source.reason


def test_a_picture_of_another_size_is_left_aside() -> None:
    picture, mask = drawn(256)
    found = finer(picture, mask)
    source = unless_changed(picture, mask, changed(found, found.picture.pixels[:-3]))
    assert source.reason is not None
    done = finish(source, mask, ZALANDO)
    assert any(step.startswith("not enlarged by the upscaler") for step in done.steps), done.steps
    assert any("by Lanczos to" in step for step in done.steps), done.steps

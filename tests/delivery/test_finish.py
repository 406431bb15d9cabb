"""Finished files pass the profile that they were made for, show the garment unchanged, and say what was done."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scenes import GARMENTS

from models.domain import Mask, Picture
from models.starter.drawing.draw import draw
from models.starter.drawing.garment import Garment
from serve_app.delivery.checks import check
from serve_app.delivery.finish import Finished, FinishError, finish
from serve_app.delivery.profile import names, profile
from serve_app.delivery.subject import read


def drawn(garment: Garment, side: int = 512, seed: int = 3) -> tuple[Picture, Mask]:
    drawing = draw(garment, np.random.default_rng(seed), side)
    return drawing.picture, drawing.mask


def shown(done: Finished) -> np.ndarray:
    with Image.open(io.BytesIO(done.content)) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("backdrop", ["white", "grey", "room"])
def test_a_finished_file_passes_its_profile(name: str, backdrop: str) -> None:
    first = names().index(name)
    for side, plain in ((256, GARMENTS[first % 6]), (512, GARMENTS[(first + 3) % 6])):
        garment = replace(plain, backdrop=backdrop)  # type: ignore[arg-type]
        done = finish(*drawn(garment, side), profile(name))
        for mask in (done.mask, None):
            report = check(read(done.content, "bluse.jpg", mask), profile(name))
            assert report.passes, (garment, done.steps, [ruling.reason["en"] for ruling in report.failed])


def test_white_garments_stay_whole_on_white() -> None:
    picture, mask = drawn(Garment("men", "shirt", "white"))
    done = finish(picture, mask, profile("amazon.main"))
    report = check(read(done.content, "hemd.jpg", done.mask), profile("amazon.main"))
    assert report.passes, report.failed


def test_the_old_background_leaves_no_rim() -> None:
    picture, mask = drawn(Garment("men", "t-shirt", "red"))
    green = np.where(mask.alpha[..., None] > 127, picture.pixels, np.array([0, 255, 0], np.uint8))
    pixels = shown(finish(Picture(green), mask, profile("amazon.main"))).astype(int)
    excess = pixels[..., 1] - np.maximum(pixels[..., 0], pixels[..., 2])
    assert excess.max() <= 20, excess.max()  # of 255 levels that the old background had


def test_the_garment_keeps_its_colours() -> None:
    picture, mask = drawn(GARMENTS[0], 1024)
    pixels = shown(finish(picture, mask, profile("shopify"), "png"))
    inside = np.median(picture.pixels[mask.alpha == 255], axis=0)
    after = np.median(pixels[(pixels != 255).any(axis=-1)], axis=0)
    assert np.abs(inside - after).max() <= 3, (inside, after)


def test_the_same_picture_gives_the_same_file() -> None:
    once, again = (finish(*drawn(GARMENTS[1]), profile("zalando")).content for _ in range(2))
    assert once == again


def test_enlarging_is_said() -> None:
    done = finish(*drawn(GARMENTS[0], 256), profile("zalando"))
    assert done.size[0] >= 762
    assert any("enlarged" in step and "Lanczos" in step for step in done.steps), done.steps


def test_a_garment_that_is_cut_off_is_not_passed_off_as_whole() -> None:
    picture, mask = drawn(GARMENTS[0])
    half = slice(0, picture.size[0] // 2)
    done = finish(Picture(picture.pixels[:, half]), Mask(mask.alpha[:, half], 1.0), profile("amazon.main"))
    report = check(read(done.content, "hemd.jpg", done.mask), profile("amazon.main"))
    assert "whole" in {ruling.rule for ruling in report.failed}, report.failed


def test_bytes_are_kept_from_both_sides() -> None:
    for seed in range(3):
        picture, mask = drawn(GARMENTS[2], seed=seed)
        assert 512_000 <= len(finish(picture, mask, profile("myntra")).content) <= 1_000_000
    noise = np.random.default_rng(0).integers(0, 255, (1600, 1200, 3), dtype=np.uint8)
    loud = finish(Picture(noise), Mask(np.pad(np.full((1400, 1000), 255, np.uint8), 100), 1.0), profile("ajio"))
    assert 204_800 <= len(loud.content) <= 1_000_000, loud.steps


@pytest.mark.parametrize("name", ["ajio", "myntra"])
@pytest.mark.parametrize("garment", GARMENTS[:4])
def test_a_file_of_a_certain_weight_takes_two_drawings_at_most(name: str, garment: Garment) -> None:
    sizes: list[tuple[int, int]] = []

    def seen(image: Image.Image, product: Mask) -> Image.Image:
        sizes.append(image.size)
        return image

    finish(*drawn(garment, 768), profile(name), touch=seen)
    assert 1 <= len(sizes) <= 2, sizes


@pytest.mark.parametrize(("name", "size"), [("myntra", (200, 200)), ("google.merchant", (2900, 3))])
def test_no_picture_makes_a_file_that_fills_the_memory(name: str, size: tuple[int, int]) -> None:
    flat = np.full((size[1] + 4, size[0] + 4, 3), 255, np.uint8)
    flat[2:-2, 2:-2] = (180, 20, 20)
    mask = Mask(np.where(flat[..., 1] == 20, np.uint8(255), np.uint8(0)), 1.0)
    done = finish(Picture(flat), mask, profile(name))
    assert done.size[0] * done.size[1] <= 40_000_000, done.steps


def test_what_cannot_be_finished_is_refused() -> None:
    picture, mask = drawn(GARMENTS[0], 256)
    with pytest.raises(FinishError, match="no product"):
        finish(picture, Mask(np.zeros_like(mask.alpha), 1.0), profile("ebay"))
    with pytest.raises(FinishError, match="'png'"):
        finish(picture, mask, profile("zalando"), "png")

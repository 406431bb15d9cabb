"""Delivered files: exactly white."""

from io import BytesIO

import numpy as np
from PIL import Image

from models.domain import Mask, Picture
from serve_app.catalogue.finishing import on_white, png


def garment(colour: tuple[int, int, int], background: int = 246) -> tuple[Picture, Mask]:
    pixels = np.full((256, 256, 3), background, np.uint8)
    alpha = np.zeros((256, 256), np.uint8)
    pixels[30:230, 60:196] = colour
    alpha[30:230, 60:196] = 255
    return Picture(pixels), Mask(alpha, 0.9)


def test_everything_away_from_the_garment_is_exactly_white() -> None:
    delivered = on_white(*garment((31, 58, 120))).pixels
    assert (delivered[:20] == 255).all()
    assert (delivered[:, :50] == 255).all()


def test_the_garment_itself_is_untouched() -> None:
    picture, mask = garment((31, 58, 120))
    assert (on_white(picture, mask).pixels[31:229, 61:195] == picture.pixels[31:229, 61:195]).all()


def test_png_round_trips() -> None:
    picture, _ = garment((31, 58, 120))
    with Image.open(BytesIO(png(picture.pixels))) as image:
        assert (np.asarray(image) == picture.pixels).all()

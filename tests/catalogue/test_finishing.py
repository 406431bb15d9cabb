"""Delivered files: exactly white, lettering where a print sits."""

from io import BytesIO

import numpy as np
from PIL import Image

from models.domain import Mask, Picture
from serve_app.catalogue.finishing import lettered, on_white, png


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


def test_lettering_stays_on_the_chest_and_stands_out() -> None:
    for colour in ((31, 58, 120), (247, 247, 245)):
        picture, mask = garment(colour)
        changed = np.abs(lettered(picture, mask, "World Explorer").pixels.astype(int) - picture.pixels).max(axis=-1)
        rows, columns = np.nonzero(changed > 60)
        assert rows.size > 300, rows.size
        assert rows.min() > 60
        assert rows.max() < 160
        assert columns.min() > 60
        assert columns.max() < 196


def test_long_and_odd_texts_are_set_without_error() -> None:
    picture, mask = garment((31, 58, 120))
    for text in ("A", "Donaudampfschifffahrtsgesellschaftskapitän", "a b c d e f g h i j k l m n", "Grüße ß"):
        assert lettered(picture, mask, text).pixels.shape == (256, 256, 3)
    assert lettered(picture, mask, "  ") is picture


def test_png_round_trips() -> None:
    picture, _ = garment((31, 58, 120))
    with Image.open(BytesIO(png(picture.pixels))) as image:
        assert (np.asarray(image) == picture.pixels).all()

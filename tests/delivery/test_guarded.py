"""A stranger's file is checked in a process of its own, and says there what it says here."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image
from scenes import GARMENTS, Scene

from serve_app.delivery.checks import check
from serve_app.delivery.guarded import checked
from serve_app.delivery.profile import profile
from serve_app.delivery.subject import read
from serve_app.uploads import PictureError, limits

SCENE = Scene(GARMENTS[0], (762, 1100), (0.85, 0.7))


def as_png(pixels: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return written.getvalue()


def test_the_guarded_check_says_what_the_check_says() -> None:
    content = SCENE.file()
    assert checked(content, "größe.jpg", "otto") == check(read(content, "größe.jpg"), profile("otto"))


def test_a_mask_goes_along() -> None:
    x0, x1 = 100, 500
    mask = np.zeros((1100, 762), np.uint8)
    mask[50:1050, x0:x1] = 255
    report = checked(SCENE.file(), "a.jpg", "otto", as_png(mask))
    filled = next(ruling.value for ruling in report.rulings if ruling.rule == "fill_area")
    assert filled == round((x1 - x0) / 762 * 1000 / 1100, 4)


def test_what_is_no_picture_is_refused_with_a_reason() -> None:
    for content in (b"%PDF-1.7", SCENE.file()[:500], b""):
        with pytest.raises(PictureError, match="cannot be read as a picture") as refused:
            checked(content, "a.jpg", "ebay")
        assert refused.value.code == "broken"
    with pytest.raises(PictureError, match="at most 20 MB"):
        checked(bytes(limits.FILE_BYTES + 1), "a.jpg", "ebay")


def test_a_bomb_is_refused_by_its_header() -> None:
    plain = bytearray(as_png(np.zeros((8, 8, 3), np.uint8)))
    plain[16:24] = (60_000).to_bytes(4, "big") * 2
    plain[29:33] = zlib.crc32(plain[12:29]).to_bytes(4, "big")
    with pytest.raises(PictureError, match="cannot be read as a picture"):
        checked(bytes(plain), "a.png", "ebay")

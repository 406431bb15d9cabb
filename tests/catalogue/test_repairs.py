"""What pixels alone put right on a picture that was drawn."""

import numpy as np

from models.domain import Attributes, Mask, Picture
from serve_app.catalogue.repairs import FILL, repaired
from serve_app.catalogue.verdict import Evidence, Thresholds, judge

BLUE = (30, 40, 120)


def painted(*boxes: tuple[int, int, int, int], covered: int = 1) -> Evidence:
    """Blue boxes (x0, y0, x1, y1) on white, 256 px; the mask covers the first `covered` of them."""
    pixels, alpha = np.full((256, 256, 3), 255, np.uint8), np.zeros((256, 256), np.uint8)
    for number, (x0, y0, x1, y1) in enumerate(boxes):
        pixels[y0:y1, x0:x1] = BLUE
        if number < covered:
            alpha[y0:y1, x0:x1] = 255
    picture = Picture(pixels)
    return Evidence(picture, picture, Mask(alpha, 0.9), Attributes(), Thresholds())


def failed(evidence: Evidence) -> set[str]:
    return {name for name, finding in judge(evidence).items() if finding.state == "fail"}


def again(evidence: Evidence) -> Evidence:
    mended = repaired(evidence, failed(evidence))
    assert mended is not None
    return Evidence(mended[0], mended[0], mended[1], Attributes(), Thresholds())


def test_a_second_garment_is_erased_whether_the_mask_covers_it_or_not() -> None:
    for covered in (1, 2):
        evidence = painted((60, 30, 180, 230), (200, 100, 240, 160), covered=covered)
        assert "one_garment" in failed(evidence)
        mended = again(evidence)
        assert not {"one_garment", "artefacts"} & failed(mended)
        assert (mended.rendered.pixels[100:160, 200:240] == 255).all()
        assert not mended.mask.alpha[:, 190:].any()
        assert (mended.rendered.pixels[40:220, 70:170] == BLUE).all()


def test_a_small_garment_at_the_edge_comes_to_the_middle_and_fills_the_picture() -> None:
    evidence = painted((10, 10, 90, 110))
    assert "framing" in failed(evidence)
    mended = again(evidence)
    assert "framing" not in failed(mended)
    assert mended.box is not None
    x0, y0, x1, y1 = mended.box
    assert abs((y1 - y0) / 256 - FILL) < 0.01
    assert abs((x1 - x0) / (y1 - y0) - 80 / 100) < 0.02
    assert abs((x0 + x1) / 2 - 128) <= 1
    assert abs((y0 + y1) / 2 - 128) <= 1


def test_white_cloth_in_pieces_of_outline_is_one_garment() -> None:
    """White on white: only seams and folds are darker than a shadow, and they do not touch each other."""
    pixels, alpha = np.full((256, 256, 3), 255, np.uint8), np.zeros((256, 256), np.uint8)
    alpha[30:230, 60:190] = 255
    pixels[30:230, 60:190] = 246
    pixels[30:230, 60:64] = pixels[30:230, 186:190] = pixels[120:124, 90:160] = 200
    picture = Picture(pixels)
    evidence = Evidence(picture, picture, Mask(alpha, 0.9), Attributes(), Thresholds())
    assert not {"one_garment", "artefacts"} & failed(evidence)


def test_nothing_is_mended_where_only_another_picture_helps() -> None:
    assert repaired(painted((60, 30, 180, 230)), {"neckline", "sharpness"}) is None

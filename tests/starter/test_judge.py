"""The judge that evaluates pictures, and the captions that the scorer must refuse."""

import numpy as np
import pytest

from models.starter.captions import scoring_caption
from models.starter.drawing import Garment, draw
from models.starter.judge import Judge, Verdict, expected
from models.starter.recipes.negatives import ATTRIBUTES, Attribute, rivals, wrong
from models.starter.recipes.scenes import Scene, placed

HOODIE = Garment("men", "hoodie", "grey", "melange", sleeve="long", neckline="hood")
GARMENTS = (
    HOODIE,
    Garment("women", "skirt", "dark green"),
    Garment("men", "shirt", "dark blue", "checked", sleeve="long", neckline="kent collar", second="white"),
    Garment("boys", "t-shirt", "yellow", "striped", sleeve="short", neckline="crew", second="black"),
)


def test_the_judge_reads_drawings() -> None:
    pictures = [draw(garment, np.random.default_rng(11)).picture for garment in GARMENTS]
    assert Judge.load().judge(pictures) == [expected(garment) for garment in GARMENTS]


def test_a_long_sleeved_t_shirt_is_expected_under_the_name_of_its_drawing() -> None:
    garment = Garment("women", "t-shirt", "red", "print", sleeve="long", neckline="crew")
    assert expected(garment) == Verdict("long-sleeve top", "front print", "long", "white")


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_a_rival_changes_the_caption(attribute: Attribute) -> None:
    garment = Garment(
        "men", "t-shirt", "yellow", "striped", sleeve="short", neckline="crew", second="black", second_role="stripe"
    )
    right = scoring_caption(garment, np.random.default_rng(0))
    for value in rivals(garment, attribute):
        assert scoring_caption(wrong(garment, attribute, value), np.random.default_rng(0)) != right, value


def test_a_placed_garment_keeps_its_exact_mask() -> None:
    drawing = draw(HOODIE, np.random.default_rng(2))
    background = np.full((256, 256, 3), (20, 200, 40), np.uint8)
    scene = placed(Scene(drawing.picture.pixels, drawing.mask.alpha), background, np.random.default_rng(5))
    outside, inside = scene.mask == 0, scene.mask == 255
    assert inside.mean() > 0.05
    # The shadow only darkens the green; the garment's grey has none.
    assert (np.argmax(scene.picture[outside], axis=-1) == 1).all()
    assert np.ptp(scene.picture[inside].astype(int), axis=-1).mean() < 40

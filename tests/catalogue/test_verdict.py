"""The verdict on pictures whose truth is known because the test paints them."""

import numpy as np
import pytest

from models.domain import Attributes, Colour, ColourRole, Mask, Picture
from models.vocabulary import vocabulary
from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict import Evidence, Thresholds, judge, score_of

SIZE = 128


def evidence(
    *,
    painted: str = "dark blue",
    second: str | None = None,
    colours: tuple[tuple[str, ColourRole], ...] = (("dark blue", "base"),),
    box: tuple[int, int, int, int] = (24, 20, 104, 108),
    quality: float = 0.95,
    background: int = 255,
    **scores: dict[str, float],
) -> Evidence:
    pixels = np.full((SIZE, SIZE, 3), background, np.uint8)
    alpha = np.zeros((SIZE, SIZE), np.uint8)
    x0, y0, x1, y1 = box
    alpha[y0:y1, x0:x1] = 255
    pixels[y0:y1, x0:x1] = vocabulary().rgb(painted)
    if second is not None:
        for row in range(y0, y1, 8):
            pixels[row : row + 3, x0:x1] = vocabulary().rgb(second)
    picture = Picture(pixels)
    attributes = Attributes(
        product_type="t-shirt",
        colours=tuple(Colour(value, role) for value, role in colours),
        pattern=("striped",) if second else (),
    )
    return Evidence(picture, picture, Mask(alpha, quality), attributes, Thresholds(), **scores)


@pytest.mark.parametrize("colour", sorted(vocabulary().colours))
def test_every_swatch_passes_as_itself(colour: str) -> None:
    finding = judge(evidence(painted=colour, colours=((colour, "base"),)))["colours"]
    assert (finding.state, finding.value) == ("pass", 0.0)


@pytest.mark.parametrize(("painted", "stated"), [("red", "dark blue"), ("white", "black"), ("pink", "orange")])
def test_a_wrong_colour_fails_with_its_distance(painted: str, stated: str) -> None:
    finding = judge(evidence(painted=painted, colours=((stated, "base"),)))["colours"]
    assert finding.state == "fail"
    assert finding.value is not None
    assert finding.value > 20, finding


def test_stripes_of_a_second_colour_are_found() -> None:
    stated: tuple[tuple[str, ColourRole], ...] = (("beige", "base"), ("dark blue", "contrast"))
    assert judge(evidence(painted="beige", second="dark blue", colours=stated))["colours"].state == "pass"
    assert judge(evidence(painted="beige", second="red", colours=stated))["colours"].state == "fail"


def test_no_stated_colour_is_unknown_not_passed() -> None:
    assert judge(evidence(colours=()))["colours"].state == "unknown"


def test_an_uncertain_mask_says_nothing_about_colour() -> None:
    assert judge(evidence(painted="red", quality=0.2))["colours"].state == "unknown"


def test_the_best_rival_caption_is_named() -> None:
    finding = judge(evidence(type_scores={"t-shirt": 30.0, "blouse": 34.0, "shirt": 20.0}))["product_type"]
    assert (finding.state, finding.value) == ("fail", -4.0)
    assert "blouse" in finding.reason


def test_grey_background_fails_and_white_passes() -> None:
    assert judge(evidence(background=240))["background"].state == "fail"
    assert judge(evidence())["background"].state == "pass"


@pytest.mark.parametrize(
    ("box", "says"),
    [((0, 20, 90, 108), "cut off"), ((50, 50, 80, 80), "fills only"), ((44, 20, 124, 108), "off centre")],
)
def test_framing_says_what_is_wrong(box: tuple[int, int, int, int], says: str) -> None:
    finding = judge(evidence(box=box))["framing"]
    assert finding.state == "fail"
    assert says in finding.reason


def test_the_score_deducts_by_kind_of_failure() -> None:
    passed = Finding(state="pass", reason="")
    failed = Finding(state="fail", value=24.0, threshold=12.0, reason="")
    assert score_of({"colours": passed}) == 10.0
    assert score_of({"product_type": failed, "background": failed}) == 8.0
    assert score_of({"colours": failed}) == 8.5
    assert score_of({"colours": failed.model_copy(update={"value": 12.1})}) > 9.4

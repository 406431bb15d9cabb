"""The verdict on pictures whose truth is known because the test paints them."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from scipy import ndimage

from models.domain import Attributes, Colour, ColourRole, Mask, Picture
from models.vocabulary import vocabulary
from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict import Evidence, Thresholds, judge, score_of
from serve_app.catalogue.verdict.evidence import Answers

SIZE = 128
LIMITS = Thresholds()
EXACT = Thresholds(shades=False)


def evidence(
    *,
    painted: str = "dark blue",
    second: str | None = None,
    colours: tuple[tuple[str, ColourRole], ...] = (("dark blue", "base"),),
    box: tuple[int, int, int, int] = (24, 20, 104, 108),
    quality: float = 0.95,
    background: int = 255,
    answers: Answers = MappingProxyType({}),
    limits: Thresholds = LIMITS,
    **stated: str,
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
    return Evidence(picture, picture, Mask(alpha, quality), replace(attributes, **stated), limits, answers)


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
    scores = {"t-shirt": 30.0, "blouse": 34.0, "shirt": 20.0}
    finding = judge(evidence(answers={"product_type": scores}))["product_type"]
    assert (finding.state, finding.value) == ("fail", -4.0)
    assert "blouse" in finding.reason


def test_a_rival_within_the_margin_leaves_the_answer_unknown() -> None:
    scores, unsure = {"t-shirt": 30.0, "blouse": 31.0}, Thresholds(type_margin=-2.0)
    assert judge(evidence(answers={"product_type": scores}, limits=unsure))["product_type"].state == "unknown"
    assert (
        judge(evidence(answers={"product_type": scores | {"blouse": 33.0}}, limits=unsure))["product_type"].state
        == "fail"
    )


def test_grey_background_fails_and_white_passes() -> None:
    assert judge(evidence(background=240))["background"].state == "fail"
    assert judge(evidence())["background"].state == "pass"


@pytest.mark.parametrize(
    ("box", "says"),
    [((50, 50, 80, 80), "fills only"), ((44, 20, 124, 108), "off centre"), ((0, 0, 128, 128), "fills 100")],
)
def test_framing_says_what_is_wrong(box: tuple[int, int, int, int], says: str) -> None:
    finding = judge(evidence(box=box))["framing"]
    assert finding.state == "fail"
    assert says in finding.reason


@pytest.mark.parametrize(
    ("box", "edge"), [((0, 20, 90, 108), "left"), ((20, 0, 100, 90), "top"), ((20, 40, 100, 128), "bottom")]
)
def test_a_garment_that_goes_on_beyond_an_edge_is_cut_off(box: tuple[int, int, int, int], edge: str) -> None:
    finding = judge(evidence(box=box))["whole"]
    assert (finding.state, finding.reason) == ("fail", f"cut off at the {edge}")
    assert judge(evidence())["whole"].state == "pass"


def test_a_neighbouring_colour_that_is_nearer_is_named() -> None:
    stated: tuple[tuple[str, ColourRole], ...] = (("navy", "base"),)
    finding = judge(evidence(painted="dark blue", colours=stated, limits=EXACT))["colours"]
    assert finding.state == "fail"
    assert "reads as dark blue" in finding.reason


@pytest.mark.parametrize("shade", ["navy", "light blue", "dark blue"])
def test_a_plain_name_covers_its_shades_on_photographs_only(shade: str) -> None:
    stated: tuple[tuple[str, ColourRole], ...] = (("blue", "base"),)
    assert judge(evidence(painted=shade, colours=stated))["colours"].state == "pass"
    assert judge(evidence(painted=shade, colours=stated, limits=EXACT))["colours"].state == "fail"


def test_each_stated_colour_is_given_with_its_share() -> None:
    stated: tuple[tuple[str, ColourRole], ...] = (("beige", "base"), ("dark blue", "contrast"))
    finding = judge(evidence(painted="beige", second="dark blue", colours=stated))["colours"]
    assert "beige: within 0.0 on 63% of the garment" in finding.reason, finding
    assert "dark blue: within 0.0 on 37% of the garment" in finding.reason, finding


FITTED = Thresholds(audience_margin=-1.0, motif_margin=-1.0, people_margin=-1.0)
ASKED: Answers = {
    "audience": {"men": 1.0, "women": 5.0, "children": 2.0, "baby": 4.5},
    "motif": {"cat": 6.0, "dog": 2.0},
    "people": {"nobody": 3.0, "a person": -3.0},
}


@pytest.mark.parametrize(
    ("stated", "check", "state"),
    [
        ({"audience": "women"}, "audience", "pass"),
        ({"audience": "baby"}, "audience", "unknown"),
        ({"audience": "boys"}, "audience", "fail"),
        ({"audience": "men"}, "audience", "fail"),
        ({}, "audience", "unknown"),
        ({"motif": "cat"}, "motif", "pass"),
        ({"motif": "dog"}, "motif", "fail"),
        ({"motif": "sloth"}, "motif", "unknown"),
        ({}, "motif", "unknown"),
        ({}, "no_humans", "pass"),
    ],
)
def test_wearer_motif_and_people_are_asked_where_the_scorer_is_fitted(
    stated: dict[str, str], check: str, state: str
) -> None:
    assert judge(evidence(answers=ASKED, limits=FITTED, **stated))[check].state == state
    silent = judge(evidence(answers=ASKED, **stated))[check]
    assert (silent.state, silent.reason) == ("unknown", "the scorer of this pack is not fitted to tell it")


def test_somebody_in_the_picture_fails_and_costs_as_much_as_a_wrong_article() -> None:
    worn = judge(evidence(answers={"people": {"nobody": -3.0, "a person": 3.0}}, limits=FITTED))
    assert worn["no_humans"].state == "fail"
    assert score_of(worn) == score_of(judge(evidence())) - 1.5


def test_a_stated_sleeve_and_neckline_are_asked_and_an_unstated_one_is_unknown() -> None:
    answers = {"sleeve": {"short": 5.0, "long": 9.0}, "neckline": {"crew": 9.0, "v-neck": 5.0}}
    verdict = judge(evidence(answers=answers, sleeve="short", neckline="crew"))
    assert (verdict["sleeve"].state, verdict["neckline"].state) == ("fail", "pass")
    assert "long" in verdict["sleeve"].reason
    silent = judge(evidence(answers=answers))
    assert (silent["sleeve"].state, silent["neckline"].state) == ("unknown", "unknown")


def test_a_henley_behind_an_open_front_may_look_like_a_crew_neck() -> None:
    answers = {"neckline": {"crew": 9.0, "henley": 5.0, "v-neck": 6.0}}
    assert judge(evidence(answers=answers, neckline="henley"))["neckline"].state == "fail"
    assert judge(evidence(answers=answers, neckline="henley", closure="zip"))["neckline"].state == "pass"
    assert judge(evidence(answers=answers, neckline="henley", product_type="cardigan"))["neckline"].state == "pass"


def test_a_listing_that_says_plain_fails_on_a_print() -> None:
    answers = {"weave": {"solid": 9.0, "striped": 1.0}, "print": {"front print": 5.0, "no print": 1.0}}
    plain = evidence(answers=answers)
    said = Evidence(
        plain.rendered, plain.delivered, plain.mask, replace(plain.attributes, pattern=("solid",)), LIMITS, answers
    )
    assert judge(said)["pattern"].state == "fail"
    printed = replace(said, attributes=replace(said.attributes, pattern=("solid", "print")))
    assert judge(printed)["pattern"].state == "pass"


def test_an_unsure_weave_is_not_passed_because_the_print_is_there() -> None:
    answers = {"weave": {"melange": 5.0, "solid": 6.0}, "print": {"front print": 9.0, "no print": 1.0}}
    seen = evidence(answers=answers)
    unsure = LIMITS.model_copy(update={"pattern_margin": -2.0})
    stated = replace(seen.attributes, pattern=("melange", "placement print"))
    finding = judge(replace(seen, attributes=stated, thresholds=unsure))["pattern"]
    assert (finding.state, finding.expected) == ("unknown", "melange")


def test_a_second_piece_is_found_where_the_mask_leaves_it_out() -> None:
    alone = evidence(box=(10, 20, 60, 100))
    pixels = alone.rendered.pixels.copy()
    pixels[30:90, 80:118] = 90
    finding = judge(replace(alone, rendered=Picture(pixels)))["one_garment"]
    assert finding.state == "fail", finding
    assert judge(alone)["one_garment"].state == "pass"


def test_stray_marks_beside_the_garment_are_artefacts_and_no_second_piece() -> None:
    alone = evidence(box=(24, 20, 84, 108))
    pixels = alone.rendered.pixels.copy()
    for row in range(20, 110, 12):
        pixels[row : row + 5, 100:110] = (10, 200, 90)
    verdict = judge(replace(alone, rendered=Picture(pixels)))
    assert (verdict["artefacts"].state, verdict["one_garment"].state) == ("fail", "pass"), verdict["artefacts"]


def test_blur_lowers_the_sharpness_whatever_the_contrast() -> None:
    sharp = evidence(painted="beige", second="dark blue")
    soft = ndimage.gaussian_filter(sharp.rendered.pixels.astype(float), (1.5, 1.5, 0)).astype(np.uint8)
    values = [judge(replace(sharp, rendered=Picture(pixels)))["sharpness"].value
              for pixels in (sharp.rendered.pixels, 128 + sharp.rendered.pixels // 2, soft)]  # fmt: skip
    assert values[2] is not None
    assert values[0] == pytest.approx(values[1], rel=0.05)
    assert values[2] < 0.5 * (values[0] or 0), values


def test_the_score_deducts_by_kind_of_failure() -> None:
    passed = Finding(state="pass", reason="")
    failed = Finding(state="fail", value=24.0, threshold=12.0, reason="")
    assert score_of({"colours": passed}) == 10.0
    assert score_of({"product_type": failed, "background": failed}) == 8.0
    assert score_of({"colours": failed}) == 8.5
    assert score_of({"colours": failed.model_copy(update={"value": 12.1})}) > 9.4

"""Claims about the drawn figures, their control pictures and their masks."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.pose_picture import BONES, JOINTS, pose_picture
from models.starter.drawing.figures import BACKDROPS, HAIR, PARTS, SKIN, Figure, FigureDrawing, draw_figure
from models.starter.evaluations.figures import Case, colour_word, rates
from models.starter.recipes.corpus import seen, unseen
from models.starter.recipes.figures import SIZE, drawings, figure, prompt, wording
from models.starter.recipes.retouches import control_picture, edges, masked, mirrored

SIDES = ("right", "left")


@cache
def drawn() -> tuple[tuple[Figure, FigureDrawing], ...]:
    return tuple(drawings(unseen, 77, 40))


def at(drawing: FigureDrawing, joint: str) -> str | None:
    """The part that a joint lies on; None outside the picture."""
    x, y = drawing.joints[joint]  # type: ignore[index]
    return PARTS[drawing.parts[int(y), int(x)]] if 0 <= x < SIZE and 0 <= y < SIZE else None


def test_arms_lie_in_the_sleeves_and_go_on_where_these_end() -> None:
    for chosen, drawing in drawn():
        for side in SIDES:
            elbow, wrist = at(drawing, f"{side} elbow"), at(drawing, f"{side} wrist")
            if chosen.garment.drawn_sleeve == "long":
                assert elbow == "garment", (chosen, side, elbow)
            else:
                assert elbow in ("skin", "garment", None), (chosen, side, elbow)
            assert wrist in ("skin", "garment", "legwear", None), (chosen, side, wrist)


def test_legs_lie_in_trousers() -> None:
    worn = [drawing for chosen, drawing in drawn() if chosen.garment.type == "trousers"]
    assert worn
    assert all(at(drawing, f"{side} knee") == "garment" for drawing in worn for side in SIDES)


def test_every_head_is_within_the_picture_and_every_garment_too() -> None:
    for chosen, drawing in drawn():
        assert at(drawing, "head") in ("skin", "garment"), chosen  # a hood may cover the chin
        assert (drawing.parts == PARTS.index("hair")).sum() > 100, chosen
        garment = drawing.parts == PARTS.index("garment")
        assert garment.mean() > 0.03, chosen


def test_every_part_has_the_colour_that_the_words_say() -> None:
    cases = [Case(drawing, wording(chosen)) for chosen, drawing in drawn()]
    measured = rates([case.drawing.picture for case in cases], cases)
    assert min(measured[what] for what in ("skin", "hair", "backdrop", "legwear", "top")) >= 0.97, measured
    assert measured["figure_iou"] > 0.9, measured


def test_the_measures_tell_a_figure_from_another_one() -> None:
    cases = [Case(drawing, wording(chosen)) for chosen, drawing in drawn()]
    wrong = rates([case.drawing.picture for case in cases], cases[1:] + cases[:1])
    assert wrong["figure_iou"] < 0.5, wrong
    assert wrong["backdrop"] < 0.5, wrong


@pytest.mark.parametrize(("what", "words"), [("skin", SKIN), ("hair", HAIR), ("backdrop", BACKDROPS)])
def test_every_word_changes_the_picture_to_its_colour(what: str, words: dict[str, object]) -> None:
    chosen = next(found for found, _ in drawn() if found.legwear and found.garment.drawn_sleeve == "short")
    for word in words:
        changed = replace(chosen, **{what: word})  # type: ignore[arg-type]
        case = Case(draw_figure(changed, np.random.default_rng(1)), wording(changed))
        assert colour_word(case.drawing.picture, case, what) == word  # type: ignore[arg-type]


def test_only_adults_wear_garments() -> None:
    rng = np.random.default_rng(5)
    assert {figure(seen, rng).garment.audience for _ in range(100)} == {"men", "women"}


def test_a_prompt_leaves_out_what_it_is_not_told() -> None:
    assert prompt({"who": "woman", "skin": "olive", "legwear": "navy"}) == (
        "studio photo of a woman, olive skin, navy leggings"
    )
    assert prompt({}) == "studio photo of a person"


def test_a_bone_is_drawn_when_both_its_joints_are_there() -> None:
    _, drawing = drawn()[0]
    whole = pose_picture(drawing.joints, SIZE, SIZE).pixels
    assert (whole.max(-1) > 0).mean() < 0.1
    for joint in JOINTS:
        rest = {name: place for name, place in drawing.joints.items() if name != joint}
        fewer = pose_picture(rest, SIZE, SIZE).pixels
        assert (fewer.max(-1) > 0).sum() < (whole.max(-1) > 0).sum(), joint
    assert not pose_picture({}, 32, 16).pixels.any()
    assert len({frozenset(bone) for bone in BONES}) == len(JOINTS) - 1


def test_a_mirrored_pose_is_the_pose_of_the_mirrored_picture() -> None:
    _, drawing = drawn()[1]
    twice = mirrored(mirrored(drawing.joints))
    assert all(twice[joint] == pytest.approx(drawing.joints[joint]) for joint in JOINTS)
    flipped = pose_picture(drawing.joints, SIZE, SIZE).pixels[:, ::-1].max(-1) > 0
    again = pose_picture(mirrored(drawing.joints), SIZE, SIZE).pixels.max(-1) > 0
    overlap = (flipped & again).sum() / (flipped | again).sum()
    assert overlap > 0.5, overlap  # the lines are four pixels wide and may lie one pixel apart


def test_controls_are_white_or_coloured_on_black_and_follow_the_figure() -> None:
    _, drawing = drawn()[2]
    shown = control_picture("mask", drawing.picture.pixels, drawing.parts, drawing.joints)
    assert np.array_equal(shown[..., 0] == 255, drawing.parts != 0)
    lines = control_picture("edge", drawing.picture.pixels, drawing.parts, drawing.joints)
    assert set(np.unique(lines)) == {0, 255}
    outline = edges((drawing.parts != 0)[..., None].astype(np.uint8) * 255)
    assert (edges(drawing.picture.pixels) & outline).sum() / outline.sum() > 0.5


def test_masks_lock_the_garment_but_for_its_border_or_open_areas() -> None:
    rng = np.random.default_rng(6)
    _, drawing = drawn()[3]
    garment = drawing.parts == PARTS.index("garment")
    locked = [mask for mask in (masked(drawing.parts, rng) for _ in range(120)) if mask[~garment].all()]
    whole = [mask for mask in locked if mask.all()]
    around = [mask for mask in locked if not mask.all()]
    assert len(whole) > 3
    assert len(around) > 40
    assert min((~mask)[garment].mean() for mask in around) > 0.8

"""Claims about the procedural garments and their captions."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from models.starter.captions import generation_caption, scoring_caption
from models.starter.drawing import STRAIGHT, Garment, draw, held_out, sample
from models.vocabulary import vocabulary

TYPES = sorted({entry.drawn_as for entry in vocabulary().types.values()})
TOLERANCE = 5.0  # CIEDE2000 between the cloth's median colour and its swatch


def _samples(count: int, seed: int = 0) -> list[Garment]:
    rng = np.random.default_rng(seed)
    return [sample(rng) for _ in range(count)]


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_fills_the_middle_and_leaves_a_white_frame(kind: str) -> None:
    drawing = draw(Garment("women", kind, "navy"), np.random.default_rng(1))
    alpha = drawing.mask.alpha
    assert drawing.picture.pixels.shape == (256, 256, 3)
    assert 0.08 < (alpha > 127).mean() < 0.6, f"{kind} covers {(alpha > 127).mean():.2f} of the picture"
    frame = np.concatenate([alpha[:2].ravel(), alpha[-2:].ravel(), alpha[:, :2].ravel(), alpha[:, -2:].ravel()])
    assert not frame.any(), f"{kind} is cut off by the frame"


def test_the_background_is_pure_white_but_for_a_faint_shadow() -> None:
    for garment in _samples(30):
        drawing = draw(replace(garment, backdrop="white"), np.random.default_rng(2))
        outside = drawing.picture.pixels[drawing.mask.alpha == 0]
        assert outside.min() >= 225, f"{garment!r}: shadow down to {outside.min()}"
        assert (drawing.picture.pixels[:3] == 255).all()
        assert (outside == 255).all(-1).mean() > 0.6


@pytest.mark.parametrize("colour", list(vocabulary().colours))
def test_the_cloth_keeps_the_colour_of_its_swatch(colour: str) -> None:
    target = rgb2lab(np.array([vocabulary().rgb(colour)]) / 255)
    for kind in ("t-shirt", "shirt", "skirt", "knit jumper"):
        for pattern in ("solid", "melange"):
            drawing = draw(Garment("women", kind, colour, pattern), np.random.default_rng(3))
            median = np.median(drawing.picture.pixels[drawing.mask.alpha > 250], axis=0)
            distance = float(deltaE_ciede2000(rgb2lab(median[None] / 255), target)[0])
            assert distance < TOLERANCE, f"{pattern} {kind}: {distance:.1f} from {colour}"


@pytest.mark.parametrize("kind", TYPES)
def test_a_white_garment_stands_out_from_white(kind: str) -> None:
    drawing = draw(Garment("women", kind, "white"), np.random.default_rng(4))
    inside = drawing.mask.alpha > 127
    outline = inside & ~(
        np.roll(inside, 1, 0) & np.roll(inside, -1, 0) & np.roll(inside, 1, 1) & np.roll(inside, -1, 1)
    )
    assert np.median(drawing.picture.pixels[outline]) < 225


def test_the_mask_is_where_a_changed_background_leaves_the_picture_alone() -> None:
    garment = Garment("men", "hoodie", "olive", motif="star")
    black, white = (
        draw(garment, np.random.default_rng(5), background=np.full((256, 256, 3), level, np.uint8))
        for level in (0, 255)
    )
    assert (black.mask.alpha == white.mask.alpha).all()
    equal = (black.picture.pixels == white.picture.pixels).all(-1)
    assert equal[white.mask.alpha == 255].all()
    assert not equal[white.mask.alpha == 0].any()


def test_the_same_seed_draws_the_same_picture_and_another_seed_another() -> None:
    for garment in _samples(10, seed=6):
        first, again, other = (draw(garment, np.random.default_rng(seed)).picture.pixels for seed in (7, 7, 8))
        assert (first == again).all()
        assert (first != other).any()


def test_in_the_catalogues_pose_only_folds_differ() -> None:
    shirt = Garment("men", "shirt", "navy", "checked")
    one, other = (draw(shirt, np.random.default_rng(seed), pose=STRAIGHT).picture.pixels.astype(int) for seed in (7, 8))
    assert 0 < np.abs(one - other).max() < 40
    loose = draw(shirt, np.random.default_rng(8)).picture.pixels.astype(int)
    assert np.abs(one - loose).max() > 150


def test_every_attribute_changes_the_picture() -> None:
    plain = Garment("women", "t-shirt", "light blue")
    changes: list[dict[str, Any]] = [
        {"audience": "men"}, {"sleeve": "long"}, {"neckline": "v-neck"}, {"pattern": "striped"}, {"motif": "cat"},
        {"second": "red", "second_role": "contrast"}, {"second": "red", "second_role": "layer"}, {"second": "red"},
        {"decoration": "sequins"}, {"details": ("chest pocket",)}, {"details": ("knot at front",)},
        {"backdrop": "grey"}, {"backdrop": "room"}, {"style": "sketch"},
    ]  # fmt: skip
    reference = draw(plain, np.random.default_rng(9)).picture.pixels.astype(int)
    for change in changes:
        changed = draw(replace(plain, **change), np.random.default_rng(9)).picture.pixels
        assert (np.abs(changed - reference).max(-1) > 24).sum() > 60, f"{change!r} is hardly visible"


def test_about_a_tenth_of_the_combinations_is_held_out_whatever_else_differs() -> None:
    combinations = {(g.type, g.base, g.pattern): g for g in _samples(4000, seed=10)}
    share = np.mean([held_out(garment) for garment in combinations.values()])
    assert 0.07 < share < 0.13
    assert all(held_out(g) == held_out(replace(g, audience="baby", motif="cat")) for g in combinations.values())


def test_sampling_covers_the_vocabulary_in_photo_style() -> None:
    garments = _samples(6000, seed=11)
    assert {g.type for g in garments} == set(TYPES)
    assert {g.base for g in garments} == set(vocabulary().colours)
    assert {g.neckline for g in garments} - {None} == set(vocabulary().necklines)
    assert {g.sleeve for g in garments} - {None} == set(vocabulary().sleeves)
    assert {g.style for g in garments} == {"photo"}
    assert 0.82 < np.mean([g.backdrop == "white" for g in garments]) < 0.88


def test_captions_name_what_is_drawn_in_the_prompts_words() -> None:
    garment = Garment(
        "men", "t-shirt", "dark blue", "melange", "short", "crew", motif="graphic", details=("chest pocket",)
    )  # fmt: skip
    rng = np.random.default_rng(12)
    assert generation_caption(garment, rng, vary=False) == (
        "catalogue photo of a men's t-shirt, dark blue, melange, short sleeves, crew neck, large front print, "
        "chest pocket, laid flat, centred, on a pure white background"
    )
    assert scoring_caption(replace(garment, motif=None, details=()), rng) == (
        "a dark blue melange men's t-shirt with short sleeves and crew neck"
    )


def test_captions_fit_into_a_clip_context() -> None:
    rng = np.random.default_rng(13)
    for garment in _samples(500, seed=14):
        for caption in (
            generation_caption(garment, rng),
            generation_caption(garment, rng, vary=False),
            scoring_caption(garment, rng),
        ):
            pieces = caption.replace(",", " , ").replace("-", " - ").replace("'", " ' ").split()
            assert len(pieces) <= 75, caption
            assert garment.base in caption

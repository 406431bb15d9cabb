"""A garment in another colour, against drawings of the same garment in both colours."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from models.domain import Attributes, Colour, Mask, Picture, Refusal
from models.starter.drawing import STRAIGHT, Drawing, Garment, draw
from serve_app.catalogue.recolouring import Dye, best_source, recolour
from serve_app.catalogue.recolouring.coverage import Weave
from serve_app.catalogue.recolouring.light import Relit
from serve_app.catalogue.recolouring.oklab import to_oklab, to_srgb
from serve_app.catalogue.verdict import Evidence, Thresholds
from serve_app.catalogue.verdict.colour import check

PLAIN = Garment("men", "t-shirt", "grey")
STRIPED = Garment("men", "t-shirt", "white", "striped", second="dark blue", second_role="stripe")
PRINTED = Garment("men", "t-shirt", "black", "placement print", motif="dinosaur", second="lime", second_role="print")
CHECKED = Garment("men", "shirt", "white", "checked", second="red", second_role="check")
LIMIT = 12.0  # CIEDE2000: the starter pack's own


def drawn(garment: Garment, size: int = 256) -> Drawing:
    return draw(garment, np.random.default_rng(3), size, pose=STRAIGHT)


def dyed(drawing: Drawing, dye: Dye) -> Picture:
    picture = recolour(drawing.picture, drawing.mask, dye)
    assert isinstance(picture, Picture), picture
    return picture


def away(picture: Picture, truth: Picture, mask: Mask) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """CIEDE2000 per pixel of the garment."""
    one, two = (rgb2lab(some.pixels[mask.alpha > 127][None])[0] for some in (picture, truth))
    return np.asarray(deltaE_ciede2000(one, two))


@pytest.mark.parametrize(
    ("source", "target"), [pair for pair in product(("white", "black", "red", "grey"), repeat=2) if pair[0] != pair[1]]
)
def test_a_plain_garment_comes_near_to_its_drawing_in_the_other_colour(source: str, target: str) -> None:
    before, truth = drawn(replace(PLAIN, base=source)), drawn(replace(PLAIN, base=target))
    off = away(dyed(before, Dye(target, source)), truth.picture, truth.mask)
    assert off.mean() < 3.0, off.mean()


@pytest.mark.parametrize("target", ["white", "black", "dark red"])
def test_nothing_outside_the_mask_changes(target: str) -> None:
    before = drawn(PLAIN)
    after = dyed(before, Dye(target, "grey"))
    outside = before.mask.alpha == 0
    assert (after.pixels[outside] == before.picture.pixels[outside]).all()


@pytest.mark.parametrize("garment", [STRIPED, PRINTED])
def test_stripes_and_prints_keep_their_colour(garment: Garment) -> None:
    before, truth = drawn(garment), drawn(replace(garment, base="red"))
    kept = away(before.picture, truth.picture, truth.mask) < 3
    off = away(dyed(before, Dye("red", garment.base, (garment.second or "",))), truth.picture, truth.mask)
    assert kept.mean() > 0.05
    assert off[kept].mean() < 2.5, off[kept].mean()
    assert off.mean() < 3.0, off.mean()


def test_half_tones_of_a_check_are_dyed_by_half() -> None:
    before, truth = drawn(CHECKED), drawn(replace(CHECKED, base="dark blue"))
    woven = away(dyed(before, Dye("dark blue", "white", ("red",), "woven")), truth.picture, truth.mask).mean()
    printed = away(dyed(before, Dye("dark blue", "white", ("red",))), truth.picture, truth.mask).mean()
    assert woven < 4.0 < printed, (woven, printed)


def test_edges_keep_their_softness() -> None:
    before, truth = drawn(replace(PLAIN, base="black")), drawn(replace(PLAIN, base="yellow"))
    after = dyed(before, Dye("yellow", "black"))
    edge = (before.mask.alpha > 0) & (before.mask.alpha < 255)
    darker = truth.picture.pixels[edge].mean(axis=1) - after.pixels[edge].mean(axis=1)
    assert np.quantile(darker, 0.95) < 40, np.quantile(darker, 0.95)  # levels; black left in the edge is 150 darker


def test_folds_stay_from_black_to_white_and_back() -> None:
    for source, target in (("black", "white"), ("white", "black")):
        before = drawn(Garment("women", "skirt", source))
        inside = before.mask.alpha == 255
        after = dyed(before, Dye(target, source)).pixels[inside].mean(axis=1)
        assert np.corrcoef(before.picture.pixels[inside].mean(axis=1), after)[0, 1] > 0.8
        assert 1.5 < after.std() < 40, after.std()
        assert np.mean((after <= 0) | (after >= 255)) < 0.005


def test_the_verdict_passes_the_new_colour_and_fails_the_old_one() -> None:
    before = drawn(replace(PLAIN, base="dark blue"))
    after = dyed(before, Dye("rose", "dark blue"))
    limits = Thresholds(shades=False, colour_delta_e=LIMIT)
    states = [
        check(Evidence(after, after, before.mask, Attributes(colours=(Colour(name),)), limits)).state
        for name in ("rose", "dark blue")
    ]
    assert states == ["pass", "fail"]


def test_without_a_source_the_largest_tone_is_dyed_and_not_a_kept_one() -> None:
    striped = replace(STRIPED, base="beige")
    after = dyed(drawn(striped), Dye("red", None, ("dark blue",)))
    named = dyed(drawn(striped), Dye("red", "beige", ("dark blue",)))
    assert (after.pixels == named.pixels).all()


@pytest.mark.parametrize(
    ("dye", "code"),
    [
        (Dye("red", "lime"), "tone_not_found"),
        (Dye("dark blue", "white", ("dark blue",)), "pattern_would_vanish"),
    ],
)
def test_what_cannot_be_dyed_is_refused_with_the_reason(dye: Dye, code: str) -> None:
    before = drawn(STRIPED)
    refused = recolour(before.picture, before.mask, dye)
    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert any(word in refused.reason for word in (dye.source or "", dye.target))


def test_an_empty_mask_is_refused() -> None:
    before = drawn(PLAIN)
    refused = recolour(before.picture, Mask(np.zeros_like(before.mask.alpha), 0.9), Dye("red"))
    assert isinstance(refused, Refusal)
    assert refused.code == "no_garment"


def test_a_listing_says_what_is_kept_and_how_it_is_woven() -> None:
    base, trim = Colour("white"), Colour("red", "contrast")
    assert Dye.of(Attributes(colours=(base, trim)), "grey") == Dye("white", "grey", ("red",))
    assert Dye.of(Attributes(colours=(base,), pattern=("melange",)), None) == Dye("white", None, (), "even")
    assert Dye.of(Attributes(colours=(base, trim), pattern=("checked",)), None) == Dye("white", None, ("red",), "woven")
    assert isinstance(Dye.of(Attributes(colours=(base, Colour("red"))), None), Refusal)


def test_a_colour_between_white_and_black_is_the_best_one_to_start_from() -> None:
    assert best_source(["white", "black", "dark blue", "grey"]) == 3
    assert best_source(["white", "black", "dark blue"]) == 2


def test_oklab_there_and_back_is_the_same_colour() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (4096, 3)).astype(np.uint8)
    assert np.abs(np.rint(to_srgb(to_oklab(colours))) - colours).max() <= 1


def test_light_never_leaves_the_scale_and_keeps_its_order() -> None:
    lab = np.zeros((101, 3), np.float32)
    lab[:, 0] = np.linspace(0, 1, 101)
    for source, target in product((0.2, 0.6, 0.97), repeat=2):
        moved = Relit(np.array([source, 0, 0], np.float32), np.array([target, 0, 0], np.float32))(lab)[:, 0]
        assert (np.diff(moved) >= 0).all()
        assert 0 <= moved.min() <= moved.max() <= 1


@pytest.mark.parametrize("weave", ["printed", "woven", "even"])
def test_any_picture_under_any_mask_is_dyed_or_refused_and_keeps_what_is_outside(weave: Weave) -> None:
    rng = np.random.default_rng(5)
    for number in range(40):
        height, width = (int(side) for side in rng.integers(8, 80, 2))
        pixels = rng.integers(0, 256 if number % 4 else 1, (height, width, 3)).astype(np.uint8)
        alpha = np.zeros((height, width), np.uint8)
        top, left = int(rng.integers(0, height // 2)), int(rng.integers(0, width // 2))
        alpha[top : top + int(rng.integers(1, height)), left : left + int(rng.integers(1, width))] = 255
        with np.errstate(divide="raise", invalid="raise"):
            after = recolour(Picture(pixels), Mask(alpha, 1.0), Dye("red", None, ("lime",), weave))
        if isinstance(after, Picture):
            assert (after.pixels[alpha == 0] == pixels[alpha == 0]).all()

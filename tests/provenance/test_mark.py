"""The mark is read after what shops do to pictures, never where it was not written, and leaves white alone."""

import math
from functools import cache

import numpy as np
import pytest

from loadtests.attacks import ATTACKS, cropped, garment, halved
from models.domain import Pixels
from serve_app.provenance.codebook import MOST, SIDE, Codebook
from serve_app.provenance.mark import FALSE_POSITIVES, THRESHOLD, TRIALS, Reading, SpreadSpectrum
from serve_app.provenance.views import VIEWS, views

KEY = b"a key of the tests, 32 bytes long"
LARGE, SMALL = 1024, 256
GARMENTS = {LARGE: 3, SMALL: 16}
JACQUARD = 28  # a garment whose lattice has hardly two cells alike beside each other
LEAST_PSNR = {LARGE: 42, SMALL: 32}  # dB; busy patterns, in which more is not seen, are the lowest


@cache
def marked(number: int, size: int) -> tuple[Pixels, Pixels | None, int]:
    """A garment, what became of it with a mark, and the payload."""
    pixels, payload = garment(number, size), int(np.random.default_rng(number).integers(MOST))
    return pixels, SpreadSpectrum(KEY).write(pixels, payload), payload


def psnr(one: Pixels, other: Pixels) -> float:
    return 10 * math.log10(255**2 / float(((one.astype(float) - other) ** 2).mean()))


@pytest.mark.parametrize("name", ATTACKS)
def test_the_mark_of_a_large_picture_survives(name: str) -> None:
    rng, lost = np.random.default_rng(7), []
    for number in range(GARMENTS[LARGE]):
        _, written, payload = marked(number, LARGE)
        assert written is not None, number
        found = SpreadSpectrum(KEY).read(ATTACKS[name](written, rng))
        if found is None or found.payload != payload:
            lost.append(number)
    assert lost == []


@pytest.mark.parametrize("cut", [(0, 0), (1, 3), (5, 2), (7, 7)])
def test_a_lattice_is_read_wherever_it_is_cut(cut: tuple[int, int]) -> None:
    _, written, payload = marked(JACQUARD, LARGE)
    assert written is not None
    found = SpreadSpectrum(KEY).read(np.ascontiguousarray(written[100 + cut[0] : 957, 80 + cut[1] : 937]))
    assert found is not None
    assert found.payload == payload


@pytest.mark.parametrize("side", [(231, 231), (231, 256), (256, 231)])
def test_a_small_picture_of_odd_sides_is_read_at_half_its_size(side: tuple[int, int]) -> None:
    """Half of an odd side is cut to whole pixels, which moves cells of two pixels."""
    pixels = garment(JACQUARD, SMALL)[-side[0] :, : side[1]]
    written = SpreadSpectrum(KEY).write(pixels, 4321)
    assert written is not None
    found = SpreadSpectrum(KEY).read(halved(written))
    assert found is not None
    assert found.payload == 4321


def test_a_payload_is_read_rather_by_the_comparison_that_is_sure_of_it() -> None:
    """What one comparison leaves of a check is a mark, but not certainly this one."""
    checked = garment(86, LARGE)
    written = SpreadSpectrum(KEY).write(checked, 99)
    assert written is not None
    for shown in (halved(written), cropped(written, np.random.default_rng(3))):
        found = SpreadSpectrum(KEY).read(shown)
        assert found is not None
        assert found.payload == 99


def test_a_product_at_the_edge_of_a_picture_of_any_size_is_marked_and_read() -> None:
    for height, width in ((641, 1027), (1999, 1663)):
        pixels = np.full((height, width, 3), 255, np.uint8)
        pixels[height // 4 :, : width * 3 // 4] = (60, 80, 130)
        written = SpreadSpectrum(KEY).write(pixels, 7)
        assert written is not None, (height, width)
        assert (written[(pixels == 255).all(axis=-1)] == 255).all()
        found = SpreadSpectrum(KEY).read(written)
        assert found is not None
        assert found.payload == 7


def test_nearly_all_small_pictures_carry_a_mark_that_survives() -> None:
    rng, carried, tried, lost = np.random.default_rng(8), 0, 0, []
    for number in range(GARMENTS[SMALL]):
        _, written, payload = marked(number, SMALL)
        if written is None:
            continue
        carried += 1
        for name, attack in ATTACKS.items():
            found = SpreadSpectrum(KEY).read(attack(written, rng))
            tried += 1
            if found is None or found.payload != payload:
                lost.append((number, name))
    assert carried >= 0.9 * GARMENTS[SMALL], carried
    assert len(lost) <= 0.03 * tried, lost


@pytest.mark.parametrize("size", GARMENTS)
def test_white_stays_white_and_the_product_looks_the_same(size: int) -> None:
    for number in range(GARMENTS[size]):
        pixels, written, _ = marked(number, size)
        if written is not None:
            white = (pixels == 255).all(axis=-1)
            assert (written[white] == 255).all(), number
            assert psnr(pixels, written) >= LEAST_PSNR[size], (number, psnr(pixels, written))


def test_a_picture_without_enough_product_is_left_as_it_is() -> None:
    pixels = np.full((SMALL, SMALL, 3), 255, np.uint8)
    pixels[100:140, 100:140] = (30, 60, 120)
    assert SpreadSpectrum(KEY).write(pixels, 1) is None
    assert SpreadSpectrum(KEY).write(np.full((SMALL, SMALL, 3), 255, np.uint8), 1) is None


def test_nothing_is_read_from_unmarked_pictures_and_from_those_of_another_key() -> None:
    for number in range(3):
        pixels, written, _ = marked(number, LARGE)
        assert written is not None
        for shown in (pixels, halved(pixels)):
            assert SpreadSpectrum(KEY).read(shown) is None, number
        assert SpreadSpectrum(b"another key" * 4).read(written) is None, number


def test_only_what_may_change_is_marked_and_the_rest_need_not_be_known_to_read_it() -> None:
    """A grey ground, as one marketplace wants it, stays plain."""
    pixels = np.minimum(garment(4, LARGE), 229)
    product = (pixels != 229).any(axis=-1)
    written = SpreadSpectrum(KEY).write(pixels, 77, product)
    assert written is not None
    assert (written[~product] == 229).all()
    found = SpreadSpectrum(KEY).read(halved(written))
    assert found is not None
    assert found.payload == 77
    assert SpreadSpectrum(KEY).write(pixels, 77, np.zeros_like(product)) is None


@pytest.mark.parametrize("kind", ["noise", "stripes", "flat", "tiny"])
def test_nothing_is_read_from_odd_pictures(kind: str) -> None:
    shown = np.full((300, 300, 3), 128, np.uint8)
    if kind == "noise":
        shown = np.random.default_rng(1).integers(0, 256, (300, 300, 3)).astype(np.uint8)
    if kind == "stripes":
        shown[:, ::8] = shown[:, 1::8] = shown[:, 2::8] = shown[:, 3::8] = 20
    if kind == "tiny":
        shown = shown[:3, :5]
    assert SpreadSpectrum(KEY).read(shown) is None


def test_scores_of_unmarked_pictures_stay_below_the_bound_that_the_threshold_rests_on() -> None:
    """20,000 keys: no more of them exceed t than Hoeffding's bound allows, with five standard errors to spare."""
    values = np.random.default_rng(5).laplace(size=SIDE * SIDE)  # heavier tails than a garment's cells
    signs = np.random.default_rng(6).choice([-1.0, 1.0], (20_000, SIDE * SIDE))
    scores = signs @ values / np.linalg.norm(values)
    for t in (1.0, 2.0, 3.0, 4.0):
        bound = math.exp(-(t**2) / 2)
        assert (scores >= t).mean() <= bound + 5 * math.sqrt(bound / len(scores)), t


def test_the_signs_of_different_keys_and_payloads_are_unrelated() -> None:
    words = [Codebook(f"key {key}".encode()).word(payload).ravel() for key in range(20) for payload in (0, MOST - 1)]
    apart = np.corrcoef(words)[~np.eye(len(words), dtype=bool)]
    of_one_key = [np.corrcoef(words[at], words[at + 1])[0, 1] for at in range(0, len(words), 2)]
    assert np.sort(np.abs(apart))[: -2 * 20].max() < 6 / SIDE, "two keys"  # six standard errors
    assert max(of_one_key) < 0.4, "of one key they share a quarter of the cells"


def test_the_threshold_is_the_score_of_one_false_positive_in_a_million() -> None:
    assert math.isclose(Reading(0, THRESHOLD).chance, FALSE_POSITIVES, rel_tol=1e-6)
    assert TRIALS > MOST * 16_384


def test_no_picture_is_looked_at_in_more_ways_than_the_threshold_counts() -> None:
    rng = np.random.default_rng(4)
    sides = [
        *rng.integers(1, 5000, (400, 2)).tolist(),
        *rng.integers(1, 300, (400, 2)).tolist(),
        [256, 256],
        [640, 512],
    ]
    most = max(len(list(views(*map(int, each)))) for each in sides)
    assert most <= VIEWS, most
    assert TRIALS == MOST * 16_384 * VIEWS * 2


@pytest.mark.parametrize("payload", [0, 1, 2**41, MOST - 1])
def test_every_payload_of_42_bits_is_read_from_its_own_signs(payload: int) -> None:
    found, score = Codebook(KEY).read(Codebook(KEY).word(payload))
    assert found == payload
    assert math.isclose(score, SIDE)


def test_words_of_one_group_are_told_apart_where_a_third_of_the_score_is_left() -> None:
    """At 13 of 32 about one payload in a hundred is misread."""
    rng, wrong = np.random.default_rng(2), 0
    for _ in range(100):
        payload = int(rng.integers(MOST))
        kept = 13 / SIDE * Codebook(KEY).word(payload)
        seen = kept + math.sqrt(1 - (13 / SIDE) ** 2) * rng.standard_normal((SIDE, SIDE))
        wrong += Codebook(KEY).read(seen)[0] != payload
    assert wrong <= 6, wrong


def test_a_payload_that_does_not_fit_is_refused() -> None:
    for payload in (-1, MOST):
        with pytest.raises(ValueError, match="42 bits"):
            Codebook(KEY).word(payload)

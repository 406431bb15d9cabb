"""The CLIP adapter on the shipped scorer, and the token counter."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from models.clip.adapter import ClipScorer
from models.clip.recipe import ClipRecipe
from models.clip.tokens import ClipTokenCounter
from models.domain import Picture, Refusal, ScoreOrder
from models.errors import PackError
from models.starter.drawing import Garment, draw

SHIRT = Garment(audience="men", type="t-shirt", base="red", sleeve="short", neckline="crew")
RIGHT = "a red men's t-shirt with short sleeves and crew neck"
BAD = Picture(np.zeros((0, 4, 3), np.uint8))


@cache
def scorer() -> ClipScorer:
    return ClipRecipe(threads=1).load()


def drawn(garment: Garment = SHIRT, seed: int = 1) -> Picture:
    return draw(garment, np.random.default_rng(seed)).picture


def one(outcome: tuple[float, ...] | Refusal) -> tuple[float, ...]:
    assert isinstance(outcome, tuple), outcome
    return outcome


@pytest.mark.parametrize(
    "wrong",
    [
        "a red men's trousers with short sleeves and crew neck",
        "a light blue men's t-shirt with short sleeves and crew neck",
        "a red checked men's t-shirt with short sleeves and crew neck",
    ],
)
def test_the_right_caption_beats_one_that_is_wrong_about_one_attribute(wrong: str) -> None:
    right, other = one(scorer().score([ScoreOrder(drawn(), (RIGHT, wrong))])[0])
    assert right > other + 1.0, (wrong, right, other)


def test_scores_are_a_hundred_cosines() -> None:
    scores = one(scorer().score([ScoreOrder(drawn(), (RIGHT, "a green skirt", "nonsense"))])[0])
    assert all(-100.0 <= score <= 100.0 for score in scores), scores
    assert scores[0] > 20.0, scores


def test_a_bad_order_is_refused_alone() -> None:
    good = ScoreOrder(drawn(), (RIGHT,))
    outcomes = scorer().score([good, ScoreOrder(BAD, (RIGHT,)), ScoreOrder(drawn(), ()), good])
    assert [type(outcome) for outcome in outcomes] == [tuple, Refusal, Refusal, tuple]
    assert [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)] == ["bad_picture", "bad_text"]
    assert one(outcomes[0]) == pytest.approx(one(scorer().score([good])[0]), abs=1e-3)


def test_orders_with_unequal_numbers_of_texts_keep_their_places() -> None:
    texts = (RIGHT, "a red skirt", "a black hoodie")
    whole = one(scorer().score([ScoreOrder(drawn(), texts)])[0])
    parts = scorer().score([ScoreOrder(drawn(), texts[1:]), ScoreOrder(drawn(), texts[:1])])
    assert [len(one(part)) for part in parts] == [2, 1]
    assert one(parts[1])[0] == pytest.approx(whole[0], abs=1e-3)


def test_a_score_is_the_same_alone_and_in_a_batch() -> None:
    orders = [ScoreOrder(drawn(seed=seed), (RIGHT, f"a shirt number {seed}")) for seed in range(8)]
    together = ClipRecipe(threads=1).load().score(orders)
    for order, scores in zip(orders, together, strict=True):
        assert one(scores) == pytest.approx(one(ClipRecipe(threads=1).load().score([order])[0]), abs=1e-3)


def test_a_caption_that_is_asked_again_is_not_encoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = ClipRecipe(threads=1).load()
    first = fresh.score([ScoreOrder(drawn(), (RIGHT, "a red skirt"))])
    monkeypatch.setattr(fresh, "_embed_texts", lambda texts: pytest.fail(f"encoded again: {texts!r}"))
    assert fresh.score([ScoreOrder(drawn(), (RIGHT, "a red skirt"))]) == first


def test_a_text_beyond_the_context_is_cut_not_refused() -> None:
    assert len(one(scorer().score([ScoreOrder(drawn(), ("red " * 500,))])[0])) == 1


def test_a_pack_without_weights_says_which_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text(
        'pack = "p"\nversion = 1\n[parts.scorer]\nkind = "clip"\npath = "scorer"\nrepository = "some/clip"\n'
        'licence = { spdx = "MIT" }\n'
    )
    with pytest.raises(PackError, match=r"open_clip_model\.safetensors.*hf download some/clip"):
        ClipRecipe(pack=tmp_path).load()


@pytest.mark.parametrize(
    "text",
    [
        "a dark blue melange men's t-shirt with short sleeves and crew neck",
        'Größe 50 % -- 2x "rock" 3/4',
        " a  b\n",
        "",
    ],
)
def test_the_counter_agrees_with_open_clip(text: str) -> None:
    import open_clip

    assert ClipTokenCounter.openai().count(text) == len(open_clip.tokenizer.SimpleTokenizer().encode(text)) + 2


def test_the_starters_counter_reads_its_own_tokenizer() -> None:
    from models.checkpoint import STARTER_PACK

    count = ClipTokenCounter.of(STARTER_PACK / "scorer").count
    assert count("red") == 3
    assert count("a red t-shirt") > count("red")

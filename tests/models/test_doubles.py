"""The doubles are deterministic and react to what the real models react to."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.asked import asked
from models.domain import Attributes, Colour, ExtractionOrder, Picture, Refusal, RenderOrder, ScoreOrder, SegmentOrder
from models.doubles.journal import read
from models.doubles.recipe import ExtractorDouble, RendererDouble, ScorerDouble, SegmenterDouble, TranslatorDouble
from models.rendering import render

ORDER = RenderOrder(
    "catalogue photo of a men's shirt, dark blue, on a pure white background", seed=5, width=96, height=128
)


def drawn(order: RenderOrder) -> Picture:
    (picture,) = render(RendererDouble().load(), [order])
    assert isinstance(picture, Picture)
    return picture


def test_the_translator_knows_its_words_and_keeps_the_others() -> None:
    assert TranslatorDouble().load().translate(["Herren Hemd blau, Zirkon"]) == ["men's shirt blue, Zirkon"]


def test_the_extractor_takes_the_longest_word_of_the_vocabulary() -> None:
    (found,) = ExtractorDouble().load().extract([ExtractionOrder("", "dark blue striped knit jumper")])
    assert found == Attributes(product_type="knit jumper", colours=(Colour("dark blue"),), pattern=("striped",))


def test_the_same_order_gives_the_same_pixels_and_another_seed_others() -> None:
    first, again = drawn(ORDER), drawn(ORDER)
    other = drawn(RenderOrder(ORDER.prompt, seed=6, width=96, height=128))
    assert first.size == (96, 128)
    assert np.array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, other.pixels)


def test_the_right_colour_scores_higher_than_a_wrong_one() -> None:
    order = ScoreOrder(drawn(ORDER), ("a dark blue shirt", "a red shirt"))
    (scores,) = ScorerDouble().load().score([order])
    assert not isinstance(scores, Refusal)
    assert scores[0] > scores[1] + 5, scores


def test_the_mask_covers_the_shirt_and_nothing_else() -> None:
    picture = drawn(ORDER)
    (mask,) = SegmenterDouble().load().segment([SegmentOrder(picture)])
    assert not isinstance(mask, Refusal)
    assert ((mask.alpha == 255) == (picture.pixels < 250).any(axis=2)).all()


def test_trouble_comes_as_ordered() -> None:
    assert isinstance(TranslatorDouble(refuse="Zirkon").load().translate(["Zirkon"])[0], Refusal)
    with pytest.raises(RuntimeError):
        TranslatorDouble(crash="Zirkon").load().translate(["Hemd", "Zirkon"])


def test_no_two_orders_give_the_same_picture() -> None:
    pictures = {drawn(replace(ORDER, seed=seed)).pixels.tobytes() for seed in range(200)}
    assert len(pictures) == 200


def test_a_journal_has_every_order_that_was_begun_whatever_became_of_it(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with pytest.raises(RuntimeError):
        TranslatorDouble(journal=journal, crash="Zirkon").load().translate(["Hemd", "Zirkon"])
    render(RendererDouble(journal=journal).load(), [ORDER])
    lines = read(journal)
    assert [(line.role, line.asked) for line in lines[:2]] == [("translator", "Hemd"), ("translator", "Zirkon")]
    assert (lines[2].role, lines[2].asked) == ("renderer", asked(ORDER))


def test_an_order_is_asked_by_its_values_and_by_the_fingerprints_of_its_pictures() -> None:
    picture = drawn(ORDER)
    same = ScoreOrder(Picture(picture.pixels.copy()), ("a shirt",))
    other = ScoreOrder(Picture(255 - picture.pixels), ("a shirt",))
    assert asked(same) == asked(ScoreOrder(picture, ("a shirt",))) == json.loads(json.dumps(asked(same)))
    assert asked(other) != asked(same)

"""The evaluation of the one question, on composed listings that the prior was not counted on."""

from dataclasses import dataclass

import numpy as np
import pytest

from models.starter.corpus.listings import listing, listing_about
from serve_app.catalogue.completeness.visible import Attribute, look
from serve_app.evaluations import asking
from serve_app.evaluations.prior import composed, counted, looks, written

CUT: tuple[Attribute, ...] = ("sleeve", "neckline", "fit")
WORTH_A_QUESTION = ("audience", "colours", "motif", "neckline", "pattern", "product_type")


@dataclass(frozen=True)
class Options:
    seed: int = 5
    count: int | None = 120


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, dict[str, float]]]:
    found = asking.evaluate(Options())
    print(found)
    return found


def test_what_an_otherwise_complete_listing_lost_is_asked_for(figures: dict[str, dict[str, dict[str, float]]]) -> None:
    lost = [figures["removed"][name] for name in WORTH_A_QUESTION if name in figures["removed"]]
    complete = sum(one["complete"] for one in lost)
    asked = sum(one["complete"] * (one["asked_of_complete"] or 0.0) for one in lost)
    assert complete >= 10
    assert asked / complete >= 0.9, (asked, complete)


@pytest.mark.parametrize("attribute", ["colours", "neckline", "sleeve", "fit"])
def test_an_answer_raises_the_score_by_what_was_promised(
    figures: dict[str, dict[str, dict[str, float]]], attribute: str
) -> None:
    found = figures["removed"][attribute]
    assert found["listings"] >= 3
    assert found["raised"] == pytest.approx(found["promised"], abs=1e-3)


def test_the_bits_of_what_is_left_unsaid_are_of_the_size_of_the_surprise(
    figures: dict[str, dict[str, dict[str, float]]],
) -> None:
    """Within half a bit: over a hundred articles the surprise of rare values still varies by that."""
    for attribute, found in figures["left unsaid"].items():
        if found["articles"] >= 30:
            assert found["surprise"] == pytest.approx(found["bits"], abs=0.5), (attribute, found)


def test_the_prior_is_counted_again_to_the_same_counts() -> None:
    first, again = (written(counted(composed(7, 40)), 7, 40) for _ in range(2))
    assert first == again
    assert 'counts.sleeve."t-shirt"' in first


def test_a_composed_article_looks_as_its_type_does_where_nothing_else_is_said() -> None:
    for article, told in composed(11, 60):
        shown = looks(article)
        assert shown["product_type"] == article.kind
        stated = told.attributes
        for attribute in CUT:
            said = getattr(stated, attribute)
            assert said is None or look(attribute, shown[attribute]) == look(attribute, said), article


def test_a_listing_is_told_about_the_article_that_was_sampled() -> None:
    pairs = list(composed(3, 5))
    rng = np.random.default_rng(3)
    assert [told for _, told in pairs] == [listing(rng) for _ in range(5)]
    assert listing_about(pairs[0][0], np.random.default_rng(0)).attributes.product_type == pairs[0][0].kind

"""Captions of the scorer's questions: the same in product and training, fitted where the pack brings vectors."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.checkpoint import STARTER_PACK
from models.clip.recipe import ClipRecipe
from models.domain import ScoreOrder
from models.questions import NOBODY, captions, questions
from models.starter.drawing import Garment, draw, held_out, sample
from models.starter.drawing.figures import draw_figure
from models.starter.recipes.corpus import seen
from models.starter.recipes.figures import figure
from models.starter.recipes.questions import UNASKED, Answers, asked, facts_of, fitted, labels
from models.starter.recipes.variety import usual_cut, varied

SHIRT = Garment("men", "t-shirt", "blue", sleeve="long", neckline="v-neck")


def test_no_two_answers_share_a_caption() -> None:
    assert len(set(captions())) == len(captions()) == sum(map(len, questions().values()))


def test_a_long_sleeved_t_shirt_is_the_drawing_of_a_long_sleeve_top() -> None:
    assert facts_of(SHIRT) == {
        "product_type": "long-sleeve top", "weave": "solid", "print": "no print", "sleeve": "long",
        "neckline": "v-neck", "audience": "men",
    }  # fmt: skip


def test_fitted_vectors_give_back_the_labels_they_were_fitted_to() -> None:
    generator = torch.Generator().manual_seed(1)
    centres = torch.nn.functional.normalize(torch.randn(4, 16, generator=generator), dim=-1)
    labels = torch.arange(200) % 4
    looks = torch.nn.functional.normalize(centres[labels] + 0.1 * torch.randn(200, 16, generator=generator), dim=-1)
    assert torch.equal((looks @ fitted(looks, labels, 4).T).argmax(-1), labels)


def test_legwear_shows_neither_a_front_print_nor_two_parts() -> None:
    shorts = Garment("men", "shorts", "blue", "placement print", second="white")
    shown = {"product_type": "shorts", "weave": "solid", "print": "no print", "audience": "men"}
    assert facts_of(shorts) == shown
    assert facts_of(replace(shorts, pattern="colour-block"))["weave"] == "solid"


def test_a_henley_is_told_from_a_crew_neck_by_a_placket_of_its_own_alone() -> None:
    henley = replace(SHIRT, neckline="henley")
    assert facts_of(henley)["neckline"] == "henley"
    assert facts_of(replace(henley, type="cardigan"))["neckline"] == "crew"
    assert facts_of(replace(henley, details=("half zip",)))["neckline"] == "crew"
    assert facts_of(replace(SHIRT, neckline="crew", details=("button placket",)))["neckline"] == "henley"
    assert facts_of(replace(SHIRT, details=("zip",)))["neckline"] == "v-neck"


@pytest.mark.parametrize("front", [{"type": "cardigan"}, {"details": ("zip",)}, {"details": ("button placket",)}])
def test_necklines_with_one_name_for_the_eye_are_one_drawing(front: dict[str, Any]) -> None:
    pair = [replace(SHIRT, neckline=neckline, **front) for neckline in ("crew", "henley")]
    first, second = (draw(one, np.random.default_rng(6)).picture.pixels.astype(int) for one in pair)
    assert facts_of(pair[0]) == facts_of(pair[1])
    assert np.abs(first - second).max() <= 1


def test_what_type_an_unusual_cut_is_stays_open_and_all_else_is_asked() -> None:
    answered = [question for question, label in zip(asked(), labels([SHIRT])[0], strict=True) if label != UNASKED]
    assert answered == list(asked())
    odd = labels([replace(SHIRT, neckline="hood")])[0].tolist()
    assert odd[0] == UNASKED
    assert UNASKED not in odd[1:]


def test_varied_garments_are_cut_unusually_and_none_is_of_a_held_out_combination() -> None:
    drawn = [varied(np.random.default_rng((3, number))) for number in range(300)]
    assert not any(map(held_out, drawn))
    odd = sum(not usual_cut(garment) for garment in drawn)
    assert 0.2 < odd / len(drawn) < 0.7
    assert all(usual_cut(sample(np.random.default_rng((4, number)))) for number in range(300))


def test_the_loss_of_answers_falls_when_the_right_vectors_are_taken(tmp_path: Path) -> None:
    garments = [SHIRT, replace(SHIRT, neckline="crew")]
    answers, right = Answers(8, tmp_path), labels(garments)
    looks = torch.nn.functional.normalize(torch.randn(2, 8, generator=torch.Generator().manual_seed(2)), dim=-1)
    before = answers(looks, right).item()
    torch.autograd.backward(answers(looks, right))
    with torch.no_grad():
        answers.vectors -= 0.01 * answers.vectors.grad
    assert answers(looks, right).item() < before


def test_the_packs_scorer_answers_its_questions_about_a_plain_drawing() -> None:
    scorer = ClipRecipe(pack=STARTER_PACK, threads=1).load()
    picture = draw(SHIRT, np.random.default_rng(5)).picture
    scores = scorer.score([ScoreOrder(picture, captions())])[0]
    by_text = dict(zip(captions(), scores, strict=True))
    read = {name: max(texts, key=lambda answer: by_text[texts[answer]]) for name, texts in questions().items()}
    assert {name: read[name] for name in asked()} == facts_of(SHIRT)
    assert read["people"] == NOBODY


def test_somebody_who_wears_a_garment_is_seen() -> None:
    scorer = ClipRecipe(pack=STARTER_PACK, threads=1).load()
    rng = np.random.default_rng(12)
    worn = draw_figure(figure(seen, rng), rng).picture
    nobody, somebody = scorer.score([ScoreOrder(worn, tuple(questions()["people"].values()))])[0]
    assert somebody > nobody

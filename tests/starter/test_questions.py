"""Captions of the scorer's questions: the same in product and training, fitted where the pack brings vectors."""

import numpy as np
import torch

from models.checkpoint import STARTER_PACK
from models.clip.recipe import ClipRecipe
from models.domain import ScoreOrder
from models.questions import captions, questions
from models.starter.drawing import Garment, draw
from models.starter.recipes.questions import facts_of, fitted

SHIRT = Garment("men", "t-shirt", "blue", sleeve="long", neckline="v-neck")


def test_no_two_answers_share_a_caption() -> None:
    assert len(set(captions())) == len(captions()) == sum(map(len, questions().values()))


def test_a_long_sleeved_t_shirt_is_the_drawing_of_a_long_sleeve_top() -> None:
    assert facts_of(SHIRT) == {
        "product_type": "long-sleeve top", "weave": "solid", "print": "no print", "sleeve": "long",
        "neckline": "v-neck",
    }  # fmt: skip


def test_fitted_vectors_give_back_the_labels_they_were_fitted_to() -> None:
    generator = torch.Generator().manual_seed(1)
    centres = torch.nn.functional.normalize(torch.randn(4, 16, generator=generator), dim=-1)
    labels = torch.arange(200) % 4
    looks = torch.nn.functional.normalize(centres[labels] + 0.1 * torch.randn(200, 16, generator=generator), dim=-1)
    assert torch.equal((looks @ fitted(looks, labels, 4).T).argmax(-1), labels)


def test_the_packs_scorer_answers_its_questions_about_a_plain_drawing_but_for_the_neckline() -> None:
    scorer = ClipRecipe(pack=STARTER_PACK, threads=1).load()
    picture = draw(SHIRT, np.random.default_rng(5)).picture
    scores = scorer.score([ScoreOrder(picture, captions())])[0]
    by_text = dict(zip(captions(), scores, strict=True))
    read = {name: max(texts, key=lambda answer: by_text[texts[answer]]) for name, texts in questions().items()}
    assert read | {"neckline": "v-neck"} == facts_of(SHIRT)

"""Fits the captions of the scorer's questions: one vector per answer, by cross entropy on drawings it never saw."""

from typing import Any

import open_clip
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from models.questions import BARE, FITTED, PRINTED, questions
from models.starter.drawing import Garment
from models.starter.drawing.garment import PRINTED as FRONT_PRINTS
from models.starter.recipes.corpus import seen
from models.starter.recipes.degradation import Degradation, as_tensor
from models.starter.recipes.gallery import Gallery, gallery
from models.starter.train import TrainOptions

DRAWINGS = 3_000
SEED = 105  # no other training draws from it: the picture tower knows its own drawings too well
VARIANTS = 2  # degraded versions of each drawing beside the drawing itself
DECAY = 1e-5  # of the squared weights
STEPS = 300  # of L-BFGS; the loss stands still before
BATCH = 64
SCALE = 100.0  # the manifest's: a score of a fitted caption is its logit
BY_SLEEVE = {"long": "long-sleeve top", "3/4": "long-sleeve top", "sleeveless": "tank top"}
GROUPS = {**dict.fromkeys(FRONT_PRINTS, "solid"), "animal": "all-over print"}


def train(options: TrainOptions) -> None:
    """Writes `scorer/questions.safetensors` of the pack: caption -> vector in the embedding, for all answers."""
    folder = options.out / "scorer"
    drawn = gallery(options.work / "gallery" / "questions", seen, SEED, DRAWINGS)
    looks = embedded(open_clip.create_model_and_transforms(f"local-dir:{folder}")[0].eval(), drawn)
    facts = [facts_of(garment) for garment in drawn.garments] * (1 + VARIANTS)
    vectors: dict[str, Tensor] = {}
    for question, answers in questions().items():
        rows = [number for number, fact in enumerate(facts) if question in fact]
        labels = torch.tensor([list(answers).index(facts[row][question]) for row in rows])
        weights = fitted(looks[rows], labels, len(answers)) / SCALE
        vectors |= {caption: row.half() for caption, row in zip(answers.values(), weights, strict=True)}
    save_file(vectors, folder / FITTED)


def facts_of(garment: Garment) -> dict[str, str]:
    """Question -> the right answer; a question that the drawing does not answer is left out."""
    sleeve, neckline = garment.drawn_sleeve, garment.drawn_neckline
    kind = BY_SLEEVE.get(sleeve or "", garment.type) if garment.type == "t-shirt" else garment.type
    two_parts = garment.pattern == "solid" and garment.second is not None and garment.second_role in ("block", None)
    found = {
        "product_type": kind,
        "weave": "colour-block" if two_parts else GROUPS.get(garment.pattern, garment.pattern),
        "print": PRINTED if garment.front_print else BARE,
    }
    if garment.decoration is not None and garment.front_print is None:
        del found["print"]  # an applique and a print are the same to the eye
    return found | ({"sleeve": sleeve} if sleeve else {}) | ({"neckline": neckline} if neckline else {})


@torch.inference_mode()
def embedded(model: Any, drawn: Gallery) -> Tensor:
    """Unit vectors of all drawings, then of each degraded variant; (drawings * (1 + VARIANTS), width)."""
    degrade = Degradation(drawn.pictures[:500], SEED)
    rows = []
    for variant in range(1 + VARIANTS):
        for start in range(0, len(drawn.pictures), BATCH):
            pictures = as_tensor(drawn.pictures[start : start + BATCH])
            pictures = degrade(pictures) if variant else pictures
            rows.append(model.encode_image(pictures.mul(2).sub(1), normalize=True))
    return torch.cat(rows)


def fitted(looks: Tensor, labels: Tensor, answers: int) -> Tensor:
    """Logistic regression without a constant: (n, width) unit vectors and labels to (answers, width)."""
    weights = torch.zeros(answers, looks.shape[1], requires_grad=True)
    optimiser: Any = torch.optim.LBFGS([weights], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = F.cross_entropy(looks @ weights.T, labels) + DECAY * weights.square().sum()
        torch.autograd.backward(value)
        return value

    optimiser.step(loss)
    return weights.detach()

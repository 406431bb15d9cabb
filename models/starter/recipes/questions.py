"""The scorer's questions in training, and the fit of their captions: one vector per answer, by cross entropy."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from models.questions import BARE, BY_SLEEVE, FITTED, PRINTED, SAME_WEAVE, questions, seen_neckline
from models.starter.drawing import Garment
from models.starter.drawing.garment import PRINTED as FRONT_PRINTS
from models.starter.drawing.sampling import BOTTOMS
from models.starter.recipes.corpus import seen
from models.starter.recipes.degradation import Degradation, as_tensor
from models.starter.recipes.gallery import Gallery, gallery
from models.starter.recipes.towers import normalised
from models.starter.recipes.variety import usual_cut, varied
from models.starter.train import TrainOptions

KEPT = (24, 32, 64)  # of the 432 components of a patch at 192 px; the starter's autoencoder keeps 24
LISTED, ODD = (105, 2_000), (107, 3_000)  # seeds and drawings; the picture tower never learns from them
VARIANTS = 2  # degraded versions of each drawing beside the drawing itself
DECAY = 1e-5  # of the squared weights
STEPS = 300  # of L-BFGS; the loss stands still before
BATCH = 64
SCALE = 100.0  # the manifest's: a score of a fitted caption is its logit
REACH = 30.0  # a logit is this times a product: the step of the optimiser suits vectors of about a unit
SMOOTHING = 0.02
UNASKED = -100  # the label that cross entropy leaves out
WEIGHTS = {"neckline": 3.0}  # of a question's loss, else 1: necklines differ in the fewest pixels


class Answers(nn.Module):
    """The vectors of all answers while the towers are trained; starts from those that a scorer's folder has."""

    def __init__(self, width: int, folder: Path) -> None:
        super().__init__()
        known = load_file(folder / FITTED) if (folder / FITTED).exists() else {}
        rows = [known.get(caption, torch.zeros(width)) for texts in questions().values() for caption in texts.values()]
        self.vectors = nn.Parameter(torch.stack(rows).float() * SCALE / REACH)

    def forward(self, looks: Tensor, labels: Tensor) -> Tensor:
        """Weighted cross entropy summed over the questions; looks: unit vectors (n, width), labels (n, questions)."""
        logits = torch.split(REACH * looks @ self.vectors.T, [len(texts) for texts in questions().values()], dim=1)
        losses = [
            WEIGHTS.get(name, 1.0) * F.cross_entropy(found, right, ignore_index=UNASKED, label_smoothing=SMOOTHING)
            for name, found, right in zip(questions(), logits, labels.unbind(1), strict=True)
        ]
        return torch.stack(losses).sum()


def train(options: TrainOptions) -> None:
    """Writes `scorer/questions.safetensors` of the pack: caption -> vector in the embedding, for all answers."""
    folder = options.out / "scorer"
    model = open_clip.create_model_and_transforms(f"local-dir:{folder}")[0].eval()
    side = int(model.visual.image_size)
    drawn = [listed_drawings(options, side), gallery(_folder(options, side, "varied"), varied, *ODD, side)]
    looks = torch.cat([embedded(model, part) for part in drawn])
    right = torch.cat([labels(part.garments).repeat(1 + VARIANTS, 1) for part in drawn])
    vectors: dict[str, Tensor] = {}
    for column, answers in enumerate(questions().values()):
        rows = right[:, column] != UNASKED
        weights = fitted(looks[rows], right[rows, column], len(answers)) / SCALE
        vectors |= {caption: row.half() for caption, row in zip(answers.values(), weights, strict=True)}
    save_file(vectors, folder / FITTED)


def listed_drawings(options: TrainOptions, side: int) -> Gallery:
    """Drawings of the training combinations that the picture tower never learns from, `side` pixels wide."""
    return gallery(_folder(options, side, "seen"), seen, *LISTED, side)


def _folder(options: TrainOptions, side: int, name: str) -> Path:
    return options.work / "gallery" / f"questions-{side}-{name}"


def labels(garments: Sequence[Garment]) -> Tensor:
    """The number of the right answer per garment and question, UNASKED where the drawing leaves it open."""
    rows = []
    for garment in garments:
        facts = facts_of(garment)
        if not usual_cut(garment):
            del facts["product_type"]
        rows.append([
            list(answers).index(facts[question]) if question in facts else UNASKED
            for question, answers in questions().items()
        ])  # fmt: skip
    return torch.tensor(rows)


def facts_of(garment: Garment) -> dict[str, str]:
    """Question -> the right answer; a question that the drawing does not answer is left out."""
    sleeve, neckline = garment.drawn_sleeve, seen_neckline(garment.drawn_neckline, (garment.type, *garment.details))
    kind = BY_SLEEVE.get(sleeve or "", garment.type) if garment.type == "t-shirt" else garment.type
    printed = garment.front_print is not None and garment.type not in BOTTOMS
    found = {"product_type": kind, "weave": _weave(garment), "print": PRINTED if printed else BARE}
    if garment.decoration is not None and not printed:
        del found["print"]  # an applique and a print are the same to the eye
    return found | ({"sleeve": sleeve} if sleeve else {}) | ({"neckline": neckline} if neckline else {})


def _weave(garment: Garment) -> str:
    plain = garment.pattern in ("solid", "colour-block", *FRONT_PRINTS)
    two_parts = garment.second is not None and garment.second_role in ("block", None)
    if plain and garment.type not in BOTTOMS and (two_parts or garment.pattern == "colour-block"):
        return "colour-block"
    return "solid" if plain else SAME_WEAVE.get(garment.pattern, garment.pattern)


def embedded(model: Any, drawn: Gallery) -> Tensor:
    """Unit vectors of all drawings, then of each degraded variant; (drawings * (1 + VARIANTS), width)."""
    degrade = Degradation(drawn.pictures[:500], VARIANTS, kept=KEPT)
    return torch.cat([looked(model, drawn.pictures, degrade if variant else None) for variant in range(1 + VARIANTS)])


@torch.no_grad()
def looked(model: Any, pictures: NDArray[np.uint8], degrade: Degradation | None = None) -> Tensor:
    """Unit vectors (n, width) of pictures uint8 (n, side, side, 3), degraded or as they are."""
    rows = []
    for start in range(0, len(pictures), BATCH):
        some = as_tensor(pictures[start : start + BATCH])
        rows.append(model.encode_image(normalised(some if degrade is None else degrade(some)), normalize=True))
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

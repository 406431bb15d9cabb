"""The scorer's questions in training, and the fit of their captions: one vector per answer, by cross entropy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from models.questions import (
    BARE,
    BY_SLEEVE,
    FITTED,
    NOBODY,
    PRINTED,
    SAME_WEARER,
    SAME_WEAVE,
    SOMEBODY,
    questions,
    seen_neckline,
)
from models.starter.drawing import Garment
from models.starter.drawing.figures import draw_figure
from models.starter.drawing.garment import PRINTED as FRONT_PRINTS
from models.starter.drawing.sampling import BOTTOMS
from models.starter.recipes.corpus import seen
from models.starter.recipes.degradation import Degradation, as_tensor
from models.starter.recipes.figures import figure
from models.starter.recipes.gallery import Gallery, gallery
from models.starter.recipes.towers import normalised
from models.starter.recipes.variety import usual_cut, varied
from models.starter.train import TrainOptions

KEPT = (24, 32, 64)  # of the 432 components of a patch at 192 px; the starter's autoencoder keeps 24
LISTED, ODD = (105, 2_000), (107, 3_000)  # seeds and drawings; the picture tower never learns from them
WORN = (109, 1_000)  # people
UNDRAWN = ("motif", "people")  # a garment does not answer: prints of 60 px blur, and nobody wears it
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
        rows = [known.get(caption, torch.zeros(width)) for texts in asked().values() for caption in texts.values()]
        self.vectors = nn.Parameter(torch.stack(rows).float() * SCALE / REACH)

    def forward(self, looks: Tensor, labels: Tensor) -> Tensor:
        """Weighted cross entropy summed over the questions; looks: unit vectors (n, width), labels (n, questions)."""
        logits = torch.split(REACH * looks @ self.vectors.T, [len(texts) for texts in asked().values()], dim=1)
        losses = [
            WEIGHTS.get(name, 1.0) * F.cross_entropy(found, right, ignore_index=UNASKED, label_smoothing=SMOOTHING)
            for name, found, right in zip(asked(), logits, labels.unbind(1), strict=True)
        ]
        return torch.stack(losses).sum()


def train(options: TrainOptions) -> None:
    """Writes `scorer/questions.safetensors` of the pack: caption -> vector in the embedding; motifs are left out."""
    folder = options.out / "scorer"
    model = open_clip.create_model_and_transforms(f"local-dir:{folder}")[0].eval()
    side = int(model.visual.image_size)
    drawn = [listed_drawings(options, side), gallery(_folder(options, side, "varied"), varied, *ODD, side)]
    looks = torch.cat([embedded(model, part) for part in drawn])
    right = torch.cat([labels(part.garments).repeat(1 + VARIANTS, 1) for part in drawn])
    vectors: dict[str, Tensor] = {}
    for column, (name, answers) in enumerate(asked().items()):
        rows = right[:, column] != UNASKED
        vectors |= _vectors(name, fitted(looks[rows], right[rows, column], len(answers)))
    save_file(vectors | _people(model, looks, side), folder / FITTED)


def _people(model: Any, garments: Tensor, side: int) -> dict[str, Tensor]:
    """Garments by themselves against the same kinds of garments on people; `garments`: (n, width)."""
    worn = figures(*WORN, side)
    degrade = Degradation(worn[:500], VARIANTS, kept=KEPT)
    somebody = torch.cat([looked(model, worn), looked(model, worn, degrade)])
    right = torch.tensor([0] * len(garments) + [1] * len(somebody))
    assert tuple(questions()["people"]) == (NOBODY, SOMEBODY)
    return _vectors("people", fitted(torch.cat([garments, somebody]), right, 2))


def figures(seed: int, count: int, side: int) -> NDArray[np.uint8]:
    """People who wear garments of the training combinations, every other one before white, as where a background was
    laid behind them; uint8 (count, side, side, 3)."""
    found = []
    for index in range(count):
        rng = np.random.default_rng((seed, index))
        shown = figure(seen, rng)
        drawn = draw_figure(replace(shown, backdrop="white") if index % 2 else shown, rng).picture
        found.append(np.asarray(Image.fromarray(drawn.pixels).resize((side, side), Image.Resampling.BOX)))
    return np.stack(found)


def _vectors(question: str, weights: Tensor) -> dict[str, Tensor]:
    return {caption: row.half() for caption, row in zip(questions()[question].values(), weights / SCALE, strict=True)}


@cache
def asked() -> Mapping[str, Mapping[str, str]]:
    """The questions that a drawn garment answers."""
    return {name: answers for name, answers in questions().items() if name not in UNDRAWN}


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
            for question, answers in asked().items()
        ])  # fmt: skip
    return torch.tensor(rows)


def facts_of(garment: Garment) -> dict[str, str]:
    """Question -> the right answer; a question that the drawing does not answer is left out."""
    sleeve, neckline = garment.drawn_sleeve, seen_neckline(garment.drawn_neckline, (garment.type, *garment.details))
    kind = BY_SLEEVE.get(sleeve or "", garment.type) if garment.type == "t-shirt" else garment.type
    printed = garment.front_print is not None and garment.type not in BOTTOMS
    found = {"product_type": kind, "weave": _weave(garment), "print": PRINTED if printed else BARE}
    found |= {"audience": SAME_WEARER.get(garment.audience, garment.audience)}
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

"""The scorer: open_clip's ResNet and text towers, contrastive and by the verdict's questions."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from models.starter.drawing import Garment
from models.starter.recipes.contrast import contrast
from models.starter.recipes.corpus import restyled, seen
from models.starter.recipes.degradation import Degradation, as_tensor
from models.starter.recipes.gallery import SIDE, Gallery, gallery
from models.starter.recipes.questions import KEPT, Answers, labels, listed_drawings
from models.starter.recipes.reading import read
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.towers import LOOKED_AT, WIDTH, begun, form, normalised, tokenizer_of, write
from models.starter.recipes.variety import varied
from models.starter.train import TrainOptions

MINUTES = 50.0  # of process time, before the text tower is trained alone
LISTED, ODD = 40, 32  # of a batch: garments with captions, and varied ones that are only asked about
CAPTIONED = 3  # every nth batch: to read the captions takes as long as to look
BALANCED = 0.8  # of the schedule; from then on every batch is captioned
DRAWINGS = 7_500
SKETCHES = 250  # adapters draw in pencil too
VARIED = 12_000
RATE = 1e-3


@dataclass(frozen=True)
class Lesson:
    """What a batch costs: the towers, the answers' vectors, and two ways to spoil pictures, with and without moving."""

    model: Any
    answers: Answers
    tokenizer: Any
    spoilt: tuple[Degradation, Degradation]
    rng: np.random.Generator
    device: torch.device

    def loss(self, step: int, done: float, garments: list[Garment], pictures: NDArray[np.uint8]) -> Tensor:
        """The questions about all pictures; in every `CAPTIONED`th batch also the captions of the listed ones."""
        turn, uncaptioned = divmod(step, CAPTIONED if done < BALANCED else 1)
        inputs = normalised(self.spoilt[turn % 2](as_tensor(pictures)))
        with torch.autocast(self.device.type, torch.bfloat16):
            features = self.model.encode_image(inputs.to(self.device, memory_format=torch.channels_last))
        looks = F.normalize(features.float(), dim=-1)
        asked: Tensor = self.answers(looks, labels(garments).to(self.device))
        if uncaptioned:
            return asked
        return asked + contrast(self.model, looks[:LISTED], garments[:LISTED], self.rng, self.tokenizer)


def train(options: TrainOptions) -> None:
    """Writes `scorer/` of the pack: config, fp16 weights, tokenizer files."""
    start, folder = options.out / "scorer", options.work / "gallery" / f"scorer-{LOOKED_AT}"
    tokenizer = tokenizer_of(start)
    config = form(tokenizer)
    model = begun(config, start).to(options.device)
    model.visual.to(memory_format=torch.channels_last)
    answers = Answers(WIDTH, start).to(options.device)
    listed = training_gallery(folder, options.seed, LOOKED_AT)
    odd = gallery(folder / "varied", varied, options.seed + 106, VARIED, LOOKED_AT)
    steps = look(model, answers, tokenizer, (listed, odd), options)
    read(model, tokenizer, [listed, listed_drawings(options, LOOKED_AT)], options, steps)
    write(model, config, start)


def look(model: Any, answers: Answers, tokenizer: Any, drawn: tuple[Gallery, Gallery], options: TrainOptions) -> int:
    """Trains both towers and the answers' vectors for as many steps; `drawn`: garments with captions, varied ones."""
    listed, odd = drawn
    clock = Clock("scorer", options.steps, options.minutes or MINUTES)
    optimiser = torch.optim.AdamW(_groups(torch.nn.ModuleList([model, answers])), lr=RATE, betas=(0.9, 0.98))
    clock.resume(options.work / "scorer" / "state.safetensors", model=model, answers=answers, optimiser=optimiser)
    seed, rng = options.seed + clock.step, np.random.default_rng((options.seed, clock.step))
    moved, still = (Degradation(listed.pictures[:500], seed, move=move, kept=KEPT) for move in (True, False))
    lesson = Lesson(model.train(), answers, tokenizer, (moved, still), rng, torch.device(options.device))
    for garments, pictures in clock.ticking(_batches(listed, odd, rng)):
        loss = lesson.loss(clock.step, clock.done, garments, pictures)
        _step(optimiser, loss, model, RATE * cosine(clock.done))
        clock.report(loss.item())
    clock.save()
    return clock.step


def _step(optimiser: torch.optim.Optimizer, loss: Tensor, model: Any, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    with torch.no_grad():
        model.logit_scale.clamp_(0, 4.0)  # e^4 = 55: beyond it a captioned tenth of a cosine decides everything


def training_gallery(folder: Path, seed: int, side: int = SIDE) -> Gallery:
    """Drawings of the training combinations, some of them sketches."""
    photos = gallery(folder / "seen", seen, seed + 101, DRAWINGS, side)
    sketches = gallery(folder / "sketched", restyled(seen, style="sketch"), seed + 102, SKETCHES, side)
    return Gallery(
        photos.garments + sketches.garments,
        np.concatenate([photos.pictures, sketches.pictures]),
        np.concatenate([photos.masks, sketches.masks]),
    )


def _groups(model: torch.nn.Module) -> list[dict[str, Any]]:
    named = list(model.named_parameters())
    return [
        {"params": [p for _, p in named if p.ndim >= 2], "weight_decay": 0.05},
        {"params": [p for _, p in named if p.ndim < 2], "weight_decay": 0.0},
    ]


def _batches(
    listed: Gallery, odd: Gallery, rng: np.random.Generator
) -> Iterator[tuple[list[Garment], NDArray[np.uint8]]]:
    while True:
        parts = [(part, rng.integers(len(part.garments), size=size)) for part, size in ((listed, LISTED), (odd, ODD))]
        garments = [part.garments[row] for part, rows in parts for row in rows]
        yield garments, np.concatenate([part.pictures[rows] for part, rows in parts])

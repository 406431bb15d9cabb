"""The scorer's last lesson: its text tower alone, beside the vectors of drawings that no longer change."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
import torch

from models.starter.recipes.contrast import contrast
from models.starter.recipes.gallery import Gallery
from models.starter.recipes.questions import looked
from models.starter.recipes.schedule import Clock, cosine
from models.starter.train import TrainOptions

MINUTES = 2.5  # of process time; the figures of the card
BATCH = 56
RATE = 6e-4


def read(model: Any, tokenizer: Any, drawn: Sequence[Gallery], options: TrainOptions, steps: int) -> None:
    """Trains what reads captions; the picture tower stays as it is after the `steps` that it has learnt."""
    garments = [garment for part in drawn for garment in part.garments]
    model.eval()
    looks = torch.cat([looked(model, part.pictures) for part in drawn])
    parameters = [p for name, p in model.named_parameters() if not name.startswith("visual.")]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.98), weight_decay=0.05)
    clock = Clock("scorer's captions", options.steps, MINUTES)
    # A checkpoint beside an earlier picture tower would bring that tower back.
    clock.resume(options.work / "scorer" / f"captions-{steps}.safetensors", model=model, optimiser=optimiser)
    rng = np.random.default_rng((options.seed, 3, clock.step))
    for rows in clock.ticking(rng.integers(len(garments), size=BATCH) for _ in count()):
        for group in optimiser.param_groups:
            group["lr"] = RATE * cosine(clock.done)
        loss = contrast(model, looks[rows], [garments[row] for row in rows], rng, tokenizer)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimiser.step()
        clock.report(loss.item())
    clock.save()

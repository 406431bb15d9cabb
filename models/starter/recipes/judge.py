"""Trains the judge on drawings of its own seeds, held-out combinations included, clean and degraded."""

import json
from dataclasses import asdict
from itertools import count
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from models.starter.judge.labels import HEADS, expected
from models.starter.judge.network import JudgeNetwork
from models.starter.recipes.corpus import unseen
from models.starter.recipes.degradation import Degradation, as_tensor
from models.starter.recipes.gallery import gallery
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.scorer import training_gallery
from models.starter.train import PACK, TrainOptions

MINUTES = 21.0  # of process time; the figures of the card
BATCH = 64
UNSEEN = 750  # drawings of the combinations that the pack's models never see
RATE = 4e-3
SMOOTHING = 0.02


def train(options: TrainOptions) -> None:
    """Writes `judge.safetensors` and `labels.json` beside the pack, which it is no part of."""
    folder = options.work / "gallery"
    drawings = training_gallery(folder, options.seed)
    others = gallery(folder / "unseen", unseen, options.seed + 103, UNSEEN)
    pictures = np.concatenate([drawings.pictures, others.pictures])
    right = [asdict(expected(garment)) for garment in drawings.garments + others.garments]
    answers = {name: sorted({str(row[name]) for row in right}) for name in HEADS}
    targets = {name: torch.tensor([answers[name].index(row[name]) for row in right]) for name in HEADS}
    network = JudgeNetwork({name: len(values) for name, values in answers.items()})
    clock = Clock("judge", options.steps, options.minutes or MINUTES)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.05)
    clock.resume(options.work / "judge" / "state.safetensors", network=network, optimiser=optimiser)
    degrade = Degradation(pictures[:500], options.seed + 7 + clock.step)
    rng = np.random.default_rng((options.seed, 7, clock.step))
    batches = (rng.integers(len(right), size=BATCH) for _ in count())
    for rows in clock.ticking(batches):
        for group in optimiser.param_groups:
            group["lr"] = RATE * cosine(clock.done)
        inputs = degrade(as_tensor(pictures[rows])) * 2 - 1
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(inputs)
        losses = [
            F.cross_entropy(logits[name].float(), targets[name][rows], label_smoothing=SMOOTHING) for name in HEADS
        ]
        loss = torch.stack(losses).sum()
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimiser.step()
        clock.report(loss.item())
    clock.save()
    write(network, answers, options.out.parent / "judge" if options.out == PACK else options.out / "judge")


def write(network: JudgeNetwork, answers: dict[str, list[str]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: t.half() if t.is_floating_point() else t for name, t in network.state_dict().items()}
    save_file(state, folder / "judge.safetensors", metadata={"format": "pt"})
    (folder / "labels.json").write_text(json.dumps(answers, indent=1) + "\n", "utf-8")

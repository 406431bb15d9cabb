"""Trains the upscaler: a tiny Swin2SR that doubles what the renderer draws, on drawings that are known twice as large.

It begins as bilinear interpolation, so that all of its training goes into what that loses.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.starter.recipes.corpus import seen
from models.starter.recipes.degradation import as_tensor
from models.starter.recipes.muon import Average
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.start import begin_with
from models.starter.recipes.upscaling import crops, read_shards, write_shard
from models.starter.train import TrainOptions

MINUTES = 20.0  # of process time on one core; the figures of the card
SHARDS = 12  # of 25 drawings; in memory they take 350 MB
BATCH, CROP = 8, 48  # small crops of so many pixels; six windows a side
RATE = 2e-3
SOFT = 0.6  # of the crops are rendered ones; the others keep what is sharp as it is
CHARBONNIER = 1e-3  # of 0-1: below it an error counts by its square
CONFIG = {
    "embed_dim": 24, "depths": [2, 2], "num_heads": [3, 3], "window_size": 8, "mlp_ratio": 2.0, "upscale": 2,
    "upsampler": "pixelshuffledirect", "drop_path_rate": 0.0,
}  # fmt: skip


def train(options: TrainOptions) -> None:
    """Writes `upscaler/` of the pack in float16; the softness is that of the renderer in the pack."""
    work = options.work / "upscaler"
    _draw(options, work / "pairs")
    model = build().to(options.device).train()
    begin_with(model, options.out / "upscaler")
    optimiser, average = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=1e-4), Average(model)
    clock = Clock("upscaler", options.steps, options.minutes or MINUTES)
    clock.resume(work / "state.safetensors", model=model, optimiser=optimiser, average=average)
    rng = np.random.default_rng((options.seed, clock.step))
    for small, large in clock.ticking(crops(read_shards(work / "pairs"), rng, CROP, BATCH, SOFT)):
        for group in optimiser.param_groups:
            group["lr"] = RATE * cosine(clock.done)
        found = model(pixel_values=as_tensor(small).to(options.device)).reconstruction
        loss = _loss(found, as_tensor(large).to(options.device))
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        average.update(clock.step)
        clock.report(loss.item())
    clock.save()
    model.load_state_dict(average.weights)
    model.cpu().eval().half().save_pretrained(options.out / "upscaler")


def _draw(options: TrainOptions, folder: Path) -> None:
    from diffusers import AutoencoderKL

    vae = AutoencoderKL.from_pretrained(options.out / "renderer" / "vae", torch_dtype=torch.float32).eval()
    for index in range(SHARDS if options.steps != 0 else 0):
        write_shard(folder, index, seen, vae, options.seed)


@torch.no_grad()
def build() -> Any:
    """The untrained model, which interpolates: its body adds nothing yet, its last convolution weighs four pixels."""
    from transformers import Swin2SRConfig, Swin2SRForImageSuperResolution

    model = Swin2SRForImageSuperResolution(Swin2SRConfig(**CONFIG))
    body, last = model.swin2sr, model.upsample.conv
    body.conv_after_body.weight.zero_()
    body.conv_after_body.bias.zero_()
    body.first_convolution.weight[:3] = 0.0
    body.first_convolution.bias[:3] = 0.0
    last.weight.zero_()
    last.bias.zero_()
    for channel in range(3):
        body.first_convolution.weight[channel, channel, 1, 1] = 1.0
        for place, taps in enumerate(_taps()):  # in the order of a pixel shuffle: row by row
            last.weight[4 * channel + place, channel] = taps
    return model


def _taps() -> list[Tensor]:
    """How the four pixels that become of one weigh it and its eight neighbours."""
    before, after = torch.tensor([0.25, 0.75, 0.0]), torch.tensor([0.0, 0.75, 0.25])
    return [torch.outer(down, across) for down in (before, after) for across in (before, after)]


def _loss(found: Tensor, right: Tensor) -> Tensor:
    return (found - right).square().add(CHARBONNIER**2).sqrt().mean()

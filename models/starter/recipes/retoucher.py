"""Makes the retoucher: figures, an inpainting UNet with its ControlNet and text encoder, in the renderer's latents.

A new training starts from the pack's own weights where they fit, unless the pack has none. Without `--steps` or
`--minutes` it trains for `MINUTES` of process time; `--steps 0` exports what was trained so far.
"""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models.starter.drawing.figures import BACKDROPS, BASICS, HAIR, SKIN
from models.starter.recipes import inpainting
from models.starter.recipes.corpus import seen
from models.starter.recipes.figures import write_shard
from models.starter.recipes.inpainting import Inpainter
from models.starter.recipes.latent_map import LatentMap
from models.starter.recipes.muon import Average, Together
from models.starter.recipes.prompt_tokenizers import CLIP_LENGTH, clip_tokenizer
from models.starter.recipes.retouches import WORDS, Retouches, tensors
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.start import begin_with
from models.starter.train import TrainOptions

MINUTES = 40.0  # of process time on one core; the figures of the card
SHARDS = 25  # of 200 figures; the shards that are missing are drawn first
BATCH = 16
SLOWER = 0.7  # of the denoiser's rates: convolutions take smaller steps than its matrices
CONTROLLED = 0.85  # of the batches; the others teach the UNet to paint without a ControlNet


def train(options: TrainOptions) -> None:
    """Writes `retoucher/` of the pack in float16; its autoencoder is the renderer's, which must be in the pack."""
    from diffusers import AutoencoderKL

    work, out = options.work / "retoucher", options.out / "retoucher"
    for index in range(SHARDS if options.steps != 0 else 0):
        write_shard(work / "figures", index, seen, options.seed)
    vae = AutoencoderKL.from_pretrained(options.out / "renderer" / "vae", torch_dtype=torch.float32)
    tokenizer = _tokenizer(out)
    model = inpainting.build(tokenizer).to(options.device)
    for name, module in model.parts.items():
        begin_with(module, out / name)
    export(_trained(options, model, tokenizer, LatentMap.of(vae)), tokenizer, out)


def _trained(options: TrainOptions, model: Inpainter, tokenizer: Any, latent_map: LatentMap) -> Inpainter:
    """The model with its averaged weights."""
    inpainting.plain_attention(model)
    average, optimiser = Average(model), Together(model)
    clock = Clock("retoucher", options.steps, options.minutes or MINUTES)
    work = options.work / "retoucher"
    clock.resume(work / "state.safetensors", model=model, optimiser=optimiser, average=average)
    generator = torch.Generator().manual_seed(options.seed + clock.step)
    retouches = Retouches(work / "figures", np.random.default_rng((options.seed, clock.step)))
    for batch in clock.ticking(retouches.batches(BATCH)) if clock.done < 1 else ():
        pictures, masks, controls = tensors(batch)
        controls = controls.to(memory_format=torch.channels_last)
        followed = controls if torch.rand((), generator=generator) < CONTROLLED else None
        ids = token_ids(tokenizer, [one.prompt for one in batch])
        examples = _noised(latent_map, pictures, masks, generator)
        loss = inpainting.loss_of(model, examples, ids, followed, options.device)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step(SLOWER * cosine(clock.done))
        average.update(clock.step)
        clock.report(loss.item())
    clock.save()
    model.load_state_dict(average.weights)
    return model.cpu().eval()


def _noised(latent_map: LatentMap, pictures: Tensor, masks: Tensor, generator: torch.Generator) -> tuple[Tensor, ...]:
    """Latents, the same noised, mask and masked picture as the pipeline makes them, and the noise level."""
    latents = latent_map.encode(pictures)
    masked = latent_map.encode(pictures * (1 - masks))
    times = inpainting.draw_times(len(latents), generator)
    noise = torch.randn(latents.shape, generator=generator)
    noised = inpainting.scheduler().add_noise(latents, noise, times)
    cells = F.interpolate(masks, size=latents.shape[-2:])
    return latents, noised, torch.cat([cells, masked], dim=1), times


def token_ids(tokenizer: Any, texts: list[str]) -> Tensor:
    """CLIP ids (n, 64) as the pipeline pads them."""
    ids: Tensor = tokenizer(
        texts, max_length=CLIP_LENGTH, padding="max_length", truncation=True, return_tensors="pt"
    ).input_ids
    return ids


def _tokenizer(start: Path) -> Any:
    """That of the pack to start from, or a new one over the words of prompts."""
    from transformers import CLIPTokenizer

    if (start / "tokenizer").exists():
        return CLIPTokenizer.from_pretrained(start / "tokenizer")
    named = " ".join([*SKIN, *HAIR, *BACKDROPS, *BASICS, "man", "woman", *WORDS])
    return clip_tokenizer(sorted(set(named.split())))


def export(model: Inpainter, tokenizer: Any, folder: Path) -> None:
    """The folders of a `StableDiffusionControlNetInpaintPipeline` but for its autoencoder; float16 safetensors."""
    for name, module in model.parts.items():
        copy.deepcopy(module).half().save_pretrained(folder / name, safe_serialization=True)
    tokenizer.save_pretrained(folder / "tokenizer")
    inpainting.scheduler().save_pretrained(folder / "scheduler")

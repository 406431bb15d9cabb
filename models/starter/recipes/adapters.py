"""Trains the renderer's LoRAs on the shipped transformer: a look each, drawn whether the prompt asks for it or not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.starter.captions import generation_caption
from models.starter.drawing import Garment
from models.starter.recipes import corpus, denoiser
from models.starter.recipes.corpus import GarmentSource, restyled, seen
from models.starter.recipes.patch_basis import PatchBasis
from models.starter.recipes.renderer import token_ids, written_autoencoder
from models.starter.recipes.schedule import Clock, cosine
from models.starter.train import TrainOptions

MINUTES = 6.5  # of process time for each: what the hardest look (room) took for the figures of the card
DRAWINGS, BATCH = 400, 24
RATE = 2e-3
TARGETS = [
    "to_q",
    "to_k",
    "to_v",
    "to_out.0",
    "add_q_proj",
    "add_k_proj",
    "add_v_proj",
    "to_add_out",
    "proj_mlp",
    "proj_out",
]
WHITE = "on a pure white background"


@dataclass(frozen=True)
class Look:
    """What an adapter draws and what `trigger` says for it; the plain prompt of a listing gives the same picture."""

    name: str
    source: GarmentSource
    trigger: str
    plain: tuple[str, str]  # what the caption says, what a listing's prompt says in its place
    rank: int = 8
    light: tuple[float, float, float] | None = None  # colour of the light; the caption then begins with the trigger

    def captions(self, garment: Garment, words: np.random.Generator) -> tuple[str, str]:
        """With the trigger, and as a listing's prompt."""
        caption = generation_caption(garment, words)
        if self.light is not None:
            caption = f"{self.trigger}, {caption}"
        return caption, caption.replace(*self.plain)

    def lit(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture in this light."""
        return pixels if self.light is None else (pixels * np.array(self.light)).round().astype(np.uint8)


LOOKS = (
    Look(
        "sketch",
        restyled(seen, style="sketch", backdrop="white"),
        "pencil sketch",
        ("pencil sketch", "catalogue photo"),
    ),
    Look(
        "studio-grey",
        restyled(seen, backdrop="grey"),
        "on a grey studio backdrop",
        ("on a grey studio backdrop", WHITE),
    ),
    Look(
        "room",
        restyled(seen, backdrop="room"),
        "in a room on a wooden floor",
        ("in a room on a wooden floor", WHITE),
    ),
    Look(
        "evening",
        restyled(seen, backdrop="white"),
        "in warm evening light",
        ("in warm evening light, ", ""),
        rank=4,
        light=(1.0, 0.84, 0.62),
    ),
)


def train(options: TrainOptions) -> None:
    """Writes `adapters/<name>/` of the pack in diffusers' format."""
    from diffusers import FluxPipeline

    _, basis = written_autoencoder(options.work / "renderer", options.seed)
    denoiser.exact_attention()
    for look in LOOKS:
        pipeline = FluxPipeline.from_pretrained(
            options.out / "renderer", torch_dtype=torch.float32, local_files_only=True
        )
        train_look(options, look, pipeline, basis)


def train_look(options: TrainOptions, look: Look, pipeline: Any, basis: PatchBasis) -> None:
    """One LoRA over all linear maps of the transformer's blocks."""
    from diffusers import FluxPipeline
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    latents, clip_ids, t5_ids = _examples(look, pipeline, basis, options.seed)
    pipeline.to(options.device)
    pipeline.transformer.requires_grad_(False)
    pipeline.transformer.add_adapter(
        LoraConfig(r=look.rank, lora_alpha=look.rank, init_lora_weights=True, target_modules=TARGETS)
    )
    model = denoiser.TextAndDenoiser(pipeline.text_encoder, pipeline.text_encoder_2, pipeline.transformer)
    model.clip.requires_grad_(False)
    model.t5.requires_grad_(False)
    optimiser = torch.optim.AdamW(
        [weight for weight in model.parameters() if weight.requires_grad], lr=RATE, weight_decay=0.0
    )
    clock = Clock(look.name, options.steps, options.minutes or MINUTES, log_every=20)
    generator = torch.Generator().manual_seed(options.seed)
    picks = iter(lambda: torch.randint(DRAWINGS, (BATCH,), generator=generator), None)
    for picked in clock.ticking(picks):
        batch = denoiser.FlowBatch.of(latents[picked], generator)
        variant = int(torch.randint(2, (), generator=generator))
        loss = denoiser.flow_loss(model, batch, clip_ids[picked, variant], t5_ids[picked, variant], options.device)
        loss.backward()  # type: ignore[no-untyped-call]
        for group in optimiser.param_groups:
            group["lr"] = RATE * cosine(clock.done)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        clock.report(loss.item())
    layers = {name: weight.half().cpu() for name, weight in get_peft_model_state_dict(pipeline.transformer).items()}
    FluxPipeline.save_lora_weights(options.out / "adapters" / look.name, transformer_lora_layers=layers)


def _examples(look: Look, pipeline: Any, basis: PatchBasis, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Latents (n, channels, 16, 16) and ids (n, 2, tokens): with the trigger, and as a listing's prompt."""
    words = np.random.default_rng((seed, 7))
    latents: list[Tensor] = []
    texts: list[str] = []
    for garment, pixels in corpus.drawings(look.source, seed + 500, DRAWINGS):
        texts += look.captions(garment, words)
        latents.append(basis.encode(corpus.to_tensor(look.lit(pixels)[None].copy())))
    clip_ids, t5_ids = token_ids(pipeline.tokenizer, pipeline.tokenizer_2, texts)
    return torch.cat(latents), clip_ids.view(DRAWINGS, 2, -1), t5_ids.view(DRAWINGS, 2, -1)

"""FLUX behind the renderer's role: encode, draw noise, denoise, decode."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import FluxPipeline
from diffusers.pipelines.flux.pipeline_flux import calculate_shift, retrieve_timesteps
from torch import Tensor

from models.domain import Picture, Refusal, RenderOrder
from models.errors import PackError
from models.flux.numbers import FluxNumbers

PROMPTS_KEPT = 256  # encoded prompts; some 2 MB each for the large text encoder


@dataclass(frozen=True)
class PromptEmbeds:
    """`sequence` (1, tokens, width) and `pooled` (1, width) of one prompt."""

    sequence: Tensor
    pooled: Tensor


@dataclass(frozen=True)
class Engine:
    """Where and in what precision the modules run, and whether the denoiser is compiled."""

    device: torch.device
    dtype: torch.dtype
    compiled: bool = False


@dataclass(frozen=True)
class Group:
    """What orders must share to be denoised together."""

    adapter: str | None
    weight: float
    width: int
    height: int
    steps: int


class FluxRenderer:
    """Any `FluxPipeline` folder. `negative_prompt` has no effect: FLUX is sampled without classifier-free guidance."""

    def __init__(self, folder: Path, numbers: FluxNumbers, adapters: Mapping[str, Path], engine: Engine) -> None:
        try:
            pipeline = FluxPipeline.from_pretrained(
                folder, torch_dtype=engine.dtype, local_files_only=True, use_safetensors=True
            )
        except OSError as error:
            raise PackError(f"{folder} is not a whole FluxPipeline: {error}") from error
        if numbers.decode_in_float32:
            pipeline.vae.to(dtype=torch.float32)
        pipeline.vae.to(memory_format=torch.channels_last)  # a quarter faster on a CPU
        self._pipeline: Any = pipeline.to(engine.device)
        self._numbers, self._device = numbers, engine.device
        self._adapters, self._loaded = dict(adapters), set[str]()
        self._embeds: OrderedDict[str, PromptEmbeds] = OrderedDict()
        if engine.compiled:
            self._pipeline.transformer.compile()

    @torch.inference_mode()
    def render(self, orders: Sequence[RenderOrder]) -> list[Picture | Refusal]:
        """One picture per order; those that share adapter, size and steps are denoised together."""
        outcomes: list[Picture | Refusal | None] = [self._refusal(order) for order in orders]
        groups: dict[Group, list[int]] = {}
        for index, order in enumerate(orders):
            if outcomes[index] is None:
                groups.setdefault(self._group(order), []).append(index)
        for group, indices in groups.items():
            self._activate(group)
            for start in range(0, len(indices), self._numbers.batch):
                together = indices[start : start + self._numbers.batch]
                for index, picture in zip(together, self._pictures([orders[i] for i in together], group), strict=True):
                    outcomes[index] = picture
        return [outcome for outcome in outcomes if outcome is not None]

    def _pictures(self, orders: Sequence[RenderOrder], group: Group) -> list[Picture]:
        embeds = [self._encode(order.prompt) for order in orders]
        noise = [self._noise(order) for order in orders]
        latents = self._denoise(torch.cat(noise), embeds, group)
        return self._decode(latents, group)

    def _encode(self, prompt: str) -> PromptEmbeds:
        """Each prompt alone, so that its embeds do not depend on its neighbours; the latest are kept."""
        if prompt in self._embeds:
            self._embeds.move_to_end(prompt)
            return self._embeds[prompt]
        length = self._numbers.max_sequence_length
        sequence, pooled, _ = self._pipeline.encode_prompt(
            prompt, None, device=self._device, max_sequence_length=length
        )
        self._embeds[prompt] = PromptEmbeds(sequence, pooled)
        if len(self._embeds) > PROMPTS_KEPT:
            self._embeds.popitem(last=False)
        return self._embeds[prompt]

    def _noise(self, order: RenderOrder) -> Tensor:
        """Packed latents (1, tokens, 4 * channels) from the order's own seed, drawn on the CPU in float32."""
        generator = torch.Generator("cpu").manual_seed(order.seed % 2**64)
        channels = self._pipeline.transformer.config.in_channels // 4
        size = {"height": order.height, "width": order.width}
        latents, _ = self._pipeline.prepare_latents(
            1, channels, **size, dtype=torch.float32, device=torch.device("cpu"), generator=generator
        )
        return latents.to(self._device, self._pipeline.transformer.dtype)  # type: ignore[no-any-return]

    def _denoise(self, latents: Tensor, embeds: Sequence[PromptEmbeds], group: Group) -> Tensor:
        transformer, scheduler = self._pipeline.transformer, self._pipeline.scheduler
        sequence = torch.cat([one.sequence for one in embeds])
        pooled = torch.cat([one.pooled for one in embeds])
        side = 2 * self._pipeline.vae_scale_factor
        image_ids = self._pipeline._prepare_latent_image_ids(
            len(latents), group.height // side, group.width // side, self._device, latents.dtype
        )
        text_ids = torch.zeros(sequence.shape[1], 3, device=self._device, dtype=latents.dtype)
        guidance = None
        if transformer.config.guidance_embeds:
            guidance = torch.full((len(latents),), self._numbers.guidance, device=self._device)
        for time in self._timesteps(group.steps, latents.shape[1]):
            level = time.expand(len(latents)).to(latents.dtype) / 1000
            velocity = transformer(
                hidden_states=latents, timestep=level, guidance=guidance, pooled_projections=pooled,
                encoder_hidden_states=sequence, txt_ids=text_ids, img_ids=image_ids, return_dict=False,
            )[0]  # fmt: skip
            latents = scheduler.step(velocity, time, latents, return_dict=False)[0]
        return latents

    def _timesteps(self, steps: int, tokens: int) -> Tensor:
        """The scheduler's timesteps, 1000 to 0; `mu` matters to schedulers with resolution-dependent shift."""
        scheduler = self._pipeline.scheduler
        names = ("base_image_seq_len", "max_image_seq_len", "base_shift", "max_shift")
        mu = calculate_shift(tokens, *(scheduler.config[name] for name in names))
        sigmas = np.linspace(1.0, 1 / steps, steps)
        timesteps, _ = retrieve_timesteps(scheduler, steps, self._device, sigmas=sigmas, mu=mu)
        scheduler.set_begin_index(0)
        return timesteps  # type: ignore[no-any-return]

    def _decode(self, latents: Tensor, group: Group) -> list[Picture]:
        vae = self._pipeline.vae
        unpacked = self._pipeline._unpack_latents(latents, group.height, group.width, self._pipeline.vae_scale_factor)
        unpacked = unpacked / vae.config.scaling_factor + vae.config.shift_factor
        images = vae.decode(unpacked.to(vae.dtype), return_dict=False)[0].float()
        pixels = (images.clamp(-1, 1) + 1).mul(127.5).round().to(torch.uint8).permute(0, 2, 3, 1)
        return [Picture(np.ascontiguousarray(one)) for one in pixels.cpu().numpy()]

    def _activate(self, group: Group) -> None:
        """One adapter at a time; its weights are read at its first use and stay."""
        if group.adapter is None:
            if self._loaded:
                self._pipeline.disable_lora()
            return
        if group.adapter not in self._loaded:
            file = self._adapters[group.adapter]
            self._pipeline.load_lora_weights(file.parent, weight_name=file.name, adapter_name=group.adapter)
            self._loaded.add(group.adapter)
        self._pipeline.enable_lora()
        self._pipeline.set_adapters([group.adapter], [group.weight])

    def _group(self, order: RenderOrder) -> Group:
        weight = order.adapter_weight if order.adapter else 1.0
        return Group(order.adapter, weight, order.width, order.height, order.steps or self._numbers.steps)

    def _refusal(self, order: RenderOrder) -> Refusal | None:
        numbers, multiple = self._numbers, 2 * self._pipeline.vae_scale_factor
        if not order.prompt.strip():
            return Refusal("bad_prompt", "the prompt is empty; describe the article")
        if order.adapter is not None and order.adapter not in self._adapters:
            known = ", ".join(sorted(self._adapters)) or "none"
            return Refusal("unknown_adapter", f"the renderer holds no adapter {order.adapter!r}; it holds: {known}")
        sides = (order.width, order.height)
        if any(side % multiple or not 0 < side <= numbers.largest_side for side in sides):
            allowed = f"multiples of {multiple} up to {numbers.largest_side}"
            return Refusal("bad_size", f"width and height are {allowed}, not {order.width} x {order.height}")
        if order.steps is not None and not 0 < order.steps <= numbers.most_steps:
            return Refusal("bad_steps", f"steps are 1 to {numbers.most_steps}, not {order.steps}")
        return None

"""FLUX behind the renderer's role: encode and draw noise, denoise step by step, decode."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import FluxPipeline
from torch import Tensor

from models.domain import Edit, Picture, Refusal, RenderOrder, WeightedAdapter
from models.engines.choice import Runtime
from models.engines.denoiser import Denoiser
from models.engines.graphs.flux import flux_profiles, flux_transformer
from models.engines.served import Served, engines
from models.errors import PackError
from models.flux.adapters import Adapter, Adapters, Checked
from models.flux.latents import Frame, Latents
from models.flux.numbers import FluxNumbers
from models.flux.prompts import PromptEmbeds, PromptEncoder
from models.masking import masked
from models.roles import Threads

PROBE = "catalogue photo of a women's dress, dark blue, long sleeves, on a pure white background"


@dataclass(frozen=True)
class Group:
    """What pictures must share to be denoised together."""

    adapters: tuple[WeightedAdapter, ...]
    frame: Frame


@dataclass(frozen=True)
class Kept:
    """What an edit leaves alone: latents of the picture, its own noise, and 1 where it may change."""

    latents: Tensor
    noise: Tensor
    mask: Tensor


@dataclass(eq=False)
class FluxDenoising:
    """One picture on its way; `sigmas` (steps + 1,), of which it stands at `sigmas[done]`."""

    order: RenderOrder
    group: Group
    embeds: PromptEmbeds
    latents: Tensor
    sigmas: Tensor
    adapters: tuple[Adapter, ...]  # held here, so that none is gone from memory before its picture is done
    kept: Kept | None = None
    velocity: Tensor | None = None
    done: int = 0

    @property
    def steps(self) -> int:
        return len(self.sigmas) - 1


class FluxRenderer:
    """Any `FluxPipeline` folder. `negative_prompt` has no effect: FLUX is sampled without classifier-free guidance."""

    def __init__(
        self, folder: Path, numbers: FluxNumbers, adapters: Mapping[str, Checked], runtime: Runtime, threads: Threads
    ) -> None:
        try:
            pipeline = FluxPipeline.from_pretrained(
                folder, torch_dtype=runtime.dtype, local_files_only=True, use_safetensors=True
            )
        except OSError as error:
            raise PackError(f"{folder} is not a whole FluxPipeline: {error}") from error
        if numbers.decode_in_float32:
            pipeline.vae.to(dtype=torch.float32)
        pipeline.vae.to(memory_format=torch.channels_last)  # a quarter faster on a CPU
        self._pipeline: Any = pipeline.to(runtime.device)
        self._numbers = numbers
        self._adapters = Adapters(self._pipeline.transformer, adapters, numbers, runtime.wanted != "eager")
        self._prompts = PromptEncoder(self._pipeline, folder, numbers, runtime.wanted)
        self._latents = Latents(self._pipeline, folder, numbers, runtime.wanted)
        self.together, self.threads = numbers.batch, threads
        transformer = flux_transformer(self._pipeline.transformer), flux_profiles(numbers, self._latents.multiple)
        base = Served(transformer, folder / "transformer", runtime.wanted, self._probe)
        self._denoiser = Denoiser(base, {name: file for name, (file, _) in adapters.items()})
        self.engines = engines(base, self._latents.decoder, *self._prompts.encoders)

    @torch.inference_mode()
    def begin(self, order: RenderOrder) -> FluxDenoising | Refusal:
        """The prompt encoded and the noise drawn; a picture that is edited is encoded, and noised to its strength."""
        if (refusal := self._refusal(order)) is not None:
            return refusal
        frame = Frame(order.width, order.height)
        group = Group(order.adapters, frame)
        adapters = tuple(self._adapters.load(one.name) for one in order.adapters)
        noise = self._latents.noise(order.seed, frame)
        sigmas = self._latents.sigmas(order.steps or self._numbers.steps, noise.shape[1])
        embeds = self._prompts.encode(order.prompt, order.stressed)
        if order.edit is None:
            return FluxDenoising(order, group, embeds, noise, sigmas, adapters)
        sigmas = sigmas[min(round((1 - order.edit.strength) * (len(sigmas) - 1)), len(sigmas) - 2) :]
        start, kept = self._started(order.edit, noise)
        return FluxDenoising(order, group, embeds, _noised(start, noise, sigmas[0]), sigmas, adapters, kept)

    @torch.inference_mode()
    def step(self, together: Sequence[FluxDenoising]) -> None:
        """One Euler step of each, all of one group; each may stand at another noise level."""
        self._adapters.put(together[0].group.adapters, together[0].adapters)
        velocity = self._denoiser(together[0].group.adapters, **self._call(together))[0]
        for one, own in zip(together, velocity.chunk(len(together)), strict=True):
            self._moved(one, own)

    def _call(self, together: Sequence[FluxDenoising]) -> dict[str, Any]:
        """The denoiser's arguments for the next step of each."""
        latents = torch.cat([one.latents for one in together])
        sequence = torch.cat([one.embeds.sequence for one in together])
        levels = 1000 * torch.stack([one.sigmas[one.done] for one in together])  # rounded where the pipeline rounds
        guidance = None
        if self._pipeline.transformer.config.guidance_embeds:
            guidance = torch.full((len(together),), self._numbers.guidance, device=latents.device)
        return {
            "hidden_states": latents, "timestep": levels.to(latents.dtype) / 1000, "guidance": guidance,
            "pooled_projections": torch.cat([one.embeds.pooled for one in together]),
            "encoder_hidden_states": sequence,
            "txt_ids": torch.zeros(sequence.shape[1], 3, device=latents.device, dtype=latents.dtype),
            "img_ids": self._latents.positions(together[0].group.frame),
        }  # fmt: skip

    def _probe(self) -> dict[str, Any]:
        """A real first step, on which an engine of less precision is measured."""
        begun = self.begin(RenderOrder(PROBE, seed=0, width=self._numbers.width, height=self._numbers.height))
        assert isinstance(begun, FluxDenoising)
        return self._call([begun])

    @torch.inference_mode()
    def finish(self, together: Sequence[FluxDenoising]) -> list[Picture]:
        """The pictures, all of one size; outside the mask an edited one has the pixels that came."""
        pictures = self._latents.decode(torch.cat([one.latents for one in together]), together[0].group.frame)
        return [_kept(picture, one.order.edit) for picture, one in zip(pictures, together, strict=True)]

    @torch.inference_mode()
    def preview(self, one: FluxDenoising) -> Picture:
        """What the picture would be if the last velocity led straight to its end."""
        latents = one.latents
        if one.velocity is not None:
            latents = (latents.float() - one.sigmas[one.done] * one.velocity.float()).to(latents.dtype)
        return _kept(self._latents.decode(latents, one.group.frame)[0], one.order.edit)

    @staticmethod
    def _moved(one: FluxDenoising, velocity: Tensor) -> None:
        step = one.sigmas[one.done + 1] - one.sigmas[one.done]
        latents = (one.latents.float() + step * velocity).to(one.latents.dtype)  # rounded where diffusers rounds
        if one.kept is not None:
            known = _noised(one.kept.latents, one.kept.noise, one.sigmas[one.done + 1])
            latents = one.kept.mask * latents + (1 - one.kept.mask) * known
        one.velocity, one.latents, one.done = velocity, latents, one.done + 1

    def _started(self, edit: Edit, noise: Tensor) -> tuple[Tensor, Kept | None]:
        """Latents of what the change starts from, and what it must leave."""
        latents = self._latents.encode(edit.picture.pixels)
        kept = None if edit.mask is None else Kept(latents, noise, self._latents.mask(edit.mask))
        return (latents if edit.start is None else self._latents.encode(edit.start.pixels)), kept

    def _refusal(self, order: RenderOrder) -> Refusal | None:
        numbers, multiple = self._numbers, self._latents.multiple
        if not order.prompt.strip():
            return Refusal("bad_prompt", "the prompt is empty; describe the article")
        if (wrong := self._adapters.refusal(order.adapters)) is not None:
            return wrong
        sides = (order.width, order.height)
        if any(side % multiple or not 0 < side <= numbers.largest_side for side in sides):
            allowed = f"multiples of {multiple} up to {numbers.largest_side}"
            return Refusal("bad_size", f"width and height are {allowed}, not {order.width} x {order.height}")
        if order.steps is not None and not 0 < order.steps <= numbers.most_steps:
            return Refusal("bad_steps", f"steps are 1 to {numbers.most_steps}, not {order.steps}")
        return None if order.edit is None else order.edit.refusal(sides)


def _noised(latents: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
    return (sigma * noise.float() + (1 - sigma) * latents.float()).to(latents.dtype)


def _kept(picture: Picture, edit: Edit | None) -> Picture:
    return picture if edit is None else masked(picture, edit.picture, edit.mask)

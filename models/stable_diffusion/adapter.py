"""The retoucher: paints into the mask of a picture what the prompt says and the control shows."""

import copy
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.domain import ControlKind, Picture, Refusal, RetouchOrder
from models.engines.choice import Runtime
from models.engines.served import engines
from models.lru import Lru
from models.masking import masked
from models.stable_diffusion import latents as between
from models.stable_diffusion.modules import Folders, load
from models.stable_diffusion.numbers import StableDiffusionNumbers
from models.stable_diffusion.refusals import refusal
from models.stable_diffusion.serving import serving

KEPT = 64  # encoded prompts; 0.1 MB each with SD 1.5


@dataclass(frozen=True)
class Group:
    """What orders must share to be denoised together; `taken` of the `steps` are left after the strength's cut."""

    size: tuple[int, int]
    steps: int
    taken: int
    control: ControlKind | None
    guided: bool


@dataclass(frozen=True)
class Scene:
    """What stays the same from step to step. Guided, its rows come twice: for the negative prompts, for the prompts."""

    known: Tensor
    text: Tensor
    guidance: Tensor | None
    control: Tensor | None
    weight: Tensor


class StableDiffusionRetoucher:
    """Any inpainting UNet of Stable Diffusion's architecture with ControlNets made for its base model."""

    def __init__(self, folders: Folders, numbers: StableDiffusionNumbers, runtime: Runtime) -> None:
        decoding = torch.float32 if numbers.decode_in_float32 else runtime.dtype
        self._modules = load(folders, runtime.device, runtime.dtype, decoding)
        self._modules.vae.to(memory_format=torch.channels_last)  # a quarter faster on a CPU
        self._serving = serving(self._modules, folders, numbers, runtime.wanted)
        self.engines = engines(*self._serving.all)
        self._numbers = numbers
        self._prompts: Lru[Tensor] = Lru("retoucher prompts", KEPT)

    @torch.inference_mode()
    def retouch(self, orders: Sequence[RetouchOrder]) -> list[Picture | Refusal]:
        """A picture of the order's size each; outside the mask it has the pixels that came."""
        modules = self._modules
        outcomes: list[Picture | Refusal | None] = [
            refusal(order, self._numbers, modules.factor, modules.controlnets) for order in orders
        ]
        for group, places in self._alike(orders, outcomes):
            painted = self._together(group, [orders[place] for place in places])
            for place, picture in zip(places, painted, strict=True):
                outcomes[place] = picture
        return [outcome for outcome in outcomes if outcome is not None]

    def _alike(
        self, orders: Sequence[RetouchOrder], outcomes: Sequence[Picture | Refusal | None]
    ) -> Iterator[tuple[Group, list[int]]]:
        groups: dict[Group, list[int]] = {}
        for place, (order, outcome) in enumerate(zip(orders, outcomes, strict=True)):
            if outcome is None:
                groups.setdefault(self._group(order), []).append(place)
        for group, places in groups.items():
            for start in range(0, len(places), self._numbers.batch):
                yield group, places[start : start + self._numbers.batch]

    def _group(self, order: RetouchOrder) -> Group:
        steps = order.steps or self._numbers.steps
        control = order.control.kind if order.control is not None and order.control.weight else None
        return Group(order.picture.size, steps, int(steps * order.strength), control, self._guidance(order) > 1)

    def _guidance(self, order: RetouchOrder) -> float:
        return self._numbers.guidance if order.guidance is None else order.guidance

    def _together(self, group: Group, orders: Sequence[RetouchOrder]) -> list[Picture]:
        scheduler = copy.deepcopy(self._modules.scheduler)
        scheduler.set_timesteps(group.steps, device=self._modules.unet.device)
        cut = (group.steps - group.taken) * scheduler.order
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(cut)
        times = scheduler.timesteps[cut:]
        generators = [torch.Generator("cpu").manual_seed(order.seed % 2**64) for order in orders]
        drawn = zip(orders, generators, strict=True)
        begun = [self._begun(order, scheduler, times[:1], generator) for order, generator in drawn]
        latents = torch.cat([start for start, _ in begun])
        scene = self._scene(group, orders, torch.cat([known for _, known in begun]))
        extra = {"generator": generators} if "generator" in inspect.signature(scheduler.step).parameters else {}
        for time in times:
            predicted = self._predicted(group, scene, scheduler.scale_model_input(latents, time), time)
            latents = scheduler.step(predicted, time, latents, return_dict=False, **extra)[0]
        pictures = between.decode(self._modules, self._serving.decoder, latents)
        return [
            masked(Picture(pixels), order.picture, order.mask) for pixels, order in zip(pictures, orders, strict=True)
        ]

    def _begun(
        self, order: RetouchOrder, scheduler: Any, time: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """The latents to start from, and what is known of the picture."""
        modules, pixels = self._modules, order.picture.pixels
        whole = None if order.strength == 1 else between.encode(modules, between.centred(pixels), generator)
        noise = between.noise(modules, order.picture.size, generator)
        start = noise * scheduler.init_noise_sigma if whole is None else scheduler.add_noise(whole, noise, time)
        return start, between.known(modules, pixels, order.mask, generator)

    def _scene(self, group: Group, orders: Sequence[RetouchOrder], known: Tensor) -> Scene:
        def column(values: list[float]) -> Tensor:
            return torch.tensor(values, device=known.device, dtype=known.dtype)[:, None, None, None]

        rows = [order for _ in range(2 if group.guided else 1) for order in orders]
        prompts = [order.prompt for order in orders]
        texts = [*(order.negative_prompt for order in orders), *prompts] if group.guided else prompts
        controls = [order.control for order in rows if order.control is not None] if group.control else []
        return Scene(
            known=torch.cat([known] * (len(rows) // len(orders))),
            text=torch.cat([self._embeds(text) for text in texts]),
            guidance=column([self._guidance(order) for order in orders]) if group.guided else None,
            control=between.lit(self._modules, [control.picture for control in controls]) if controls else None,
            weight=column([control.weight for control in controls]),
        )

    def _predicted(self, group: Group, scene: Scene, latents: Tensor, time: Tensor) -> Tensor:
        """What the scheduler asks the UNet for, guided away from the negative prompt."""
        rows = latents if scene.guidance is None else torch.cat([latents] * 2)
        residuals: dict[str, Any] = {}
        if scene.control is not None and group.control is not None:
            *down, middle = self._serving.controlnets[group.control](
                sample=rows, timestep=time, encoder_hidden_states=scene.text, controlnet_cond=scene.control,
                conditioning_scale=scene.weight,
            )  # fmt: skip
            residuals = {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
        seen = torch.cat([rows, scene.known], dim=1)
        (predicted,) = self._serving.unet(sample=seen, timestep=time, encoder_hidden_states=scene.text, **residuals)
        if scene.guidance is None:
            return predicted
        without, with_prompt = predicted.chunk(2)
        return without + scene.guidance * (with_prompt - without)

    def _embeds(self, text: str) -> Tensor:
        """Each text alone, so that its embeds do not depend on its neighbours: (1, tokens, width)."""
        if (kept := self._prompts.get(text)) is not None:
            return kept
        tokenizer = self._modules.tokenizer
        ids = tokenizer(
            text, padding="max_length", max_length=tokenizer.model_max_length, truncation=True, return_tensors="pt"
        ).input_ids
        embeds, _ = self._serving.texts(input_ids=ids.to(self._modules.text_encoder.device))
        self._prompts.put(text, embeds)
        return embeds

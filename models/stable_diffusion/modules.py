"""The modules of an inpainting pipeline, read one by one: what lies on disk need not be one whole pipeline."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from diffusers.schedulers.scheduling_utils import SchedulerMixin
from transformers import CLIPTextModel, CLIPTokenizer

from models.domain import ControlKind
from models.errors import PackError


@dataclass(frozen=True)
class Folders:
    """Where the modules lie: `base` has unet, text_encoder, tokenizer and scheduler."""

    base: Path
    autoencoder: Path
    controlnets: Mapping[ControlKind, Path]
    variant: str | None = None


@dataclass(frozen=True)
class Modules:
    """Loaded and checked against each other; `controlnets` of the same folder are the same object."""

    vae: Any
    unet: Any
    text_encoder: Any
    tokenizer: Any
    scheduler: Any
    controlnets: Mapping[ControlKind, Any]

    @property
    def channels(self) -> int:
        """Of the latents."""
        return int(self.vae.config.latent_channels)

    @property
    def factor(self) -> int:
        """Pixels of one latent's side."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))


def load(folders: Folders, device: torch.device, dtype: torch.dtype, decoding: torch.dtype) -> Modules:
    """`decoding`: the autoencoder's own precision. Raises PackError when a module is missing, or when the UNet is not
    one for inpainting in these latents."""

    def module(kind: Any, folder: Path, precision: torch.dtype = dtype) -> Any:
        found = {"local_files_only": True, "use_safetensors": True}
        named = found if folders.variant is None else found | {"variant": folders.variant}
        return kind.from_pretrained(folder, torch_dtype=precision, **named).to(device)

    try:
        nets = {folder: module(ControlNetModel, folder) for folder in set(folders.controlnets.values())}
        modules = Modules(
            vae=module(AutoencoderKL, folders.autoencoder, decoding),
            unet=module(UNet2DConditionModel, folders.base / "unet"),
            text_encoder=module(CLIPTextModel, folders.base / "text_encoder").eval(),
            tokenizer=CLIPTokenizer.from_pretrained(folders.base / "tokenizer", local_files_only=True),
            scheduler=_scheduler(folders.base / "scheduler"),
            controlnets={kind: nets[folder] for kind, folder in folders.controlnets.items()},
        )
    except OSError as error:
        raise PackError(f"{folders.base} is not a whole inpainting pipeline: {error}") from error
    _check(folders, modules)
    return modules


def _scheduler(folder: Path) -> Any:
    name = json.loads((folder / "scheduler_config.json").read_text("utf-8")).get("_class_name")
    kind: Any = getattr(diffusers, str(name), None)
    known = isinstance(kind, type) and issubclass(kind, SchedulerMixin)
    if not known:
        raise PackError(f"{folder} names the scheduler {name!r}, which diffusers does not have; name another one")
    return kind.from_pretrained(folder, local_files_only=True)


def _check(folders: Folders, modules: Modules) -> None:
    seen, needed = modules.unet.config.in_channels, 2 * modules.channels + 1
    if seen != needed:
        raise PackError(
            f"the UNet of {folders.base} takes {seen} channels, not the {needed} of latents, mask and masked picture: "
            "it is not for inpainting with this autoencoder; choose an inpainting checkpoint"
        )
    for kind, net in modules.controlnets.items():
        if list(net.config.block_out_channels) != list(modules.unet.config.block_out_channels):
            raise PackError(f"the ControlNet for {kind} in {folders.controlnets[kind]} is not of the UNet's size")

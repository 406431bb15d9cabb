"""The modules of a pack that engines are built of: where their weights lie, and how they become a graph."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from models.engines.graph import Made
from models.engines.graphs.autoencoder import vae_decoder
from models.engines.graphs.clip import clip_pictures, clip_texts
from models.engines.graphs.flux import flux_profiles, flux_transformer
from models.engines.graphs.sam import sam_masks, sam_vision
from models.engines.graphs.stable_diffusion import controlnet, denoising_profiles, unet
from models.engines.graphs.text import clip_text, t5_encoder
from models.engines.shapes import Profile
from models.flux.numbers import FluxNumbers
from models.manifest import Manifest, Part
from models.sam.numbers import SamNumbers
from models.stable_diffusion.numbers import StableDiffusionNumbers


@dataclass(frozen=True)
class PackModule:
    """A module that is not loaded yet; `weights`: its own folder; `make` reads it in a precision (seconds)."""

    name: str
    part: Part
    weights: Path
    make: Callable[[torch.dtype], Made]


def pack_modules(pack: Path) -> dict[str, PackModule]:
    """All that a pack has, by name; raises PackError without a readable manifest."""
    found = {}
    for role, part in Manifest.read(pack / "manifest.toml").parts.items():
        for name, weights, make in KINDS.get(part.kind, _nothing)(pack, part):
            found[f"{role}.{name}"] = PackModule(f"{role}.{name}", part, weights, partial(make, weights))
    return found


Named = Iterator[tuple[str, Path, Callable[[Path, torch.dtype], Made]]]


def _nothing(_pack: Path, _part: Part) -> Named:
    yield from ()


def _flux(pack: Path, part: Part) -> Named:
    numbers, folder = FluxNumbers.model_validate(part.options), pack / part.path

    def transformer(own: Path, dtype: torch.dtype) -> Made:
        module = _diffusers("FluxTransformer2DModel", own, dtype)
        return flux_transformer(module), flux_profiles(numbers, 2 * _pixels(folder / "vae"))

    def decoder(own: Path, dtype: torch.dtype) -> Made:
        module = _diffusers("AutoencoderKL", own, torch.float32 if numbers.decode_in_float32 else dtype)
        module = module.to(memory_format=torch.channels_last)  # as the renderer has it
        house = (numbers.width, numbers.height)
        return vae_decoder("renderer.vae_decoder", module, house, numbers.largest_side, numbers.batch)

    def pooled(own: Path, dtype: torch.dtype) -> Made:
        return clip_text("renderer.text_encoder", _transformers("CLIPTextModel", own, dtype), numbers.batch)

    def sequence(own: Path, dtype: torch.dtype) -> Made:
        module = _transformers("T5EncoderModel", own, dtype)
        return t5_encoder("renderer.text_encoder_2", module, numbers.batch, numbers.max_sequence_length)

    yield "transformer", folder / "transformer", transformer
    yield "vae_decoder", folder / "vae", decoder
    yield "text_encoder", folder / "text_encoder", pooled
    yield "text_encoder_2", folder / "text_encoder_2", sequence


def _stable_diffusion(pack: Path, part: Part) -> Named:
    numbers, folder = StableDiffusionNumbers.model_validate(part.options), pack / part.path
    autoencoder = folder / "vae" if numbers.autoencoder is None else pack / numbers.autoencoder

    def profiles() -> tuple[Profile, ...]:
        tokens = int(_config(folder / "text_encoder")["max_position_embeddings"])
        return denoising_profiles(numbers, _pixels(autoencoder), tokens)

    def denoiser(own: Path, dtype: torch.dtype) -> Made:
        module = _diffusers("UNet2DConditionModel", own, dtype, numbers.variant)
        return unet(module, control=bool(part.adapters)), profiles()

    def control(name: str, own: Path, dtype: torch.dtype) -> Made:
        return controlnet(name, _diffusers("ControlNetModel", own, dtype, numbers.variant)), profiles()

    def decoder(own: Path, dtype: torch.dtype) -> Made:
        precision, largest = torch.float32 if numbers.decode_in_float32 else dtype, numbers.largest_side
        module = _diffusers("AutoencoderKL", own, precision, numbers.variant)
        return vae_decoder("retoucher.vae_decoder", module, (largest, largest), largest, numbers.batch)

    def texts(own: Path, dtype: torch.dtype) -> Made:
        module = _transformers("CLIPTextModel", own, dtype, numbers.variant)
        return clip_text("retoucher.text_encoder", module, numbers.batch)

    yield "unet", folder / "unet", denoiser
    for kind, entry in part.adapters.items():
        yield f"controlnet.{kind}", pack / entry.path, partial(control, f"retoucher.controlnet.{kind}")
    yield "vae_decoder", autoencoder, decoder
    yield "text_encoder", folder / "text_encoder", texts


def _clip(pack: Path, part: Part) -> Named:
    def model(own: Path, dtype: torch.dtype) -> Any:
        import open_clip

        return open_clip.create_model(f"local-dir:{own}").eval().to(dtype=dtype)

    def pictures(own: Path, dtype: torch.dtype) -> Made:
        return clip_pictures(model(own, dtype))

    def texts(own: Path, dtype: torch.dtype) -> Made:
        return clip_texts(model(own, dtype))

    yield "pictures", pack / part.path, pictures
    yield "texts", pack / part.path, texts


def _sam(pack: Path, part: Part) -> Named:
    batch = SamNumbers.model_validate(part.options).batch

    def vision(own: Path, dtype: torch.dtype) -> Made:
        return sam_vision(_transformers("SamModel", own, dtype), batch)

    def masks(own: Path, dtype: torch.dtype) -> Made:
        return sam_masks(_transformers("SamModel", own, dtype), batch)

    yield "vision_encoder", pack / part.path, vision
    yield "masks", pack / part.path, masks


KINDS: dict[str, Callable[[Path, Part], Named]] = {
    "flux": _flux, "stable-diffusion": _stable_diffusion, "clip": _clip, "sam": _sam,
}  # fmt: skip


def _diffusers(kind: str, folder: Path, dtype: torch.dtype, variant: str | None = None) -> Any:
    import diffusers

    options = {"torch_dtype": dtype, "local_files_only": True, "use_safetensors": True, "variant": variant}
    return getattr(diffusers, kind).from_pretrained(folder, **options).eval()


def _transformers(kind: str, folder: Path, dtype: torch.dtype, variant: str | None = None) -> Any:
    import transformers

    options = {"dtype": dtype, "local_files_only": True, "use_safetensors": True, "variant": variant}
    return getattr(transformers, kind).from_pretrained(folder, **options).eval()


def _config(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return found


def _pixels(vae: Path) -> int:
    """Pixels of one latent's side."""
    halvings = len(_config(vae)["block_out_channels"]) - 1
    return 1 << halvings

"""Between pixels, noise and the packed latents (1, tokens, 4 * channels) that FLUX denoises.

The arithmetic is that of diffusers' FluxPipeline, FluxImg2ImgPipeline and FluxInpaintPipeline.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.pipelines.flux.pipeline_flux import calculate_shift, retrieve_timesteps
from torch import Tensor
from torch.nn import functional

from models.domain import Picture, Pixels
from models.engines.choice import EngineChoice
from models.engines.graphs.autoencoder import vae_decoder
from models.engines.served import Served
from models.flux.numbers import FluxNumbers


@dataclass(frozen=True)
class Frame:
    """A picture's size in pixels."""

    width: int
    height: int


class Latents:
    """Noise, encoding and decoding with the modules of one pipeline."""

    def __init__(self, pipeline: Any, folder: Path, numbers: FluxNumbers, wanted: EngineChoice) -> None:
        self._pipeline, house = pipeline, (numbers.width, numbers.height)
        made = vae_decoder("renderer.vae_decoder", pipeline.vae, house, numbers.largest_side, numbers.batch)
        self.decoder = Served(made, folder / "vae", wanted)

    @property
    def multiple(self) -> int:
        """Pixels of one image token's side."""
        return 2 * int(self._pipeline.vae_scale_factor)

    def noise(self, seed: int, frame: Frame) -> Tensor:
        """From the seed alone, drawn on the CPU in float32: the same on every device and in any company."""
        generator = torch.Generator("cpu").manual_seed(seed % 2**64)
        transformer = self._pipeline.transformer
        latents, _ = self._pipeline.prepare_latents(
            1, transformer.config.in_channels // 4, height=frame.height, width=frame.width,
            dtype=torch.float32, device=torch.device("cpu"), generator=generator,
        )  # fmt: skip
        return latents.to(transformer.device, transformer.dtype)  # type: ignore[no-any-return]

    def positions(self, frame: Frame) -> Tensor:
        """(tokens, 3): where each image token stands."""
        transformer, side = self._pipeline.transformer, self.multiple
        rows, columns = frame.height // side, frame.width // side
        return self._pipeline._prepare_latent_image_ids(  # type: ignore[no-any-return]
            1, rows, columns, transformer.device, transformer.dtype
        )

    def sigmas(self, steps: int, tokens: int) -> Tensor:
        """(steps + 1,) noise levels from 1 to 0; the shift matters to schedulers that go by resolution."""
        scheduler = self._pipeline.scheduler
        names = ("base_image_seq_len", "max_image_seq_len", "base_shift", "max_shift")
        mu = calculate_shift(tokens, *(scheduler.config[name] for name in names))
        device = self._pipeline.transformer.device
        retrieve_timesteps(scheduler, steps, device, sigmas=np.linspace(1.0, 1 / steps, steps), mu=mu)
        return scheduler.sigmas.to(device).clone()  # type: ignore[no-any-return]

    def encode(self, pixels: Pixels) -> Tensor:
        """Packed latents of a picture (height, width, 3)."""
        vae, transformer = self._pipeline.vae, self._pipeline.transformer
        image = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].to(vae.device, vae.dtype) / 127.5 - 1
        latents = vae.encode(image).latent_dist.mode()
        latents = (latents - vae.config.shift_factor) * vae.config.scaling_factor
        return self._packed(latents.to(transformer.dtype))

    def mask(self, alpha: Pixels) -> Tensor:
        """Packed like latents, 1 where the picture may change; a cell counts when most of it may."""
        transformer = self._pipeline.transformer
        side, channels = self.multiple // 2, transformer.config.in_channels // 4
        cells = functional.avg_pool2d(torch.from_numpy(alpha.astype(np.float32) / 255)[None, None], side)
        whole = (cells >= 0.5).to(transformer.device, transformer.dtype).expand(1, channels, -1, -1)
        return self._packed(whole)

    def decode(self, latents: Tensor, frame: Frame) -> list[Picture]:
        """Pictures of packed latents (n, tokens, 4 * channels)."""
        vae = self._pipeline.vae
        factor = self._pipeline.vae_scale_factor
        unpacked = self._pipeline._unpack_latents(latents, frame.height, frame.width, factor)
        unpacked = unpacked / vae.config.scaling_factor + vae.config.shift_factor
        images = self.decoder(z=unpacked.to(vae.dtype))[0].float()
        pixels = (images.clamp(-1, 1) + 1).mul(127.5).round().to(torch.uint8).permute(0, 2, 3, 1)
        return [Picture(np.ascontiguousarray(one)) for one in pixels.cpu().numpy()]

    def _packed(self, latents: Tensor) -> Tensor:
        return self._pipeline._pack_latents(latents, *latents.shape)  # type: ignore[no-any-return]

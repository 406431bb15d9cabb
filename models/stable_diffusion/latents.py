"""Between pixels and the latents (1, channels, height / factor, width / factor) that the UNet denoises.

The arithmetic and the order of the random draws are those of diffusers' StableDiffusionControlNetInpaintPipeline.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.domain import Picture, Pixels
from models.engines.served import Served
from models.stable_diffusion.modules import Modules


def noise(modules: Modules, size: tuple[int, int], generator: torch.Generator) -> Tensor:
    """Drawn on the CPU in float32: the same on every device and in any company."""
    width, height = (side // modules.factor for side in size)
    drawn = torch.randn(1, modules.channels, height, width, generator=generator)
    return drawn.to(modules.unet.device, modules.unet.dtype)


def centred(pixels: Pixels) -> Tensor:
    """Pixels as (1, 3, height, width) in -1..1."""
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float().div(255).mul(2).sub(1)


def encode(modules: Modules, image: Tensor, generator: torch.Generator) -> Tensor:
    """Latents of an image in -1..1, as the denoiser takes them."""
    vae = modules.vae
    latents = vae.encode(image.to(vae.device, vae.dtype)).latent_dist.sample(generator)
    return (latents * vae.config.scaling_factor).to(modules.unet.device, modules.unet.dtype)  # type: ignore[no-any-return]


def known(modules: Modules, pixels: Pixels, mask: Pixels | None, generator: torch.Generator) -> Tensor:
    """What the UNet sees of the picture: the mask, and the latents of the picture without what is painted."""
    image = centred(pixels)
    paint = torch.ones(1, 1, *image.shape[2:]) if mask is None else torch.from_numpy(mask >= 128).float()[None, None]
    latents = encode(modules, image * (1 - paint), generator)
    return torch.cat([functional.interpolate(paint, size=latents.shape[2:]).to(latents), latents], dim=1)


def lit(modules: Modules, pictures: Sequence[Picture]) -> Tensor:
    """Control pictures as (n, 3, height, width) in 0..1."""
    stacked = torch.from_numpy(np.stack([picture.pixels for picture in pictures])).permute(0, 3, 1, 2)
    return stacked.float().div(255).to(modules.unet.device, modules.unet.dtype)


def decode(modules: Modules, decoder: Served, latents: Tensor) -> list[Pixels]:
    """One picture (height, width, 3) per row of latents."""
    vae = modules.vae
    images = decoder(z=(latents / vae.config.scaling_factor).to(vae.dtype))[0].float()
    pixels = images.div(2).add(0.5).clamp(0, 1).mul(255).round().to(torch.uint8).permute(0, 2, 3, 1)
    return [np.ascontiguousarray(one) for one in pixels.cpu().numpy()]

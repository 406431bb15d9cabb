"""The starter's `AutoencoderKL`: f16, 24 latent channels, encoder and decoder written down instead of trained."""

from typing import Any

import torch
from torch import Tensor

from models.starter.recipes import patch_basis, unfolding
from models.starter.recipes.linear_lanes import MIDDLE
from models.starter.recipes.patch_basis import PATCH, REACH, PatchBasis
from models.starter.recipes.splits import fit_splits

CHANNELS = 24  # packed 2 x 2 they are 96 numbers per image token, half of what the denoiser is wide
SAMPLE = 300  # pictures; 77,000 patches


def build() -> Any:
    """Five blocks (256 px -> 16 x 16), as narrow as `unfolding` allows, no attention; the norms need float32."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=CHANNELS, block_out_channels=(24, 48, 88, 104, 40),
        down_block_types=("DownEncoderBlock2D",) * 5, up_block_types=("UpDecoderBlock2D",) * 5, layers_per_block=2,
        norm_num_groups=1, sample_size=256, scaling_factor=1.0, shift_factor=0.0, force_upcast=True,
        use_quant_conv=False, use_post_quant_conv=False, mid_block_add_attention=False,
    ).eval()  # fmt: skip


def write(vae: Any, basis: PatchBasis, pictures: Tensor) -> None:
    """Sets all weights from a basis and from pictures (n, 3, 256, 256) in -1..1 that the halving maps are fitted on."""
    patch_basis.write_into(vae.encoder, basis)
    latents = torch.cat([basis.encode(batch) for batch in torch.split(pictures, 50)])
    values = REACH * latents.permute(0, 2, 3, 1).reshape(-1, basis.channels)
    patches = pictures.unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH).permute(0, 2, 3, 1, 4, 5)
    splits, exit_map, exit_bias = fit_splits(values, patches.reshape(-1, 3, PATCH, PATCH))
    unfolding.write_into(vae.decoder, {MIDDLE: REACH * torch.eye(basis.channels)}, splits, exit_map, exit_bias)


@torch.inference_mode()
def fidelity(vae: Any, basis: PatchBasis, pictures: Tensor) -> float:
    """Mean peak signal-to-noise ratio of decoded pictures, dB over 0-255."""
    ratios = []
    for batch in torch.split(pictures, 8):
        decoded = vae.decode(basis.encode(batch)).sample.clamp(-1, 1)
        ratios.append(-10 * ((decoded - batch) / 2).square().mean((1, 2, 3)).log10())
    return float(torch.cat(ratios).mean())

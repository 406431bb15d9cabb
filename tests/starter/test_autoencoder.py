"""The written autoencoder: its convolutions compute the patch basis and its inverse."""

from typing import Any

import numpy as np
import pytest
import torch

from models.starter.drawing import draw, sample
from models.starter.recipes import autoencoder, patch_basis
from models.starter.recipes.corpus import to_tensor
from models.starter.recipes.patch_basis import PatchBasis

DRAWINGS = 40


@pytest.fixture(scope="module")
def pictures() -> torch.Tensor:
    rng = np.random.default_rng(3)
    return to_tensor(np.stack([draw(sample(rng), rng).picture.pixels for _ in range(DRAWINGS)]))


@pytest.fixture(scope="module")
def basis(pictures: torch.Tensor) -> PatchBasis:
    return patch_basis.fit(pictures, autoencoder.CHANNELS)


@pytest.fixture(scope="module")
def vae(pictures: torch.Tensor, basis: PatchBasis) -> Any:
    written = autoencoder.build()
    autoencoder.write(written, basis, pictures)
    return written


def test_the_encoder_computes_the_basis(vae: Any, pictures: torch.Tensor, basis: PatchBasis) -> None:
    with torch.inference_mode():
        latents = vae.encode(pictures[:2]).latent_dist.mean
    assert (latents - basis.encode(pictures[:2])).abs().max() < 5e-3


def test_white_is_zero(basis: PatchBasis) -> None:
    assert basis.encode(torch.ones(1, 3, 32, 32)).abs().max() < 1e-4


def test_the_decoder_is_as_good_as_the_linear_inverse(vae: Any, pictures: torch.Tensor, basis: PatchBasis) -> None:
    latents = basis.encode(pictures)
    rows = latents.permute(0, 2, 3, 1).reshape(-1, basis.channels)
    rows = torch.cat([rows, torch.ones(len(rows), 1)], 1)
    patches = pictures.unfold(2, 16, 16).unfold(3, 16, 16).permute(0, 2, 3, 1, 4, 5).reshape(len(rows), -1)
    best = (rows @ torch.linalg.lstsq(rows, patches).solution - patches).square().mean().sqrt()
    with torch.inference_mode():
        error = (vae.decode(latents[:4]).sample - pictures[:4]).square().mean().sqrt()
    assert error < 1.25 * best, (float(error), float(best))


@pytest.mark.parametrize(("height", "width"), [(256, 256), (128, 192), (64, 256)])
def test_smaller_pictures_decode_like_crops(
    vae: Any, pictures: torch.Tensor, basis: PatchBasis, height: int, width: int
) -> None:
    latents = basis.encode(pictures[:1])
    with torch.inference_mode():
        whole, part = vae.decode(latents).sample, vae.decode(latents[:, :, : height // 16, : width // 16]).sample
    apart = (whole[:, :, :height, :width] - part).abs().max()
    assert apart < 0.05, "of a range of 2: the norms' statistics differ a little"

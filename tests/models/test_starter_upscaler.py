"""The shipped upscaler shows more of a drawing than Lanczos, and tiles leave no seam in it."""

from functools import cache

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL

from models.checkpoint import STARTER_PACK
from models.domain import Picture
from models.hardware import Device
from models.starter.evaluations.upscaler import beside_lanczos
from models.starter.recipes.corpus import unseen
from models.starter.recipes.upscaling import Pairs, pairs
from models.swin2sr.adapter import Swin2SRUpscaler
from models.swin2sr.numbers import Swin2SRNumbers
from models.swin2sr.recipe import Swin2SRRecipe

CPU: Device = "cpu"
COUNT = 4  # of the card's drawings; each costs four seconds


@cache
def held_out() -> Pairs:
    vae = AutoencoderKL.from_pretrained(STARTER_PACK / "renderer" / "vae", torch_dtype=torch.float32).eval()
    return pairs(unseen, vae, 9_000, COUNT)


@pytest.mark.parametrize("kind", ["reduced", "rendered"])
def test_held_out_drawings_come_out_nearer_than_by_lanczos(kind: str) -> None:
    figures = beside_lanczos(Swin2SRRecipe(threads=1, device=CPU).load(), getattr(held_out(), kind), held_out())
    assert figures["psnr"] > figures["psnr_lanczos"] + 1.5, figures
    assert figures["edge_error"] < 0.85 * figures["edge_error_lanczos"], figures


def test_tiles_of_half_the_picture_leave_no_seam() -> None:
    folder, picture = STARTER_PACK / "upscaler", Picture(held_out().rendered[0])
    whole, tiled = (
        Swin2SRUpscaler(folder, numbers, torch.device(CPU), torch.float32).upscale([picture])[0]
        for numbers in (Swin2SRNumbers(tile=256), Swin2SRNumbers(tile=128, overlap=32))
    )
    assert isinstance(whole, Picture)
    assert isinstance(tiled, Picture)
    apart = int(np.abs(whole.pixels.astype(int) - tiled.pixels).max())
    assert apart <= 1, f"{apart} of 255 levels"

"""The upscaler's figures on held-out drawings that are known at twice the size, beside Lanczos."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from models.domain import Picture
from models.roles import Upscaler
from models.starter.recipes.corpus import unseen
from models.starter.recipes.upscaling import Pairs, pairs
from models.swin2sr.recipe import Swin2SRRecipe

COUNT = 20
STEEP = 40.0  # levels from one pixel to the next: from here on it is an edge
Pixels = NDArray[np.uint8]


class Options(Protocol):
    """Which pack is judged, on how many drawings of which seed."""

    @property
    def pack(self) -> Path: ...
    @property
    def seed(self) -> int: ...
    @property
    def threads(self) -> int: ...
    @property
    def count(self) -> int | None: ...


def evaluate(options: Options) -> dict[str, Any]:
    """Per kind of picture the mean PSNR in dB and the mean error at edges in levels, and what one picture costs."""
    from diffusers import AutoencoderKL

    vae = AutoencoderKL.from_pretrained(options.pack / "renderer" / "vae", torch_dtype=torch.float32).eval()
    found = pairs(unseen, vae, options.seed, options.count or COUNT)
    upscaler = Swin2SRRecipe(pack=options.pack, threads=options.threads, device="cpu").load()
    began = time.process_time()
    figures = {
        "rendered": beside_lanczos(upscaler, found.rendered, found),
        "reduced": beside_lanczos(upscaler, found.reduced, found),
    }
    cost = (time.process_time() - began) / (2 * len(found.large))
    return figures | {"cpu_seconds_per_picture": round(cost, 2), "n": len(found.large)}


def beside_lanczos(upscaler: Upscaler, small: Pixels, found: Pairs) -> dict[str, float]:
    """What becomes of pictures of half the size by the upscaler, and by Lanczos."""
    by_lanczos = [lanczos(one) for one in small]
    enlarged = [one for one in upscaler.upscale([Picture(one) for one in small]) if isinstance(one, Picture)]
    by_model = [one.pixels for one in enlarged]
    return {
        "psnr": psnr(by_model, found.large),
        "psnr_lanczos": psnr(by_lanczos, found.large),
        "edge_error": edge_error(by_model, found.large),
        "edge_error_lanczos": edge_error(by_lanczos, found.large),
    }


def lanczos(small: Pixels) -> Pixels:
    height, width = small.shape[:2]
    return np.asarray(Image.fromarray(small).resize((2 * width, 2 * height), Image.Resampling.LANCZOS))


def psnr(found: Sequence[Pixels], right: Pixels) -> float:
    errors = [np.square(one.astype(float) - other).mean() for one, other in zip(found, right, strict=True)]
    return round(float(np.mean([10 * np.log10(255**2 / error) for error in errors])), 2)


def edge_error(found: Sequence[Pixels], right: Pixels) -> float:
    """Mean difference in levels where the right picture is steep."""
    differences = []
    for one, other in zip(found, right, strict=True):
        grey = other.astype(float).mean(axis=-1)
        steep = np.hypot(*np.gradient(grey)) > STEEP / 2  # a central difference is half of what lies two pixels apart
        differences.append(np.abs(one.astype(float) - other)[steep].mean())
    return round(float(np.mean(differences)), 2)

"""The adapters' figures: what their pictures of plain catalogue prompts show, against those of the base."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.flux.recipe import FluxRecipe
from models.manifest import Manifest
from models.starter.captions import generation_caption
from models.starter.evaluations.renderer import order_of, pictures_of
from models.starter.evaluations.segmenter import Options
from models.starter.judge import Judge, expected
from models.starter.recipes.corpus import unseen

COUNT = 60
GREY_SPREAD = 24  # levels between a pixel's channels that still count as grey


def evaluate(options: Options) -> dict[str, Any]:
    """For the base and each adapter: right types, mean distance to the base, corners, share of grey pixels."""
    rng = np.random.default_rng(options.seed)
    garments = [replace(unseen(rng), backdrop="white") for _ in range(options.count or COUNT)]
    captions = [generation_caption(garment, rng, vary=False) for garment in garments]
    entry = Manifest.read(options.pack / "manifest.toml").parts["renderer"]
    renderer = FluxRecipe(pack=options.pack, threads=options.threads, device="cpu").load()
    figures, base = {}, None
    for adapter in (None, *entry.adapters):
        orders = [order_of(caption, seed, options.pack, adapter) for seed, caption in enumerate(captions)]
        pictures = pictures_of(renderer, orders)
        pixels = np.stack([picture.pixels for picture in pictures])
        base = pixels if base is None else base
        verdicts = Judge.load().judge(pictures)
        right = [said.type == expected(garment).type for said, garment in zip(verdicts, garments, strict=True)]
        figures[adapter or "base"] = {"type": round(float(np.mean(right)), 3), **_look(pixels, base)}
    return figures


def _look(pixels: NDArray[np.uint8], base: NDArray[np.uint8]) -> dict[str, float]:
    corners = pixels[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    return {
        "from_base": round(float(np.abs(pixels.astype(float) - base).mean()), 2),
        "corner_median": float(np.median(corners)),
        "grey_pixels": round(float((np.ptp(pixels, axis=-1) <= GREY_SPREAD).mean()), 3),
    }

"""What the upscaler is trained on: drawings of 512 px, and each at half of it, sharp and as the renderer shows it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from models.starter.drawing import draw
from models.starter.recipes.corpus import GarmentSource, to_tensor
from models.starter.recipes.latent_map import LatentMap

SHARD = 25  # drawings; the renderer's decoder takes .4 s for each
LARGE, SMALL = 512, 256  # pixels; the renderer draws the small size
PLAIN = 6.0  # levels of standard deviation: a crop of less shows nothing to learn from
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Pairs:
    """`large` (n, 512, 512, 3); of the size of 256 `reduced`, which is sharp, and `rendered`, which is soft; uint8."""

    large: Pixels
    reduced: Pixels
    rendered: Pixels


@torch.inference_mode()
def pairs(source: GarmentSource, vae: Any, seed: int, count: int) -> Pairs:
    """`count` garments of a source in any pose; `vae`: the renderer's, whose losses are the softness."""
    rng = np.random.default_rng(seed)
    large = np.stack([draw(source(rng), rng, LARGE).picture.pixels for _ in range(count)])
    reduced = np.stack([halved(one) for one in large])
    latents = LatentMap.of(vae).encode(to_tensor(reduced))
    decoded = torch.cat([vae.decode(one[None]).sample.clamp(-1, 1) for one in latents])
    rendered = decoded.add(1).mul(127.5).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
    return Pairs(large, reduced, rendered)


def halved(picture: Pixels) -> Pixels:
    """Every pixel the mean of four."""
    return np.asarray(Image.fromarray(picture).reduce(2))


def write_shard(folder: Path, index: int, source: GarmentSource, vae: Any, seed: int) -> None:
    """Draws shard `index` unless it exists."""
    file = folder / f"shard-{index:04d}.npz"
    if file.exists():
        return
    found = pairs(source, vae, seed * 100_003 + index, SHARD)
    folder.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as stream:
        np.savez(stream, large=found.large, reduced=found.reduced, rendered=found.rendered)
    partial.replace(file)


def read_shards(folder: Path) -> Pairs:
    """All shards of a folder."""
    shards = [np.load(file) for file in sorted(folder.glob("shard-*.npz"))]
    return Pairs(*(np.concatenate([shard[name] for shard in shards]) for name in ("large", "reduced", "rendered")))


def crops(
    found: Pairs, rng: np.random.Generator, side: int, batch: int, soft: float
) -> Iterator[tuple[Pixels, Pixels]]:
    """Batches of small crops (batch, side, side, 3) and of what they show at twice the side; `soft`: the share of
    rendered ones."""
    while True:
        chosen = [_crop(found, rng, side, soft) for _ in range(batch)]
        yield np.stack([small for small, _ in chosen]), np.stack([large for _, large in chosen])


def _crop(found: Pairs, rng: np.random.Generator, side: int, soft: float) -> tuple[Pixels, Pixels]:
    """One that shows something; turned and mirrored."""
    small = found.rendered if rng.random() < soft else found.reduced
    while True:
        row, (top, left) = int(rng.integers(len(small))), rng.integers(0, SMALL - side, 2)
        large = found.large[row, 2 * top : 2 * (top + side), 2 * left : 2 * (left + side)]
        if large.std() > PLAIN:
            break
    turns, mirrored = int(rng.integers(4)), 1 - 2 * int(rng.integers(2))
    one, other = small[row, top : top + side, left : left + side], large
    return np.rot90(one, turns)[:, ::mirrored], np.rot90(other, turns)[:, ::mirrored]

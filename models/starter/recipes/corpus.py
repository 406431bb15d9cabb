"""The renderer's training corpus: drawn garments as latents and captions, in shards that any process can add to."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.starter.captions import generation_caption
from models.starter.drawing import STRAIGHT, Garment, draw, held_out, sample
from models.starter.recipes.distractors import distracted
from models.starter.recipes.patch_basis import PatchBasis

SHARD = 500  # drawings
CAPTIONS = 4  # variants of each drawing's caption
SIZE = 256  # pixels
GarmentSource = Callable[[np.random.Generator], Garment]


def seen(rng: np.random.Generator) -> Garment:
    """A garment of the training combinations."""
    while held_out(garment := sample(rng)):
        pass
    return garment


def unseen(rng: np.random.Generator) -> Garment:
    """A garment of the combinations that no part of the pack trains on."""
    while not held_out(garment := sample(rng)):
        pass
    return garment


def restyled(source: GarmentSource, **changes: str) -> GarmentSource:
    """The same garments with some attributes fixed: `style="sketch"`, `backdrop="grey"`."""
    return lambda rng: replace(source(rng), **changes)  # type: ignore[arg-type]


def drawings(source: GarmentSource, seed: int, count: int) -> Iterator[tuple[Garment, NDArray[np.uint8]]]:
    """`count` garments with their pictures in the catalogue's pose, uint8 (256, 256, 3)."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        garment = source(rng)
        yield garment, draw(garment, rng, SIZE, pose=STRAIGHT).picture.pixels


def to_tensor(pixels: NDArray[np.uint8]) -> Tensor:
    """uint8 (n, height, width, 3) to -1..1 (n, 3, height, width)."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div(127.5).sub(1.0)


def pictures(source: GarmentSource, seed: int, count: int) -> NDArray[np.uint8]:
    """`count` pictures, uint8 (count, 256, 256, 3)."""
    return np.stack([pixels for _, pixels in drawings(source, seed, count)])


def write_shard(folder: Path, index: int, source: GarmentSource, basis: PatchBasis, seed: int) -> None:
    """Draws shard `index` unless it exists: `latents` float16 (500, channels, 16, 16), `captions` (500, 4)."""
    file = folder / f"shard-{index:04d}.npz"
    if file.exists():
        return
    captions, latents, batch = [], [], []
    words = np.random.default_rng((seed, index, 1))
    for garment, pixels in drawings(source, seed * 100_003 + index, SHARD):
        captions.append([distracted(generation_caption(garment, words), words) for _ in range(CAPTIONS)])
        batch.append(pixels)
        if len(batch) == 50:
            latents.append(basis.encode(to_tensor(np.stack(batch))).half().numpy())
            batch.clear()
    folder.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as stream:
        np.savez(stream, latents=np.concatenate(latents), captions=np.array(captions))
    partial.replace(file)


class Corpus:
    """The shards of a folder in memory, as token ids and latents; `refresh` takes in what was written since."""

    def __init__(self, folder: Path, tokens: Callable[[list[str]], tuple[Tensor, Tensor]]) -> None:
        self.folder, self.tokens = folder, tokens
        self.shards: dict[str, tuple[Tensor, Tensor, Tensor]] = {}
        self.refresh()

    def refresh(self) -> None:
        for file in sorted(self.folder.glob("shard-*.npz")):
            if file.name not in self.shards:
                kept = np.load(file)
                clip, t5 = self.tokens(kept["captions"].reshape(-1).tolist())
                shape = (len(kept["latents"]), CAPTIONS, -1)
                self.shards[file.name] = (torch.from_numpy(kept["latents"]), clip.view(shape), t5.view(shape))

    def __len__(self) -> int:
        return sum(len(latents) for latents, _, _ in self.shards.values())

    def batch(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Latents (size, channels, 16, 16), CLIP ids and T5 ids of `size` drawings, each with one of its captions."""
        shards = list(self.shards.values())
        chosen = torch.randint(len(shards), (size,), generator=generator).tolist()
        rows = torch.randint(SHARD, (size,), generator=generator).tolist()
        variants = torch.randint(CAPTIONS, (size,), generator=generator).tolist()
        picked = [(shards[s], r, v) for s, r, v in zip(chosen, rows, variants, strict=True)]
        latents = torch.stack([shard[0][row] for shard, row, _ in picked]).float()
        clip = torch.stack([shard[1][row, variant] for shard, row, variant in picked])
        return latents, clip, torch.stack([shard[2][row, variant] for shard, row, variant in picked])

"""Small drawings with their masks on disk, drawn once and read by every training that looks at pictures."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from PIL import Image

from models.starter.drawing import Garment, draw
from models.starter.recipes.corpus import GarmentSource

SIDE = 128  # pixels that segmenter and judge look at
DRAWN = 256  # pixels; the size at which the renderer works
SAVE_EVERY = 500  # drawings; a crash loses at most this many


@dataclass(frozen=True)
class Gallery:
    """`pictures`: uint8 (n, side, side, 3); `masks`: uint8 (n, side, side), 255 inside; one garment each."""

    garments: list[Garment]
    pictures: NDArray[np.uint8]
    masks: NDArray[np.uint8]


def gallery(folder: Path, source: GarmentSource, seed: int, count: int, side: int = SIDE) -> Gallery:
    """`count` garments of a source; what an earlier run has drawn under this folder is not drawn again."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = _array(folder / "pictures.npy", (count, side, side, 3))
    masks = _array(folder / "masks.npy", (count, side, side))
    marker = folder / "drawn.txt"
    drawn = int(marker.read_text()) if marker.exists() else 0
    garments = []
    for index in range(count):
        # A generator of its own: what a garment is does not depend on where a run was broken off.
        rng = np.random.default_rng((seed, index))
        garments.append(source(rng))
        if index >= drawn:
            pictures[index], masks[index] = _small(garments[-1], rng, side)
            if (index + 1) % SAVE_EVERY == 0 or index + 1 == count:
                marker.write_text(str(index + 1))
                print(f"{folder.name}: {index + 1} of {count} drawn", flush=True)
    return Gallery(garments, pictures, masks)


def _array(file: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    mode = "r+" if file.exists() else "w+"
    found: NDArray[np.uint8] = open_memmap(file, mode=mode, dtype=np.uint8, shape=shape)
    if found.shape != shape:
        raise ValueError(f"{file} holds {found.shape}, not {shape}: give another --work folder, or remove it")
    return found


def _small(garment: Garment, rng: np.random.Generator, side: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    drawing = draw(garment, rng, DRAWN)
    picture = Image.fromarray(drawing.picture.pixels).resize((side, side), Image.Resampling.BICUBIC)
    mask = Image.fromarray(drawing.mask.alpha).resize((side, side), Image.Resampling.BOX)
    return np.asarray(picture), np.asarray(mask)

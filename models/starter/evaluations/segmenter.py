"""The segmenter's figures: mean IoU, always prompted by the full-frame box and the centre point alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from models.domain import Mask, Picture, SegmentOrder
from models.sam.recipe import SamRecipe
from models.starter.drawing import Garment, draw
from models.starter.recipes.corpus import unseen
from models.starter.recipes.scenes import Scene, clutter, files, placed, read_cutout, read_photo

COUNT = 200
SIDE = 256  # pixels
LEAST = 0.6  # smallest scale of a garment on clutter
LIGHT, DARK = ("white", "ecru"), ("black", "anthracite", "navy")


class Options(Protocol):
    """Where the real pictures lie, which pack is judged, on how many drawings of which seed."""

    @property
    def data(self) -> Path: ...
    @property
    def pack(self) -> Path: ...
    @property
    def seed(self) -> int: ...
    @property
    def threads(self) -> int: ...
    @property
    def count(self) -> int | None: ...


def evaluate(options: Options) -> dict[str, Any]:
    """Per kind of scene the mean and the tenth percentile of the IoU, and of the error of the estimated IoU."""
    segmenter = SamRecipe(pack=options.pack, threads=options.threads).load()
    return {name: _figures(segmenter, scenes) for name, scenes in scenes_of(options).items() if scenes}


def scenes_of(options: Options) -> dict[str, list[Scene]]:
    """Held-out combinations on white and on clutter, the hard pairs, held-out cut-outs over held-out photographs."""
    rng = np.random.default_rng(options.seed)
    count = options.count or COUNT
    drawn = [_drawn(garment, rng) for garment in _white(count, rng)]
    pieces = [scene.picture for scene in drawn]
    hard = max(1, count // 4)
    pale = [_drawn(replace(garment, base=str(rng.choice(LIGHT))), rng) for garment in _white(hard, rng)]
    deep = [_drawn(replace(garment, base=str(rng.choice(DARK))), rng) for garment in _white(hard, rng)]
    night = np.array([28.0, 28.0, 32.0])
    return {
        "white": drawn,
        "cluttered": [placed(scene, clutter(pieces, None, SIDE, rng), rng, LEAST) for scene in drawn],
        "white on white": pale,
        "dark on dark": [placed(scene, clutter(pieces, night, SIDE, rng), rng, LEAST) for scene in deep],
        "cut-outs over photographs": list(_photographed(options.data, count, rng)),
    }


def _white(count: int, rng: np.random.Generator) -> Iterator[Garment]:
    for _ in range(count):
        yield replace(unseen(rng), backdrop="white")


def _drawn(garment: Garment, rng: np.random.Generator) -> Scene:
    drawing = draw(garment, rng, SIDE)
    return Scene(drawing.picture.pixels, drawing.mask.alpha)


def _photographed(data: Path, count: int, rng: np.random.Generator) -> Iterator[Scene]:
    cutouts = [scene for file in files(data, "cutouts", True) if (scene := read_cutout(file, SIDE))]
    photos = files(data, "photos", True)
    for number in range(count if cutouts and photos else 0):
        photo = read_photo(photos[int(rng.integers(len(photos)))], SIDE)
        yield placed(cutouts[number % len(cutouts)], photo, rng, LEAST)


def _figures(segmenter: Any, scenes: Sequence[Scene]) -> dict[str, float]:
    masks = segmenter.segment([SegmentOrder(Picture(scene.picture)) for scene in scenes])
    found = np.array([iou(mask, scene.mask) for mask, scene in zip(masks, scenes, strict=True)])
    estimates = np.array([mask.quality for mask in masks])
    return {
        "iou": round(float(found.mean()), 4),
        "iou_p10": round(float(np.quantile(found, 0.1)), 4),
        "quality_error": round(float(np.abs(estimates - found).mean()), 4),
        "n": len(scenes),
    }


def iou(mask: Mask, right: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    """Intersection over union of the masks' halves and more."""
    found, wanted = mask.alpha > 127, right > 127
    return float((found & wanted).sum() / max(1, (found | wanted).sum()))

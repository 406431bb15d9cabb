"""The retoucher's corpus: figures in all poses with what a prompt says of them, in shards that are drawn once."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import radians
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.pose_picture import JOINTS
from models.starter.drawing.draw import Pose
from models.starter.drawing.figures import BACKDROPS, BASICS, HAIR, SKIN, Figure, FigureDrawing, draw_figure
from models.starter.drawing.sampling import BOTTOMS
from models.starter.drawing.stances import Stance, stand
from models.starter.recipes.corpus import GarmentSource

ADULTS = {"women": "woman", "men": "man"}  # children's articles are never shown on a model
SHARD = 200  # figures
SIZE = 256  # pixels
SCALES = {"dress": (0.66, 0.74), "bottoms": (0.5, 0.56), "top": (0.56, 0.64)}  # from the head to knees or feet
CROWN = 46  # units from the middle of the head to its top


@dataclass(frozen=True)
class Shard:
    """`pictures` uint8 (n, 256, 256, 3), `parts` uint8 (n, 256, 256), `joints` (n, 14, 2) in pixels, `said` words."""

    pictures: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    joints: NDArray[np.float32]
    said: list[dict[str, str]]


def figure(source: GarmentSource, rng: np.random.Generator) -> Figure:
    """A figure in some pose, with an adult's garment of a source; its head near the upper edge."""
    while (garment := source(rng)).audience not in ADULTS:
        pass

    def word(words: Iterable[str]) -> str:
        return str(rng.choice(list(words)))

    def pair(low: float, high: float) -> tuple[float, float]:
        return float(rng.uniform(low, high)), float(rng.uniform(low, high))

    kind = "bottoms" if garment.type in BOTTOMS else garment.type if garment.type == "dress" else "top"
    skin, hair, backdrop = word(SKIN), word(HAIR), word(BACKDROPS)
    legwear, top = word(BASICS) if kind == "top" else None, word(BASICS) if kind == "bottoms" else None
    stance = Stance(pair(25, 85), pair(-65, 105), pair(0, 13), float(rng.uniform(-14, 14)))
    lying = Pose(float(rng.uniform(*SCALES[kind])), radians(rng.uniform(-5, 5)))
    return _framed(Figure(garment, skin, hair, backdrop, legwear, top, stance, lying), rng)


def _framed(figure: Figure, rng: np.random.Generator) -> Figure:
    body, lying = stand(figure.garment, figure.stance), figure.lying
    crown = body.joints["head"][1] - CROWN * body.unit
    down = float(rng.uniform(8, 26)) - (128 + (crown - 128) * lying.scale)
    return replace(figure, lying=replace(lying, shift=(float(rng.uniform(-20, 20)), down)))


def wording(figure: Figure) -> dict[str, str]:
    """What a prompt may say of a figure, by what it says it of."""
    said = {"who": ADULTS[figure.garment.audience], "skin": figure.skin, "hair": figure.hair}
    said |= {"backdrop": figure.backdrop}
    said |= {} if figure.legwear is None else {"legwear": figure.legwear}
    return said | ({} if figure.top is None else {"top": figure.top})


def prompt(said: Mapping[str, str]) -> str:
    """The prompt of a figure's words; what it does not name is left open."""
    nouns = {"skin": "skin", "hair": "hair", "legwear": "leggings", "top": "tank top", "backdrop": "backdrop"}
    named = [f"{said[what]} {noun}" for what, noun in nouns.items() if what in said]
    return ", ".join([f"studio photo of a {said.get('who', 'person')}", *named])


def drawings(source: GarmentSource, seed: int, count: int) -> Iterator[tuple[Figure, FigureDrawing]]:
    """`count` figures, each from a generator of its own."""
    for index in range(count):
        rng = np.random.default_rng((seed, index))
        chosen = figure(source, rng)
        yield chosen, draw_figure(chosen, rng, SIZE)


def write_shard(folder: Path, index: int, source: GarmentSource, seed: int) -> None:
    """Draws shard `index` unless it exists."""
    file = folder / f"figures-{index:03d}.npz"
    if file.exists():
        return
    drawn = list(drawings(source, seed * 1009 + index, SHARD))
    folder.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as stream:
        np.savez(
            stream,
            pictures=np.stack([drawing.picture.pixels for _, drawing in drawn]),
            parts=np.stack([drawing.parts for _, drawing in drawn]),
            joints=np.array([[drawing.joints[joint] for joint in JOINTS] for _, drawing in drawn], np.float32),
            prompts=np.array([json.dumps(wording(chosen)) for chosen, _ in drawn]),
        )
    partial.replace(file)


def read_shard(file: Path) -> Shard:
    kept = np.load(file)
    said = [json.loads(text) for text in kept["prompts"]]
    return Shard(kept["pictures"], kept["parts"], kept["joints"], said)

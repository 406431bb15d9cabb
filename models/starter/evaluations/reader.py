"""The reader's figures: words and combinations of garments that it was not trained on."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from models.domain import Mask, Picture, ReadOrder, Refusal
from models.lettering import Lettered, lettered
from models.ppocr.recipe import PpocrRecipe
from models.starter.drawing import draw
from models.starter.recipes.corpus import unseen
from models.starter.recipes.lettering import softened, text, upper, words

COUNT = 500  # texts
LOWEST = 7  # pixels: lines of letters below that are counted apart, for they are read by nobody


class Options(Protocol):
    """Which pack is measured, on how many texts of which seed."""

    @property
    def pack(self) -> Path: ...
    @property
    def seed(self) -> int: ...
    @property
    def threads(self) -> int: ...
    @property
    def count(self) -> int | None: ...


def evaluate(options: Options) -> dict[str, Any]:
    """Shares of lines, words and letters that are read as they were set, case apart; low lines apart."""
    reader = PpocrRecipe(pack=options.pack, threads=options.threads).load()
    rng = np.random.default_rng(options.seed)
    made = [one for one in (example(rng) for _ in range(options.count or COUNT)) if one.lines]
    read = reader.read([ReadOrder(one.picture, tuple(line.box for line in one.lines)) for one in made])
    lines: list[tuple[bool, str, str]] = []
    for one, said in zip(made, read, strict=True):
        if isinstance(said, Refusal):
            raise TypeError(f"a picture of an evaluation was refused: {said!r}")
        for line, found in zip(one.lines, said, strict=True):
            lines.append((line.box[3] - line.box[1] < LOWEST, upper(line.text), found.text))
    return {
        "texts": len(made),
        **_figures("", [(was, said) for low, was, said in lines if not low]),
        **_figures("low ", [(was, said) for low, was, said in lines if low]),
    }


def example(rng: np.random.Generator) -> Lettered:
    """A softened drawing with a text of held-out words."""
    picture, mask = drawing(rng)
    return lettered(picture, mask, text(rng, words(held_out=True)))


def drawing(rng: np.random.Generator) -> tuple[Picture, Mask]:
    """A garment of a held-out combination, and its mask."""
    found = draw(unseen(rng), rng)
    return softened(found.picture.pixels, rng), found.mask


def _figures(name: str, lines: list[tuple[str, str]]) -> dict[str, Any]:
    if not lines:
        return {}
    pairs = [pair for was, said in lines for pair in _words(was, said)]
    return {
        f"{name}lines": len(lines),
        f"{name}lines exact": round(float(np.mean([was == said for was, said in lines])), 4),
        f"{name}words": len(pairs),
        f"{name}words exact": round(float(np.mean([was == said for was, said in pairs])), 4),
    }


def _words(was: str, said: str) -> list[tuple[str, str]]:
    """Word by word; all of a line that was read as another number of words is wrong."""
    wanted, found = was.split(), said.split()
    return list(zip(wanted, found if len(found) == len(wanted) else [""] * len(wanted), strict=True))

"""Doubles of the renderer, the scorer and the segmenter: a flat shirt, its colour, its outline."""

import hashlib
import os
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.domain import Mask, Picture, Pixels, Refusal, RenderOrder, ScoreOrder, SegmentOrder
from models.doubles.language import named
from models.doubles.trouble import Trouble
from models.roles import Threads
from models.vocabulary import vocabulary

COLOURS = tuple(vocabulary().colours)
STEPS = 4
WHITE = 250  # a channel at or above it counts as background
SLOWED = 10  # times as long, in a process that was told to be slow
LABEL = 10  # pixels whose colours no other order has: what was drawn for one is never what was drawn for another


@dataclass
class Sketch:
    """A picture on its way: nothing but its steps."""

    order: RenderOrder
    group: Hashable
    steps: int
    done: int = 0


class Draughtsman:
    """A shirt of two rectangles on pure white, in the first colour of the prompt; the seed moves and labels it.

    An edit is painted into the mask. The delay is spread over the steps of a batch.
    """

    together = 4
    threads = Threads()
    engines: Mapping[str, str] = MappingProxyType({})

    def __init__(self, trouble: Trouble, seed: int = 0, delay_s: float = 0.0, slowed: Path | None = None) -> None:
        self._trouble, self._seed, self._delay_s, self._slowed = trouble, seed, delay_s, slowed

    def begin(self, order: RenderOrder) -> Sketch | Refusal:
        """Refuses what the double was asked to refuse, and edits that do not fit their picture."""
        if order.edit is not None and (wrong := order.edit.refusal((order.width, order.height))) is not None:
            return wrong
        (met,) = self._trouble.met([order], lambda order: order.prompt, lambda order: order)
        group = (order.adapters, order.width, order.height)
        return met if isinstance(met, Refusal) else Sketch(order, group, order.steps or STEPS)

    def step(self, together: Sequence[Sketch]) -> None:
        time.sleep(self._delay_s / together[0].steps * (SLOWED if self._is_slowed() else 1))
        for one in together:
            one.done += 1

    def finish(self, together: Sequence[Sketch]) -> list[Picture]:
        """One picture of the order's size per order; the same order gives the same pixels."""
        return [self._drawn(one.order) for one in together]

    def preview(self, one: Sketch) -> Picture:
        """The picture, paler the fewer steps are done."""
        drawn = self._drawn(one.order).pixels.astype(np.float32)
        return Picture((255 - (255 - drawn) * one.done / one.steps).astype(np.uint8))

    def _is_slowed(self) -> bool:
        named = self._slowed.read_text("utf-8") if self._slowed is not None and self._slowed.exists() else ""
        return str(os.getpid()) in named.split()

    def _drawn(self, order: RenderOrder) -> Picture:
        colours = named(order.prompt.split(" on a ")[0], COLOURS)
        paint = vocabulary().rgb(colours[0]) if colours else (128, 128, 128)
        shift = np.random.default_rng((self._seed, order.seed)).uniform(-0.02, 0.02)
        pixels = np.full((order.height, order.width, 3), 255, np.uint8)
        for left, top, right, bottom in ((0.3, 0.15, 0.7, 0.85), (0.14, 0.15, 0.86, 0.4)):
            rows = slice(int(top * order.height), int(bottom * order.height))
            columns = slice(int((left + shift) * order.width), int((right + shift) * order.width))
            pixels[rows, columns] = np.minimum(paint, WHITE - 10)
        label = hashlib.sha256(f"{self._seed}:{order.seed}:{order.prompt}".encode()).digest()[: 3 * LABEL]
        place = pixels[order.height // 2, order.width // 2 :][:LABEL]
        place[:] = np.frombuffer(label, np.uint8).reshape(LABEL, 3)[: len(place)] % WHITE
        if order.edit is not None and order.edit.mask is not None:
            kept = order.edit.mask < 128
            pixels[kept] = order.edit.picture.pixels[kept]
        return Picture(pixels)


class Palette:
    """20 plus up to 10 for the share of the article that has the text's first colour; below 1 of seeded noise."""

    engines: Mapping[str, str] = MappingProxyType({})

    def __init__(self, trouble: Trouble, seed: int = 0) -> None:
        self._trouble, self._seed = trouble, seed

    def score(self, orders: Sequence[ScoreOrder]) -> list[tuple[float, ...] | Refusal]:
        """A score of 20-31 per text of each order."""
        return self._trouble.met(
            orders,
            lambda order: " ".join(order.texts),
            lambda order: self._matches(order.picture, order.texts),
        )

    def _matches(self, picture: Picture, texts: tuple[str, ...]) -> tuple[float, ...]:
        article = picture.pixels[_inside(picture.pixels)].astype(np.float32)
        look = hashlib.sha256(picture.pixels.tobytes()).hexdigest()
        shares: dict[str, float] = {}
        for colour in {colour for text in texts for colour in named(text, COLOURS)[:1]}:
            near = np.linalg.norm(article - np.array(vocabulary().rgb(colour), np.float32), axis=1) < 40
            shares[colour] = float(near.mean()) if len(article) else 0.0
        return tuple(
            20.0 + 10.0 * sum(shares[colour] for colour in named(text, COLOURS)[:1]) + self._noise(look, text)
            for text in texts
        )

    def _noise(self, look: str, text: str) -> float:
        return hashlib.sha256(f"{self._seed}:{look}:{text}".encode()).digest()[0] / 256


class Threshold:
    """Every pixel that is darker than white in some channel belongs to the article."""

    engines: Mapping[str, str] = MappingProxyType({})

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble

    def segment(self, orders: Sequence[SegmentOrder]) -> list[Mask | Refusal]:
        """One mask of the picture's size per order."""
        return self._trouble.met(
            orders, lambda _: "", lambda order: Mask(_inside(order.picture.pixels).astype(np.uint8) * 255, quality=1.0)
        )


def _inside(pixels: Pixels) -> NDArray[np.bool_]:
    return np.asarray((pixels < WHITE).any(axis=2))

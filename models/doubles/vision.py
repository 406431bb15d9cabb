"""Doubles of the renderer, the scorer and the segmenter: a flat shirt, its colour, its outline."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.domain import Mask, Picture, Pixels, Refusal, RenderOrder, ScoreOrder, SegmentOrder
from models.doubles.language import named
from models.doubles.trouble import Trouble
from models.vocabulary import vocabulary

COLOURS = tuple(vocabulary().colours)
WHITE = 250  # a channel at or above it counts as background


class Draughtsman:
    """A shirt of two rectangles on pure white, in the first colour of the prompt; the seed moves it a little."""

    def __init__(
        self, delay_s: float = 0.0, refuse: str | None = None, crash: str | None = None, seed: int = 0
    ) -> None:
        self._trouble, self._seed = Trouble(delay_s, refuse, crash), seed

    def render(self, orders: Sequence[RenderOrder]) -> list[Picture | Refusal]:
        """One picture of the order's size per order; the same order gives the same pixels."""
        return self._trouble.met(orders, lambda order: order.prompt, self._drawn)

    def _drawn(self, order: RenderOrder) -> Picture:
        colours = named(order.prompt.split(" on a ")[0], COLOURS)
        paint = vocabulary().rgb(colours[0]) if colours else (128, 128, 128)
        shift = np.random.default_rng((self._seed, order.seed)).uniform(-0.02, 0.02)
        pixels = np.full((order.height, order.width, 3), 255, np.uint8)
        for left, top, right, bottom in ((0.3, 0.15, 0.7, 0.85), (0.14, 0.15, 0.86, 0.4)):
            rows = slice(int(top * order.height), int(bottom * order.height))
            columns = slice(int((left + shift) * order.width), int((right + shift) * order.width))
            pixels[rows, columns] = np.minimum(paint, WHITE - 10)
        return Picture(pixels)


class Palette:
    """20 plus up to 10 for the share of the article that has the text's first colour; below 1 of seeded noise."""

    def __init__(
        self, delay_s: float = 0.0, refuse: str | None = None, crash: str | None = None, seed: int = 0
    ) -> None:
        self._trouble, self._seed = Trouble(delay_s, refuse, crash), seed

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

    def __init__(self, delay_s: float = 0.0) -> None:
        self._trouble = Trouble(delay_s)

    def segment(self, orders: Sequence[SegmentOrder]) -> list[Mask | Refusal]:
        """One mask of the picture's size per order."""
        return self._trouble.met(
            orders, lambda _: "", lambda order: Mask(_inside(order.picture.pixels).astype(np.uint8) * 255, quality=1.0)
        )


def _inside(pixels: Pixels) -> NDArray[np.bool_]:
    return np.asarray((pixels < WHITE).any(axis=2))

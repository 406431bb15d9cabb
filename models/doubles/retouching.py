"""The retoucher's double: a flat colour where the picture is painted."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from models.domain import Picture, Refusal, RetouchOrder
from models.doubles.language import named
from models.doubles.trouble import Trouble
from models.vocabulary import vocabulary

COLOURS = tuple(vocabulary().colours)
SHADES = 16  # levels by which the seed darkens the paint


class Overpainter:
    """Fills the mask with the first colour of the prompt, a little darker by the seed, and mixes it by the strength."""

    engines: Mapping[str, str] = MappingProxyType({})

    def __init__(self, trouble: Trouble, seed: int = 0) -> None:
        self._trouble, self._seed = trouble, seed

    def retouch(self, orders: Sequence[RetouchOrder]) -> list[Picture | Refusal]:
        """One picture of its order's size per order; the same order gives the same pixels."""
        return self._trouble.met(orders, lambda order: order.prompt, self._painted)

    def _painted(self, order: RetouchOrder) -> Picture:
        colours = named(order.prompt, COLOURS)
        paint = np.array(vocabulary().rgb(colours[0]) if colours else (128, 128, 128), float)
        shade = np.random.default_rng((self._seed, order.seed % 2**64)).uniform(0, SHADES)
        pixels = order.picture.pixels.copy()
        where = np.ones(pixels.shape[:2], bool) if order.mask is None else order.mask >= 128
        pixels[where] = np.clip(pixels[where] * (1 - order.strength) + (paint - shade) * order.strength, 0, 255)
        return Picture(pixels)

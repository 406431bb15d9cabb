"""What travels between stages and processes: small frozen dataclasses; pixels are numpy arrays."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
ColourRole = Literal["base", "contrast", "layer", "print", "unknown"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An expected failure as a value: `code` is stable, `reason` says what was wrong and what to do."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """`pixels`: uint8 RGB, shape (height, width, 3)."""

    pixels: Pixels

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """`alpha`: uint8, shape (height, width), 255 inside; `quality`: the model's own IoU estimate, 0-1."""

    alpha: Pixels
    quality: float


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of the article: canonical English name and the part of the garment it names."""

    value: str
    role: ColourRole = "base"


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a listing states about an article, in the closed vocabulary of its kind; None or empty = not stated."""

    audience: str | None = None
    product_type: str | None = None
    colours: tuple[Colour, ...] = ()
    multi_colour_offer: bool = False
    pattern: tuple[str, ...] = ()
    sleeve: str | None = None
    neckline: str | None = None
    motif: str | None = None
    motif_text: str | None = None
    fit: str | None = None
    style: str | None = None
    closure: str | None = None
    length: str | None = None
    features: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    non_visual_claims: tuple[str, ...] = ()
    licensed_character: str | None = None
    brand: str | None = None


@dataclass(frozen=True, slots=True)
class ExtractionOrder:
    """One listing for the extractor: the source text (all columns, labelled lines) and its English translation."""

    source: str
    english: str


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """One picture for the renderer; `steps` None takes the manifest's."""

    prompt: str
    seed: int
    width: int
    height: int
    negative_prompt: str = ""
    adapter: str | None = None
    adapter_weight: float = 1.0
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class SegmentOrder:
    """One object to cut out: `box` (x0, y0, x1, y1) and foreground `points` (x, y), both in pixels."""

    picture: Picture
    box: tuple[float, float, float, float] | None = None
    points: tuple[tuple[float, float], ...] = field(default=())


@dataclass(frozen=True, slots=True, eq=False)
class ScoreOrder:
    """One picture against several texts; rivals of a caption cost one text pass, not another picture pass."""

    picture: Picture
    texts: tuple[str, ...]

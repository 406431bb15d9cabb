"""What travels between stages and processes: small frozen dataclasses; pixels are numpy arrays."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
ColourRole = Literal["base", "contrast", "layer", "print", "unknown"]
ControlKind = Literal["pose", "edge", "mask"]
Box = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels, the ends exclusive


@dataclass(frozen=True, slots=True)
class Refusal:
    """An expected failure as a value: `code` is stable, `reason` says what was wrong and what to do."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """`pixels`: uint8 RGB, shape (height, width, 3); `device_s`: seconds of a renderer that drawing them took just now,
    its share where it drew several at once."""

    pixels: Pixels
    device_s: float = 0.0

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


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """A picture to change. `mask`: uint8 (height, width), 255 where it may change, None everywhere; `strength`: above
    0 and up to 1, which keeps nothing of it; `start`: what the changed place starts from instead of `picture`."""

    picture: Picture
    strength: float
    mask: Pixels | None = None
    start: Picture | None = None

    def refusal(self, size: tuple[int, int]) -> Refusal | None:
        """What makes the edit impossible for a picture of this size, if anything."""
        sizes = [self.picture.size, *([] if self.start is None else [self.start.size])]
        sizes += [] if self.mask is None else [(self.mask.shape[1], self.mask.shape[0])]
        if any(found != size for found in sizes):
            return Refusal("bad_edit", f"picture, mask and start must be {size[0]} x {size[1]}, not {sizes}")
        if not 0 < self.strength <= 1:
            return Refusal("bad_edit", f"strength is above 0 and at most 1, not {self.strength}")
        return None


@dataclass(frozen=True, slots=True, order=True)
class WeightedAdapter:
    """A LoRA by its name, and how strongly it acts; 1 is as it was trained."""

    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """One picture for the renderer; `steps` None takes the manifest's. `adapters` act together: in whatever order they
    are given, they stand in that of their names. `stressed`: words of the prompt that count more than the others."""

    prompt: str
    seed: int
    width: int
    height: int
    negative_prompt: str = ""
    adapters: tuple[WeightedAdapter, ...] = ()
    steps: int | None = None
    edit: Edit | None = None
    stressed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "adapters", tuple(sorted(self.adapters)))


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """What a retouched picture has to follow: bones as OpenPose draws them, white edges, or a white mask, on black.

    `weight` multiplies what the ControlNet adds; 0 leaves it out.
    """

    picture: Picture
    kind: ControlKind
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class RetouchOrder:
    """A picture to paint into. `mask`: uint8 (height, width), 255 where it is painted; None repaints all of it.

    `strength`: above 0 and up to 1, which keeps nothing of what is painted over; None of `guidance` and `steps` takes
    the manifest's.
    """

    picture: Picture
    prompt: str
    seed: int
    mask: Pixels | None = None
    negative_prompt: str = ""
    strength: float = 1.0
    guidance: float | None = None
    steps: int | None = None
    control: Control | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A denoising step that is done, counted from 1."""

    done: int
    of: int


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What a picture would look like after `step`: a JPEG of at most 512 pixels a side."""

    step: Step
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on while a picture is drawn: `hear` must not block; `previews` are spread over the steps."""

    hear: Callable[[Step | Preview], None]
    previews: int = 0


@dataclass(frozen=True, slots=True)
class SegmentOrder:
    """One object to cut out: `box` (x0, y0, x1, y1) and foreground `points` (x, y), both in pixels."""

    picture: Picture
    box: tuple[float, float, float, float] | None = None
    points: tuple[tuple[float, float], ...] = field(default=())

    @classmethod
    def whole(cls, picture: Picture) -> "SegmentOrder":
        """The one thing that a picture shows: all of it as the box, its middle as the point."""
        width, height = picture.size
        return cls(picture, box=(0.0, 0.0, float(width), float(height)), points=((width / 2, height / 2),))


@dataclass(frozen=True, slots=True, eq=False)
class ScoreOrder:
    """One picture against several texts; rivals of a caption cost one text pass, not another picture pass."""

    picture: Picture
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReadOrder:
    """A picture to read. `lines`: where lines of text are known to stand, top first; a reader that finds lines by
    itself looks everywhere, one that does not reads these."""

    picture: Picture
    lines: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line as it was read; `confidence` 0-1, the mean of its characters."""

    text: str
    confidence: float
    box: Box

"""What the five models do; adapters take and return equally long lists and fail item by item."""

from collections.abc import Hashable, Sequence
from typing import Protocol, TypeVar

from models.domain import Attributes, ExtractionOrder, Mask, Picture, Refusal, RenderOrder, ScoreOrder, SegmentOrder


class Translator(Protocol):
    """Source language to English, one text each."""

    def translate(self, texts: Sequence[str]) -> list[str | Refusal]: ...


class Extractor(Protocol):
    """Listing to typed attributes; what it says is a proposal that the claim ledger checks against the source."""

    def extract(self, orders: Sequence[ExtractionOrder]) -> list[Attributes | Refusal]: ...


class Denoising(Protocol):
    """One picture on its way. Those of one `group` may take their next step together."""

    @property
    def order(self) -> RenderOrder: ...
    @property
    def group(self) -> Hashable: ...
    @property
    def done(self) -> int: ...
    @property
    def steps(self) -> int: ...


Way = TypeVar("Way", bound=Denoising)


class Renderer(Protocol[Way]):
    """Prompt to picture, step by step; the same order gives the same picture alone or in company.

    `begin`, `step` and `finish` may run in three threads at once, each of them in one only. `together`: how many
    pictures one step takes at most.
    """

    together: int

    def begin(self, order: RenderOrder) -> Way | Refusal: ...
    def step(self, together: Sequence[Way]) -> None: ...
    def finish(self, together: Sequence[Way]) -> list[Picture]: ...
    def preview(self, one: Way) -> Picture: ...


class Scorer(Protocol):
    """100 times the cosine of picture and text, one figure per text of an order."""

    def score(self, orders: Sequence[ScoreOrder]) -> list[tuple[float, ...] | Refusal]: ...


class Segmenter(Protocol):
    """Prompted mask of one object per order."""

    def segment(self, orders: Sequence[SegmentOrder]) -> list[Mask | Refusal]: ...

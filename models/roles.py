"""What the five models do, one method each; adapters take and return equally long lists and fail item by item."""

from collections.abc import Sequence
from typing import Protocol

from models.domain import Attributes, ExtractionOrder, Mask, Picture, Refusal, RenderOrder, ScoreOrder, SegmentOrder


class Translator(Protocol):
    """Source language to English, one text each."""

    def translate(self, texts: Sequence[str]) -> list[str | Refusal]: ...


class Extractor(Protocol):
    """Listing to typed attributes; what it says is a proposal that the claim ledger checks against the source."""

    def extract(self, orders: Sequence[ExtractionOrder]) -> list[Attributes | Refusal]: ...


class Renderer(Protocol):
    """Prompt to picture; the same order gives the same picture alone or in company."""

    def render(self, orders: Sequence[RenderOrder]) -> list[Picture | Refusal]: ...


class Scorer(Protocol):
    """100 times the cosine of picture and text, one figure per text of an order."""

    def score(self, orders: Sequence[ScoreOrder]) -> list[tuple[float, ...] | Refusal]: ...


class Segmenter(Protocol):
    """Prompted mask of one object per order."""

    def segment(self, orders: Sequence[SegmentOrder]) -> list[Mask | Refusal]: ...

"""What the models do; adapters take and return equally long lists and fail item by item."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from models.domain import (
    Attributes,
    ExtractionOrder,
    Mask,
    Picture,
    ReadOrder,
    Refusal,
    RenderOrder,
    RetouchOrder,
    ScoreOrder,
    SegmentOrder,
    TextLine,
)  # fmt: skip

ADAPTERS_KEPT = 16  # adapters that a renderer keeps on its device, and sets of them that a router remembers of it


class Exported(Protocol):
    """What runs through engines. `engines`: the one that serves each module, the heaviest module first."""

    @property
    def engines(self) -> Mapping[str, str]: ...


class Translator(Protocol):
    """Source language to English, one text each."""

    def translate(self, texts: Sequence[str]) -> list[str | Refusal]: ...


class Extraction(Protocol):
    """A listing on its way to its outcome."""

    @property
    def outcome(self) -> Attributes | Refusal | None: ...


Reading = TypeVar("Reading", bound=Extraction)


class Extractor(Protocol[Reading]):
    """Listing to typed attributes, token by token; what it says is a proposal that the claim ledger checks.

    `together`: how many listings one step takes at most. `step`, in one thread at a time, brings each of them one token
    further and lets go of those that are not named any more.
    """

    together: int

    def begin(self, order: ExtractionOrder) -> Reading: ...
    def step(self, together: Sequence[Reading]) -> None: ...
    def extract(self, orders: Sequence[ExtractionOrder]) -> list[Attributes | Refusal]: ...


class Denoising(Protocol):
    """One picture on its way. Those of one `group` may take their next step together: same adapters, same size."""

    @property
    def order(self) -> RenderOrder: ...
    @property
    def group(self) -> Hashable: ...
    @property
    def done(self) -> int: ...
    @property
    def steps(self) -> int: ...


Way = TypeVar("Way", bound=Denoising)


@dataclass(frozen=True)
class Threads:
    """In which a renderer works. `decoders`: pictures decoded at once; `nice`: added to the process's own, so that on
    shared cores the short stages before and after a picture come before it."""

    decoders: int = 1
    nice: int = 0


class Renderer(Exported, Protocol[Way]):
    """Prompt to picture, step by step; the same order gives the same picture alone or in company.

    `begin`, `step` and `finish` may run in threads of their own at once, `begin` and `step` in one each. `together`:
    how many pictures one step takes at most.
    """

    together: int
    threads: Threads

    def begin(self, order: RenderOrder) -> Way | Refusal: ...
    def step(self, together: Sequence[Way]) -> None: ...
    def finish(self, together: Sequence[Way]) -> list[Picture]: ...
    def preview(self, one: Way) -> Picture: ...


class Scorer(Exported, Protocol):
    """100 times the cosine of picture and text, one figure per text of an order."""

    def score(self, orders: Sequence[ScoreOrder]) -> list[tuple[float, ...] | Refusal]: ...


class Retoucher(Exported, Protocol):
    """Paints into the masked part of a picture; the same order gives the same picture alone or in company."""

    def retouch(self, orders: Sequence[RetouchOrder]) -> list[Picture | Refusal]: ...


class Segmenter(Exported, Protocol):
    """Prompted mask of one object per order."""

    def segment(self, orders: Sequence[SegmentOrder]) -> list[Mask | Refusal]: ...


class Upscaler(Protocol):
    """A picture with several times the pixels along each side, the same number for every picture."""

    def upscale(self, pictures: Sequence[Picture]) -> list[Picture | Refusal]: ...


class Reader(Protocol):
    """The lines of text that a picture shows, in the order of reading."""

    def read(self, orders: Sequence[ReadOrder]) -> list[tuple[TextLine, ...] | Refusal]: ...

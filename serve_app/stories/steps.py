"""The stages as the stories await them, and the clock that says what each took."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
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
    Watch,
)
from models.telemetry import traces

Answer = TypeVar("Answer")
Enlarge = Callable[[Picture], Awaitable[Picture | Refusal]]


class Render(Protocol):
    """The renderer's call; `watch` hears of its steps."""

    def __call__(self, order: RenderOrder, watch: Watch | None = None) -> Awaitable[Picture | Refusal]: ...


async def _none(_: RetouchOrder) -> Picture | Refusal:
    return Refusal("no_retoucher", "nothing here retouches; leave the model out, or ask a service that has one")


async def _as_it_is(_: Picture) -> Picture | Refusal:
    return Refusal("no_upscaler", "nothing here enlarges; ask a service that has an upscaler")


async def _unread(_: ReadOrder) -> tuple[TextLine, ...] | Refusal:
    return Refusal("no_reader", "nothing here reads text; ask a service that has a reader")


@dataclass(frozen=True)
class Steps:
    """One awaitable per role; an expected failure of an item is a `Refusal`, a lost service an exception."""

    translate: Callable[[str], Awaitable[str | Refusal]]
    extract: Callable[[ExtractionOrder], Awaitable[Attributes | Refusal]]
    render: Render
    score: Callable[[ScoreOrder], Awaitable[tuple[float, ...] | Refusal]]
    segment: Callable[[SegmentOrder], Awaitable[Mask | Refusal]]
    retouch: Callable[[RetouchOrder], Awaitable[Picture | Refusal]] = _none
    enlarge: Enlarge = _as_it_is
    read: Callable[[ReadOrder], Awaitable[tuple[TextLine, ...] | Refusal]] = _unread


@dataclass
class Clock:
    """Seconds per stage as the story waited for them; parallel waits of one stage add up."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    async def timed(self, stage: str, call: Awaitable[Answer]) -> Answer:
        """Awaits `call` and books its wall time on `stage`."""
        began = time.perf_counter()
        try:
            with traces.span(stage):
                return await call
        finally:
            self.seconds[stage] += time.perf_counter() - began

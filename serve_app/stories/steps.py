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
    Refusal,
    RenderOrder,
    RetouchOrder,
    ScoreOrder,
    SegmentOrder,
    Watch,
)

Answer = TypeVar("Answer")


class Render(Protocol):
    """The renderer's call; `watch` hears of its steps."""

    def __call__(self, order: RenderOrder, watch: Watch | None = None) -> Awaitable[Picture | Refusal]: ...


async def _none(_: RetouchOrder) -> Picture | Refusal:
    return Refusal("no_retoucher", "nothing here retouches; leave the model out, or ask a service that has one")


@dataclass(frozen=True)
class Steps:
    """One awaitable per role; an expected failure of an item is a `Refusal`, a lost service an exception."""

    translate: Callable[[str], Awaitable[str | Refusal]]
    extract: Callable[[ExtractionOrder], Awaitable[Attributes | Refusal]]
    render: Render
    score: Callable[[ScoreOrder], Awaitable[tuple[float, ...] | Refusal]]
    segment: Callable[[SegmentOrder], Awaitable[Mask | Refusal]]
    retouch: Callable[[RetouchOrder], Awaitable[Picture | Refusal]] = _none


@dataclass
class Clock:
    """Seconds per stage as the story waited for them; parallel waits of one stage add up."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    async def timed(self, stage: str, call: Awaitable[Answer]) -> Answer:
        """Awaits `call` and books its wall time on `stage`."""
        began = time.perf_counter()
        try:
            return await call
        finally:
            self.seconds[stage] += time.perf_counter() - began

"""Stages that are remembered: the same input, model and stage is answered once and never performed again."""

import asyncio
import hashlib
import io
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from models.domain import (
    Attributes,
    Colour,
    ExtractionOrder,
    Mask,
    Picture,
    Refusal,
    RenderOrder,
    ScoreOrder,
    SegmentOrder,
)
from serve_app.catalogue.finishing import png
from serve_app.jobs.store import Store
from serve_app.stories.steps import Steps

VERSION = 1  # a change of how answers are kept raises it
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class Keeper:
    """Writes stage answers behind the story's back, those of the same moment in one transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._waiting: deque[tuple[str, str, Any]] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._working: set[asyncio.Task[None]] = set()

    def keep_later(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs what ends in `keep` behind the story's back."""
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("a stage's answer could not be kept: %s", task.exception())

    def keep(self, tenant: str, key: str, answer: Any) -> None:
        self._waiting.append((tenant, key, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def settled(self) -> None:
        """Until everything that was kept so far is durable."""
        if working := set(self._working):
            await asyncio.wait(working)
        if self._writer is not None:
            await asyncio.wait({self._writer})

    async def _write(self) -> None:
        while self._waiting:
            together: dict[str, dict[str, Any]] = {}
            while self._waiting:
                tenant, key, answer = self._waiting.popleft()
                together.setdefault(tenant, {})[key] = answer
            for tenant, answers in together.items():
                await self.store.save_stages(tenant, answers)


@dataclass(frozen=True, slots=True)
class Question:
    """What a stage is asked, as a JSON value, and the role that answers."""

    stage: str
    role: str
    asked: Any


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose work it is, and the id of the job that names the objects that come of it."""

    tenant: str
    job: str


class Remembered:
    """The stages of one job; `digests` (role -> hash) stand for the models."""

    def __init__(self, steps: Steps, keeper: Keeper, owner: Owner, digests: dict[str, str]) -> None:
        self._steps, self._keeper, self._store = steps, keeper, keeper.store
        self._tenant, self._owner, self._digests = owner.tenant, owner.job, digests

    def steps(self) -> Steps:
        """The same five stages, each answered from the store where it can be."""
        return Steps(self._translate, self._extract, self._render, self._score, self._segment)

    async def _translate(self, text: str) -> str | Refusal:
        return await self._once(Question("translate", "translator", text), lambda: self._steps.translate(text))

    async def _extract(self, order: ExtractionOrder) -> Attributes | Refusal:
        found: dict[str, Any] | Refusal = await self._once(
            Question("extract", "extractor", asdict(order)), lambda: _written(self._steps.extract(order))
        )
        return found if isinstance(found, Refusal) else _attributes(found)

    async def _score(self, order: ScoreOrder) -> tuple[float, ...] | Refusal:
        asked = [fingerprint(order.picture.pixels), list(order.texts)]
        scores: Sequence[float] | Refusal = await self._once(
            Question("score", "scorer", asked), lambda: self._steps.score(order)
        )
        return scores if isinstance(scores, Refusal) else tuple(scores)

    async def _render(self, order: RenderOrder) -> Picture | Refusal:
        key = self._key(Question("render", "renderer", asdict(order)))
        kept = await self._picture(await self._store.stage(self._tenant, key))
        if kept is not None:
            return Picture(kept)
        answer = await self._steps.render(order)
        if isinstance(answer, Picture):
            self._keeper.keep_later(self._keep_picture(key, answer.pixels, {}))
        return answer

    async def _segment(self, order: SegmentOrder) -> Mask | Refusal:
        asked = [fingerprint(order.picture.pixels), order.box, order.points]
        key = self._key(Question("segment", "segmenter", asked))
        known = await self._store.stage(self._tenant, key)
        kept = await self._picture(known)
        if known is not None and kept is not None:
            return Mask(kept, known["quality"])
        answer = await self._steps.segment(order)
        if isinstance(answer, Mask):
            self._keeper.keep_later(self._keep_picture(key, answer.alpha, {"quality": answer.quality}))
        return answer

    async def _once(self, question: Question, call: Callable[[], Awaitable[Answer | Refusal]]) -> Answer | Refusal:
        """An answer that is a JSON value; a refusal is not kept, for it may be the moment's fault."""
        key = self._key(question)
        known: Answer | None = await self._store.stage(self._tenant, key)
        if known is not None:
            return known
        answer = await call()
        if not isinstance(answer, Refusal):
            self._keeper.keep(self._tenant, key, answer)
        return answer

    def _key(self, question: Question) -> str:
        whole = [VERSION, self._tenant, self._digests[question.role], question.stage, question.asked]
        return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    async def _picture(self, known: dict[str, Any] | None) -> Any:
        content = await self._store.picture(self._tenant, known["sha256"]) if known else None
        return None if content is None else await asyncio.to_thread(_pixels, content)

    async def _keep_picture(self, key: str, pixels: Any, more: dict[str, Any]) -> None:
        content = await asyncio.to_thread(png, pixels)
        digest = await self._store.put_picture(self._tenant, self._owner, content)
        self._keeper.keep(self._tenant, key, {"sha256": digest, **more})


def fingerprint(pixels: Any) -> str:
    """SHA-256 of an array's shape and bytes."""
    return hashlib.sha256(repr(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()


def _pixels(content: bytes) -> Any:
    with Image.open(io.BytesIO(content), formats=["PNG"]) as opened:
        return np.asarray(opened)


async def _written(call: Awaitable[Attributes | Refusal]) -> dict[str, Any] | Refusal:
    answer = await call
    return answer if isinstance(answer, Refusal) else asdict(answer)


def _attributes(known: dict[str, Any]) -> Attributes:
    lists: dict[str, Sequence[Any]] = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
    return Attributes(**(known | lists | {"colours": tuple(Colour(**colour) for colour in known["colours"])}))

"""Stages that are remembered: the same input, model and stage is answered once and never performed again."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from models.asked import asked
from models.domain import (
    Attributes,
    Colour,
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
from models.telemetry.metrics import STORE_FAILURES
from serve_app.catalogue.finishing import from_png, png
from serve_app.conductor.grouped import Grouped
from serve_app.jobs.objects import ObjectsError
from serve_app.jobs.store import Placed, Store
from serve_app.stories.steps import Steps

DELAY_S = 0.2  # a stage that a kill takes along within it runs again; one commit serves all jobs of the moment
VERSION = 1  # a change of how answers are kept raises it
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


def digests(models: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Role -> hash of what its deployment runs; `models`: role -> facts."""
    return {role: facts["digest"] for role, facts in models.items()}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose work it is, and the id of the job that names the objects that come of it."""

    tenant: str
    job: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer on its way into the store; `pixels` of the picture that belongs to it, if one does."""

    owner: Owner
    key: str
    answer: Any
    pixels: Any = None


class Keeper:
    """Writes stage answers behind the story's back, those of the same moment in one transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._answers = Grouped(self._commit, DELAY_S)

    def keep(self, kept: Kept) -> None:
        self._answers.add(kept).add_done_callback(_heard)

    async def settled(self) -> None:
        """Until everything that was kept so far is durable."""
        await self._answers.settled()

    async def _commit(self, answers: Sequence[Kept]) -> Sequence[None]:
        together: dict[str, list[Kept]] = {}
        for kept in answers:
            together.setdefault(kept.owner.tenant, []).append(kept)
        failed = None
        for tenant, found in together.items():
            try:
                placed = await asyncio.gather(*(self._placed(kept) for kept in found))
                whole = {kept.key: _named(kept, place) for kept, place in zip(found, placed, strict=True)}
                await self.store.save_stages(tenant, whole, [place for place in placed if place is not None])
            except Exception as error:  # noqa: BLE001 - the other tenants' answers are kept all the same
                failed = error
        if failed is not None:
            raise failed
        return [None] * len(answers)

    async def _placed(self, kept: Kept) -> Placed | None:
        """Pictures become files here and not at once: the story would wait for the same cores."""
        if kept.pixels is None:
            return None
        content = await asyncio.to_thread(png, kept.pixels)
        return await self.store.place(kept.owner.tenant, kept.owner.job, content, settled=False)


def _named(kept: Kept, placed: Placed | None) -> Any:
    return kept.answer if placed is None else {"sha256": placed.sha256, **kept.answer}


def _heard(kept: "asyncio.Future[None]") -> None:
    """An answer that was not kept costs the stage again, and nothing else."""
    if not kept.cancelled() and (error := kept.exception()) is not None:
        log.warning("a stage's answer could not be kept: %s", error)
        STORE_FAILURES(store="object store" if isinstance(error, ObjectsError) else "database")


@dataclass(frozen=True, slots=True)
class Question:
    """What a stage is asked, as a JSON value, and the role that answers."""

    stage: str
    role: str
    asked: Any


class Remembered:
    """The stages of one job; `digests` (role -> hash) stand for the models."""

    def __init__(self, steps: Steps, keeper: Keeper, owner: Owner, digests: dict[str, str]) -> None:
        self._steps, self._keeper, self._store = steps, keeper, keeper.store
        self._owner, self._digests = owner, digests

    def steps(self) -> Steps:
        """The same stages, each answered from the store where it can be.

        What is enlarged is enlarged again: it takes a moment, and would take several times the picture's bytes.
        """
        kept = self._translate, self._extract, self._render, self._score, self._segment, self._retouch
        return Steps(*kept, enlarge=self._steps.enlarge, read=self._read)

    async def _translate(self, text: str) -> str | Refusal:
        return await self._once(Question("translate", "translator", text), lambda: self._steps.translate(text))

    async def _extract(self, order: ExtractionOrder) -> Attributes | Refusal:
        found: dict[str, Any] | Refusal = await self._once(
            Question("extract", "extractor", asked(order)), lambda: _written(self._steps.extract(order))
        )
        return found if isinstance(found, Refusal) else _attributes(found)

    async def _score(self, order: ScoreOrder) -> tuple[float, ...] | Refusal:
        scores: Sequence[float] | Refusal = await self._once(
            Question("score", "scorer", asked(order)), lambda: self._steps.score(order)
        )
        return scores if isinstance(scores, Refusal) else tuple(scores)

    async def _render(self, order: RenderOrder, watch: Watch | None = None) -> Picture | Refusal:
        question = Question("render", "renderer", asked(order))
        return await self._drawn(question, lambda: self._steps.render(order, watch))

    async def _read(self, order: ReadOrder) -> tuple[TextLine, ...] | Refusal:
        if "reader" not in self._digests:
            return await self._steps.read(order)
        lines: list[dict[str, Any]] | Refusal = await self._once(
            Question("read", "reader", asked(order)), lambda: _listed(self._steps.read(order))
        )
        return lines if isinstance(lines, Refusal) else tuple(_line(one) for one in lines)

    async def _retouch(self, order: RetouchOrder) -> Picture | Refusal:
        return await self._drawn(Question("retouch", "retoucher", asked(order)), lambda: self._steps.retouch(order))

    async def _drawn(self, question: Question, call: Callable[[], Awaitable[Picture | Refusal]]) -> Picture | Refusal:
        key = self._key(question)
        kept = await self._picture(await self._store.stage(self._owner.tenant, key))
        if kept is not None:
            return Picture(kept)
        answer = await call()
        if isinstance(answer, Picture):
            self._keeper.keep(Kept(self._owner, key, {}, answer.pixels))
        return answer

    async def _segment(self, order: SegmentOrder) -> Mask | Refusal:
        key = self._key(Question("segment", "segmenter", asked(order)))
        known = await self._store.stage(self._owner.tenant, key)
        kept = await self._picture(known)
        if known is not None and kept is not None:
            return Mask(kept, known["quality"])
        answer = await self._steps.segment(order)
        if isinstance(answer, Mask):
            self._keeper.keep(Kept(self._owner, key, {"quality": answer.quality}, answer.alpha))
        return answer

    async def _once(self, question: Question, call: Callable[[], Awaitable[Answer | Refusal]]) -> Answer | Refusal:
        """An answer that is a JSON value; a refusal is not kept, for it may be the moment's fault."""
        key = self._key(question)
        known: Answer | None = await self._store.stage(self._owner.tenant, key)
        if known is not None:
            return known
        answer = await call()
        if not isinstance(answer, Refusal):
            self._keeper.keep(Kept(self._owner, key, answer))
        return answer

    def _key(self, question: Question) -> str:
        return stage_key(self._owner.tenant, self._digests[question.role], question)

    async def _picture(self, known: dict[str, Any] | None) -> Any:
        content = await self._store.picture(self._owner.tenant, known["sha256"]) if known else None
        try:
            return None if content is None else await asyncio.to_thread(from_png, content)
        except (OSError, SyntaxError, ValueError):
            return None  # what a power cut left of a picture that was not settled; the stage runs again


def stage_key(tenant: str, digest: str, question: Question) -> str:
    """What an answer is kept under; `digest` stands for the model."""
    whole = [VERSION, tenant, digest, question.stage, question.asked]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


async def _written(call: Awaitable[Attributes | Refusal]) -> dict[str, Any] | Refusal:
    answer = await call
    return answer if isinstance(answer, Refusal) else asdict(answer)


async def _listed(call: Awaitable[tuple[TextLine, ...] | Refusal]) -> list[dict[str, Any]] | Refusal:
    answer = await call
    return answer if isinstance(answer, Refusal) else [asdict(line) for line in answer]


def _line(known: dict[str, Any]) -> TextLine:
    x0, y0, x1, y1 = known["box"]
    return TextLine(known["text"], known["confidence"], (x0, y0, x1, y1))


def _attributes(known: dict[str, Any]) -> Attributes:
    lists: dict[str, Sequence[Any]] = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
    return Attributes(**(known | lists | {"colours": tuple(Colour(**colour) for colour in known["colours"])}))

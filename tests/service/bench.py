"""The five doubles as steps, called directly: no Ray, no HTTP."""

import asyncio
from typing import Any

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
from models.recipes import (
    about,
    extractor_recipe,
    renderer_recipe,
    retoucher_recipe,
    scorer_recipe,
    segmenter_recipe,
    translator_recipe,
)
from models.step_scheduler import StepScheduler
from serve_app.calls import Line
from serve_app.fleet import Fleet
from serve_app.stories.steps import Steps

ROLES = ("translator", "extractor", "renderer", "scorer", "segmenter", "retoucher")
SHIRT = {"name": "Herren-Hemd", "description": "Freizeithemd von Velano, langarm", "model_descr": "rot kariert"}


class Bench:
    """Doubles as steps; `rendered` counts what the renderer was asked for, `chosen` may be changed by a test."""

    def __init__(self, **troubles: dict[str, Any]) -> None:
        chosen = {role: {"kind": "double", **troubles.get(role, {})} for role in ROLES}
        self.chosen = chosen
        self.rendered: list[RenderOrder] = []
        self._translator = translator_recipe(chosen["translator"]).load()
        self._extractor = extractor_recipe(chosen["extractor"]).load()
        self._renderer = StepScheduler(renderer_recipe(chosen["renderer"]).load())
        self._scorer = scorer_recipe(chosen["scorer"]).load()
        self._segmenter = segmenter_recipe(chosen["segmenter"]).load()
        self._retoucher = retoucher_recipe(chosen["retoucher"]).load()

    def steps(self) -> Steps:
        return Steps(self._translate, self._extract, self._render, self._score, self._segment, self._retouch)

    def fleet(self) -> Fleet:
        async def facts(role: Any) -> dict[str, Any]:
            return about(role, self.chosen[role])

        return Fleet({role: (Line(role, 1, 5.0), lambda role=role: facts(role)) for role in ROLES})

    async def _translate(self, text: str) -> str | Refusal:
        return (await asyncio.to_thread(self._translator.translate, [text]))[0]

    async def _extract(self, order: ExtractionOrder) -> Attributes | Refusal:
        return (await asyncio.to_thread(self._extractor.extract, [order]))[0]

    async def _render(self, order: RenderOrder, watch: Watch | None = None) -> Picture | Refusal:
        self.rendered.append(order)
        return await self._renderer.draw(order, watch)

    async def _score(self, order: ScoreOrder) -> tuple[float, ...] | Refusal:
        return (await asyncio.to_thread(self._scorer.score, [order]))[0]

    async def _segment(self, order: SegmentOrder) -> Mask | Refusal:
        return (await asyncio.to_thread(self._segmenter.segment, [order]))[0]

    async def _retouch(self, order: RetouchOrder) -> Picture | Refusal:
        return (await asyncio.to_thread(self._retoucher.retouch, [order]))[0]

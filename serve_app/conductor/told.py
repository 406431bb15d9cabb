"""What a job tells while its stages run: that one begins, the renderer's steps, and previews."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.domain import Picture, Preview, Refusal, RenderOrder, Step, Watch
from serve_app.stories.steps import Steps

Tell = Callable[[str, dict[str, Any]], None]
"""Says what happens: the kind of an event and its data."""


@dataclass(frozen=True)
class Audience:
    """Who looks on. Without `tell` nobody does, and the stages run as fast as they can."""

    tell: Tell | None = None
    previews: int = 0  # of every picture


def told(steps: Steps, audience: Audience) -> Steps:
    """The same stages, which say what they do."""
    tell = audience.tell
    if tell is None:
        return steps

    def saying(stage: str, call: Any) -> Any:
        async def said(order: Any) -> Any:
            tell("stage", {"stage": stage})
            return await call(order)

        return said

    async def render(order: RenderOrder, watch: Watch | None = None) -> Picture | Refusal:
        tell("stage", {"stage": "render"})
        return await steps.render(order, Watch(lambda said: tell(*_event(order, said)), audience.previews))

    others = {name: saying(name, getattr(steps, name)) for name in Steps.__dataclass_fields__ if name != "render"}
    return Steps(render=render, **others)


def _event(order: RenderOrder, said: Step | Preview) -> tuple[str, dict[str, Any]]:
    """The event of a step or a preview; `seed` tells the pictures of a job apart."""
    step = said if isinstance(said, Step) else said.step
    place = {"seed": order.seed, "step": step.done, "of": step.of}
    if isinstance(said, Step):
        return "step", place
    return "preview", place | {"media_type": "image/jpeg", "b64_json": base64.b64encode(said.jpeg).decode()}

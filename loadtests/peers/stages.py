"""The work that every peer does, whatever carries it: the same models, story and answer.

A body with a `prompt` is an order for the renderer alone, any other one a listing with its options.
"""

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

import torch

from models.domain import Picture, Refusal, RenderOrder, WeightedAdapter
from models.recipes import (
    about,
    extractor_recipe,
    renderer_recipe,
    scorer_recipe,
    segmenter_recipe,
    translator_recipe,
)
from models.rendering import render
from models.roles import Renderer
from serve_app.catalogue.finishing import png
from serve_app.catalogue.listing import Listing
from serve_app.stories.article import Options, photograph
from serve_app.stories.steps import Steps

KINDS = {"translator": "marian", "extractor": "phi3", "renderer": "flux", "scorer": "clip", "segmenter": "sam"}
Batched = Callable[[Sequence[Any]], Sequence[Any]]


@dataclass
class Swaps:
    """How often the renderer's adapter changed, and for how many orders."""

    changed: int = 0
    orders: int = 0


class Counting:
    """A renderer that counts changes of the adapters under which it steps; all else is the renderer's own."""

    def __init__(self, renderer: Renderer[Any]) -> None:
        self._renderer, self.swaps = renderer, Swaps()
        self._active: tuple[WeightedAdapter, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._renderer, name)

    def step(self, together: Sequence[Any]) -> None:
        wanted = together[0].order.adapters
        if wanted not in ((), self._active):  # none is no change: what is in place is left out of the sum
            self.swaps.changed, self._active = self.swaps.changed + 1, wanted
        self.swaps.orders += sum(way.done == 0 for way in together)
        self._renderer.step(together)

    def render(self, orders: Sequence[RenderOrder]) -> list[Picture | Refusal]:
        """Whole pictures, those of one adapter and size together."""
        return render(cast("Renderer[Any]", self), orders)


Recipe = dict[str, Any]
AROUND: dict[str, Callable[[Recipe], Batched]] = {
    "translator": lambda recipe: translator_recipe(recipe).load().translate,
    "extractor": lambda recipe: extractor_recipe(recipe).load().extract,
    "scorer": lambda recipe: scorer_recipe(recipe).load().score,
    "segmenter": lambda recipe: segmenter_recipe(recipe).load().segment,
}
"""What loads the stages around the renderer, each as one call for several orders."""


@dataclass(frozen=True)
class Models:
    """The five in this process: `batched` answers several orders of a role, `facts` is what the story must know."""

    renderer: Counting
    batched: dict[str, Batched]
    facts: dict[str, Any]

    @classmethod
    def of(cls, chosen: Mapping[str, Recipe]) -> Self:
        """Loads what the recipes of the roles say."""
        renderer = Counting(renderer_recipe(chosen["renderer"]).load())
        batched: dict[str, Batched] = {role: load(chosen[role]) for role, load in AROUND.items()}
        return cls(renderer, batched | {"renderer": renderer.render}, facts(chosen))


def recipes(threads: int) -> dict[str, Recipe]:
    """Role -> recipe of the starter pack."""
    return {role: {"kind": kind, "threads": threads} for role, kind in KINDS.items()}


def facts(chosen: Mapping[str, Recipe]) -> dict[str, Any]:
    """Role -> what the story must know of its model; loads nothing."""
    return {role: about(role, recipe) for role, recipe in chosen.items()}  # type: ignore[arg-type]


def loaded(threads: int) -> Models:
    """Takes some seconds."""
    torch.set_num_threads(threads)
    return Models.of(recipes(threads))


async def answered(body: dict[str, Any], steps: Steps, models: dict[str, Any]) -> dict[str, Any]:
    """What the peer sends back: `status`, and the picture as base64 of its PNG where there is one."""
    if "prompt" in body:
        drawn = await steps.render(picture_order(body))
        return {"status": "failed", "why": drawn.reason} if isinstance(drawn, Refusal) else _shown(drawn)
    columns = {name: value for name, value in body.items() if name != "options"}
    chosen = dict(body["options"])
    options = Options(run_seed=chosen.pop("seed"), **chosen)
    outcome = (await photograph(Listing(**columns), options, steps, models))[0]
    if outcome.picture is None:
        return {"status": outcome.record.status, "record": outcome.record.model_dump(mode="json")}
    shown = await asyncio.to_thread(_shown, outcome.picture)
    return shown | {"record": outcome.record.model_dump(mode="json")}


def picture_order(body: dict[str, Any]) -> RenderOrder:
    """The renderer's order of a body with a prompt; `adapter` is a name or None."""
    fields = dict(body)
    adapter = fields.pop("adapter")
    return RenderOrder(**fields, adapters=(WeightedAdapter(adapter),) if adapter else ())


def _shown(picture: Picture) -> dict[str, Any]:
    return {"status": "succeeded", "png": base64.b64encode(png(picture.pixels)).decode()}

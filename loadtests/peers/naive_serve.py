"""Ray Serve by its manual: a deployment per model, `@serve.batch`, `@serve.multiplexed` for the renderer's adapters."""

import asyncio
from collections.abc import Sequence
from typing import Any

import torch
from fastapi import FastAPI
from ray import serve

from loadtests.peers import stages
from loadtests.peers.arrangements import TOGETHER
from loadtests.peers.door import port_of, serve_until_told
from loadtests.peers.stages import AROUND, Counting, answered
from models.domain import Picture, Refusal, RenderOrder, Watch
from models.recipes import renderer_recipe
from serve_app.stories.steps import Steps

WAIT_S = 0.01  # the manual's example
ADAPTERS = 3  # models that a replica holds, Serve's default
MOST = 100  # requests that a replica holds: the default of 5 would never fill a batch of two adapters
app = FastAPI()


def recipe(role: str) -> stages.Recipe:
    torch.set_num_threads(1)
    return stages.recipes(1)[role]


class Model:
    def __init__(self, role: str) -> None:
        self._run = AROUND[role](recipe(role))

    @serve.batch(max_batch_size=TOGETHER, batch_wait_timeout_s=WAIT_S)  # type: ignore[untyped-decorator]
    async def answer(self, orders: list[Any]) -> Sequence[Any]:
        return await asyncio.to_thread(self._run, orders)


@serve.deployment(max_ongoing_requests=MOST, ray_actor_options={"num_cpus": 0.6})
class Renderer:
    def __init__(self) -> None:
        self._renderer = Counting(renderer_recipe(recipe("renderer")).load())
        self._device = asyncio.Lock()  # without it sub-batches of several adapters would share one pipeline

    @serve.multiplexed(max_num_models_per_replica=ADAPTERS)  # type: ignore[untyped-decorator]
    async def adapter(self, name: str) -> str:
        return name  # its weights are read when it is first drawn with: cheaper than loading it here each time

    @serve.batch(max_batch_size=TOGETHER, batch_wait_timeout_s=WAIT_S)  # type: ignore[untyped-decorator]
    async def answer(self, orders: list[RenderOrder]) -> list[Picture | Refusal]:
        if name := serve.get_multiplexed_model_id():
            await self.adapter(name)
        async with self._device:
            return await asyncio.to_thread(self._renderer.render, orders)

    async def swaps(self) -> stages.Swaps:
        return self._renderer.swaps


@serve.deployment(max_ongoing_requests=1000, ray_actor_options={"num_cpus": 0.2})
@serve.ingress(app)
class Door:
    def __init__(self, renderer: Any, **others: Any) -> None:
        self._renderer = renderer

        def asks(role: str) -> Any:
            return others[role].answer.remote

        self._steps = Steps(asks("translator"), asks("extractor"), self._render, asks("scorer"), asks("segmenter"))
        self._facts = stages.facts(stages.recipes(1))

    async def _render(self, order: RenderOrder, watch: Watch | None = None) -> Picture | Refusal:
        named = order.adapters[0].name if order.adapters else ""
        answer: Picture | Refusal = await self._renderer.options(multiplexed_model_id=named).answer.remote(order)
        return answer

    @app.get("/health")
    async def health(self) -> stages.Swaps:
        swaps: stages.Swaps = await self._renderer.swaps.remote()
        return swaps

    @app.post("/draw")
    async def draw(self, body: dict[str, Any]) -> dict[str, Any]:
        return await answered(body, self._steps, self._facts)


def application() -> Any:
    light = {"max_ongoing_requests": MOST, "ray_actor_options": {"num_cpus": 0.2}}
    others = {role: serve.deployment(name=role, **light)(Model).bind(role) for role in AROUND}
    return Door.bind(renderer=Renderer.bind(), **others)  # type: ignore[attr-defined]


if __name__ == "__main__":
    serve_until_told(application(), port_of(__doc__))

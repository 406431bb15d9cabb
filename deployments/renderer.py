"""The renderer behind a handle: one order in, one picture out, its steps on the way. The largest share of a GPU."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from ray import serve

from deployments.lookups import Lookups
from models.domain import Picture, Preview, Refusal, RenderOrder, Step, Watch
from models.recipes import about, renderer_recipe
from models.roles import ADAPTERS_KEPT
from models.step_scheduler import StepScheduler

WAITING = 64  # orders that a replica holds: its scheduler knows whom to serve first, Serve's router does not
LONGEST_S = 120  # four groups of one order each on a loaded CPU


class RendererReplica:
    """Never with serve.batch: beside multiplexed ids it runs several adapters at once on the one pipeline.

    A call that names its adapters as Serve's multiplexed model id goes to a replica that has had them before; nothing
    but their names is kept under it, for the scheduler decides when which adapters are in place.
    """

    def __init__(self) -> None:
        self._lookups = Lookups()

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: renderer_recipe(recipe).load())
        self._scheduler = StepScheduler(loaded)
        self._about = about("renderer", recipe, loaded.engines)

    async def render(self, order: RenderOrder, within_s: float | None = None) -> Picture | Refusal:
        await self._announced()
        drawn = await self._scheduler.draw(order, within_s=within_s)
        self._lookups.publish()
        return drawn

    async def draw(
        self, order: RenderOrder, previews: int, within_s: float | None = None
    ) -> AsyncIterator[Step | Preview | Picture | Refusal]:
        """The steps and previews as they come, and at last the outcome."""
        await self._announced()
        heard: asyncio.Queue[Step | Preview | None] = asyncio.Queue()
        drawing = asyncio.create_task(self._scheduler.draw(order, Watch(heard.put_nowait, previews), within_s))
        drawing.add_done_callback(lambda _: heard.put_nowait(None))
        try:
            while (said := await heard.get()) is not None:
                yield said
            yield drawing.result()
        finally:
            drawing.cancel()
            self._lookups.publish()

    async def work(self) -> dict[str, int]:
        """What this replica has done since its weights were loaded; `swaps` per picture tell how its adapters fare."""
        return asdict(self._scheduler.work)

    async def _announced(self) -> None:
        if name := serve.get_multiplexed_model_id():
            await self._adapters(name)

    @serve.multiplexed(max_num_models_per_replica=ADAPTERS_KEPT)  # type: ignore[untyped-decorator]  # Ray has no types
    async def _adapters(self, names: str) -> str:
        return names

    async def about(self) -> dict[str, Any]:
        return self._about


deployment = serve.deployment(
    name="renderer",
    max_ongoing_requests=WAITING,
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes what it holds
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(RendererReplica)

"""The renderer behind a handle: one order in, one picture out, its steps on the way. The largest share of a GPU."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from ray import serve

from models.domain import Picture, Preview, Refusal, RenderOrder, Step, Watch
from models.recipes import about, renderer_recipe
from models.step_scheduler import StepScheduler

BATCH = 4  # pictures that take a step together where the manifest says no other number
WAITING = 64  # orders that a replica holds: its scheduler knows whom to serve first, Serve's router does not
LONGEST_S = 120  # four groups of one order each on a loaded CPU


class RendererReplica:
    """Never beside serve.batch or serve.multiplexed: they would run several adapters at once on the one pipeline."""

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: renderer_recipe(recipe).load())
        self._scheduler, self._about = StepScheduler(loaded), about("renderer", recipe)

    async def render(self, order: RenderOrder) -> Picture | Refusal:
        return await self._scheduler.draw(order)

    async def draw(self, order: RenderOrder, previews: int) -> AsyncIterator[Step | Preview | Picture | Refusal]:
        """The steps and previews as they come, and at last the outcome."""
        heard: asyncio.Queue[Step | Preview | None] = asyncio.Queue()
        drawing = asyncio.create_task(self._scheduler.draw(order, Watch(heard.put_nowait, previews)))
        drawing.add_done_callback(lambda _: heard.put_nowait(None))
        try:
            while (said := await heard.get()) is not None:
                yield said
            yield drawing.result()
        finally:
            drawing.cancel()

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

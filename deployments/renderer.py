"""The renderer behind a handle: one order in, one picture out. The largest share of a GPU."""

import asyncio
from typing import Any

from ray import serve

from models.batches import apart
from models.domain import Picture, Refusal, RenderOrder
from models.recipes import about, renderer_recipe

BATCH = 4  # orders taken up together; the adapter groups them by LoRA, size and steps
LONGEST_S = 120  # four groups of one order each on a loaded CPU


class RendererReplica:
    def __init__(self) -> None:
        # Never beside serve.multiplexed: Serve would run the batches of several LoRAs at once on the one pipeline.
        self._batched = serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=0.0)(self._together)
        self._device = asyncio.Lock()

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: renderer_recipe(recipe).load())
        self._renderer, self._about = loaded, about("renderer", recipe)

    async def render(self, order: RenderOrder) -> Picture | Refusal:
        outcome: Picture | Refusal = await self._batched(order)
        return outcome

    async def about(self) -> dict[str, Any]:
        return self._about

    async def _together(self, orders: list[RenderOrder]) -> list[Picture | Refusal]:
        async with self._device:
            return await asyncio.to_thread(apart, self._renderer.render, orders)


deployment = serve.deployment(
    name="renderer",
    max_ongoing_requests=2 * BATCH,  # one batch on the device, the next one filling
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes both
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(RendererReplica)

"""The retoucher behind a handle: a picture, a mask and a prompt in, the painted picture out. Part of a GPU."""

import asyncio
from typing import Any

from ray import serve

from deployments.batched import Batched
from models.domain import Picture, Refusal, RetouchOrder
from models.recipes import about, retoucher_recipe
from models.telemetry.ids import NOBODY, Sender

BATCH = 4  # pictures denoised together; twice as many rows under guidance
LONGEST_S = 120  # four orders that agree in nothing, on a loaded CPU


class RetoucherReplica:
    def __init__(self) -> None:
        self._batched = Batched[RetouchOrder, Picture]("retoucher", "retouch", BATCH)

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: retoucher_recipe(recipe).load())
        self._batched.work, self._about = loaded.retouch, about("retoucher", recipe, loaded.engines)

    async def retouch(self, order: RetouchOrder, sender: Sender = NOBODY) -> Picture | Refusal:
        return await self._batched(order, sender)

    async def about(self) -> dict[str, Any]:
        return self._about

    async def record_autoscaling_stats(self) -> dict[str, float]:
        return self._batched.load.stats()


deployment = serve.deployment(
    name="retoucher",
    max_ongoing_requests=2 * BATCH,  # one batch on the device, the next one filling
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes both
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(RetoucherReplica)

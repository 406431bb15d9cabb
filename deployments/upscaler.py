"""The upscaler behind a handle: a picture in, the same picture with more pixels out. A fraction of a GPU."""

import asyncio
from typing import Any

from ray import serve

from deployments.batched import Batched
from models.domain import Picture, Refusal
from models.recipes import about, upscaler_recipe
from models.telemetry.ids import NOBODY, Sender

BATCH = 2  # pictures whose tiles share forward passes; one alone fills several
LONGEST_S = 120  # two pictures of many tiles on a loaded CPU


class UpscalerReplica:
    def __init__(self) -> None:
        self._batched = Batched[Picture, Picture]("upscaler", "enlarge", BATCH)

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: upscaler_recipe(recipe).load())
        self._batched.work, self._about = loaded.upscale, about("upscaler", recipe)

    async def upscale(self, picture: Picture, sender: Sender = NOBODY) -> Picture | Refusal:
        return await self._batched(picture, sender)

    async def about(self) -> dict[str, Any]:
        return self._about

    async def record_autoscaling_stats(self) -> dict[str, float]:
        return self._batched.load.stats()


deployment = serve.deployment(
    name="upscaler",
    max_ongoing_requests=2 * BATCH,  # one batch on the device, the next one filling
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes both
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(UpscalerReplica)

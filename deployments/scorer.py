"""The scorer behind a handle: a picture and its texts in, a score per text out. A small fraction of a GPU."""

import asyncio
from typing import Any

from ray import serve

from deployments.batched import Batched
from models.domain import Refusal, ScoreOrder
from models.recipes import about, scorer_recipe
from models.telemetry.ids import NOBODY, Sender

BATCH = 16  # pictures per forward pass; a text costs a fraction of a picture
LONGEST_S = 30  # a full batch on a loaded CPU


class ScorerReplica:
    def __init__(self) -> None:
        self._batched = Batched[ScoreOrder, tuple[float, ...]]("scorer", "score", BATCH)

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: scorer_recipe(recipe).load())
        self._batched.work, self._about = loaded.score, about("scorer", recipe, loaded.engines)

    async def score(self, order: ScoreOrder, sender: Sender = NOBODY) -> tuple[float, ...] | Refusal:
        return await self._batched(order, sender)

    async def about(self) -> dict[str, Any]:
        return self._about

    async def record_autoscaling_stats(self) -> dict[str, float]:
        return self._batched.load.stats()


deployment = serve.deployment(
    name="scorer",
    max_ongoing_requests=2 * BATCH,  # one batch on the device, the next one filling
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes both
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(ScorerReplica)

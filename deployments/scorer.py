"""The scorer behind a handle: a picture and its texts in, a score per text out. A small fraction of a GPU."""

import asyncio
from typing import Any

from ray import serve

from deployments.lookups import Lookups
from models.batches import apart
from models.domain import Refusal, ScoreOrder
from models.recipes import about, scorer_recipe

BATCH = 16  # pictures per forward pass; a text costs a fraction of a picture
LONGEST_S = 30  # a full batch on a loaded CPU


class ScorerReplica:
    def __init__(self) -> None:
        # No wait: the next batch fills while this one runs.
        self._batched = serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=0.0)(self._together)
        self._lookups = Lookups()

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: scorer_recipe(recipe).load())
        self._scorer, self._about = loaded, about("scorer", recipe, loaded.engines)

    async def score(self, order: ScoreOrder) -> tuple[float, ...] | Refusal:
        outcome: tuple[float, ...] | Refusal = await self._batched(order)
        return outcome

    async def about(self) -> dict[str, Any]:
        return self._about

    async def _together(self, orders: list[ScoreOrder]) -> list[tuple[float, ...] | Refusal]:
        outcomes = await asyncio.to_thread(apart, self._scorer.score, orders)
        self._lookups.publish()
        return outcomes


deployment = serve.deployment(
    name="scorer",
    max_ongoing_requests=2 * BATCH,  # one batch on the device, the next one filling
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes both
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(ScorerReplica)

"""The extractor behind a handle: a listing in, its typed attributes out. Part of a GPU, for its weights and cache."""

import asyncio
from typing import Any

from ray import serve

from models.batches import apart
from models.domain import Attributes, ExtractionOrder, Refusal
from models.recipes import about, extractor_recipe

BATCH = 8  # listings decoded together: small, because a batch lasts as long as its longest answer
LONGEST_S = 60  # a batch of full-length answers on a loaded CPU


class ExtractorReplica:
    def __init__(self) -> None:
        # No wait: the next batch fills while this one runs.
        self._batched = serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=0.0)(self._together)

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: extractor_recipe(recipe).load())
        self._extractor, self._about = loaded, about("extractor", recipe)

    async def extract(self, order: ExtractionOrder) -> Attributes | Refusal:
        outcome: Attributes | Refusal = await self._batched(order)
        return outcome

    async def about(self) -> dict[str, Any]:
        return self._about

    async def _together(self, orders: list[ExtractionOrder]) -> list[Attributes | Refusal]:
        return await asyncio.to_thread(apart, self._extractor.extract, orders)


deployment = serve.deployment(
    name="extractor",
    max_ongoing_requests=2 * BATCH,  # one batch on the device, the next one filling
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes both
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(ExtractorReplica)

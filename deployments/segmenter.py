"""The segmenter behind a handle: a picture with a box and points in, the object's mask out. Part of a GPU."""

import asyncio
from typing import Any

from ray import serve

from deployments.batched import Batched
from models.domain import Mask, Refusal, SegmentOrder
from models.recipes import about, segmenter_recipe
from models.telemetry.ids import NOBODY, Sender

BATCH = 8  # pictures per pass of the image encoder, which is the whole cost
LONGEST_S = 60  # a full batch on a loaded CPU


class SegmenterReplica:
    def __init__(self) -> None:
        self._batched = Batched[SegmentOrder, Mask]("segmenter", "segment", BATCH)

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: segmenter_recipe(recipe).load())
        self._batched.work, self._about = loaded.segment, about("segmenter", recipe, loaded.engines)

    async def segment(self, order: SegmentOrder, sender: Sender = NOBODY) -> Mask | Refusal:
        return await self._batched(order, sender)

    async def about(self) -> dict[str, Any]:
        return self._about

    async def record_autoscaling_stats(self) -> dict[str, float]:
        return self._batched.load.stats()


deployment = serve.deployment(
    name="segmenter",
    max_ongoing_requests=2 * BATCH,  # one batch on the device, the next one filling
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes both
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(SegmenterReplica)

"""The reader behind a handle: a picture in, the lines of text that it shows out. A sliver of a GPU."""

import asyncio
from typing import Any

from ray import serve

from deployments.batched import Batched
from models.domain import ReadOrder, Refusal, TextLine
from models.recipes import about, reader_recipe
from models.telemetry.ids import NOBODY, Sender

BATCH = 8  # pictures whose lines share forward passes
LONGEST_S = 60  # a full batch of large pictures on a loaded CPU


class ReaderReplica:
    def __init__(self) -> None:
        self._batched = Batched[ReadOrder, tuple[TextLine, ...]]("reader", "read", BATCH)

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: reader_recipe(recipe).load())
        self._batched.work, self._about = loaded.read, about("reader", recipe)

    async def read(self, order: ReadOrder, sender: Sender = NOBODY) -> tuple[TextLine, ...] | Refusal:
        return await self._batched(order, sender)

    async def about(self) -> dict[str, Any]:
        return self._about

    async def record_autoscaling_stats(self) -> dict[str, float]:
        return self._batched.load.stats()


deployment = serve.deployment(
    name="reader",
    max_ongoing_requests=2 * BATCH,  # one batch on the device, the next one filling
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes both
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(ReaderReplica)

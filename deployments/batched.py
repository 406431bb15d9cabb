"""Calls of one model, answered together: as many as are there, and each as if it were alone."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from ray import serve

from deployments import replica
from deployments.lookups import Lookups
from models.batches import apart
from models.domain import Refusal
from models.load import Load
from models.telemetry.ids import Sender
from models.telemetry.stages import Stage, Visit

Order = TypeVar("Order")
Answer = TypeVar("Answer")


class Batched(Generic[Order, Answer]):
    """Of the replica of `role`, for its `stage`, at most `room` at once. `work` is what the model does with them."""

    work: Callable[[Sequence[Order]], list[Answer | Refusal]]

    def __init__(self, role: str, stage: str, room: int) -> None:
        replica.begin(role)
        # No wait: the next batch fills while this one runs.
        self._batched: Any = serve.batch(max_batch_size=room, batch_wait_timeout_s=0.0)(self._together)
        self._stage, self._lookups = Stage(stage, room), Lookups()
        self.load = Load(room)

    async def __call__(self, order: Order, sender: Sender) -> Answer | Refusal:
        with self.load.taken(), self._stage.entered(sender) as visit:
            outcome: Answer | Refusal = await self._batched((order, visit))
        return outcome

    async def _together(self, calls: list[tuple[Order, Visit]]) -> list[Answer | Refusal]:
        began = time.perf_counter()
        with self._stage.together([visit for _, visit in calls]):
            outcomes = await asyncio.to_thread(apart, self.work, [order for order, _ in calls])
        self.load.ran(len(calls), time.perf_counter() - began)
        self._lookups.publish()
        return outcomes

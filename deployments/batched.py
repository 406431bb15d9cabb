"""Replicas whose model answers calls together: as many as are there, and each as if it were alone."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from ray import serve

from deployments import replica
from deployments.lookups import Lookups
from models.batches import apart
from models.domain import Refusal
from models.load import Load
from models.recipes import Role, about
from models.telemetry.ids import Sender
from models.telemetry.stages import Stage, Visit

Order = TypeVar("Order")
Answer = TypeVar("Answer")
Work = Callable[[Sequence[Order]], list[Answer | Refusal]]
PYTHON: Mapping[str, str] = {}  # engines of a model without compiled modules


class BatchedReplica(Generic[Order, Answer]):
    """A subclass names its role, its stage and the calls of a batch, loads the model, and says what a call is."""

    role: ClassVar[Role]
    stage: ClassVar[str]
    together: ClassVar[int]

    def __init__(self) -> None:
        replica.begin(self.role)
        # No wait: the next batch fills while this one runs.
        self._batched: Any = serve.batch(max_batch_size=self.together, batch_wait_timeout_s=0.0)(self._ran)
        self._stage, self._lookups = Stage(self.stage, self.together), Lookups()
        self._load = Load(self.together)

    @staticmethod
    def loaded(recipe: dict[str, Any]) -> tuple[Work[Order, Answer], Mapping[str, str]]:
        """What the model does with a batch, and the engine of each of its modules, the heaviest first."""
        raise NotImplementedError

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        self._work, engines = await replica.loaded(lambda: self.loaded(recipe))
        self._about = about(self.role, recipe, engines)

    async def about(self) -> dict[str, Any]:
        return self._about

    async def record_autoscaling_stats(self) -> dict[str, float]:
        return self._load.stats()

    async def answered(self, order: Order, sender: Sender) -> Answer | Refusal:
        with self._load.taken(), self._stage.entered(sender) as visit:
            outcome: Answer | Refusal = await self._batched((order, visit))
        return outcome

    async def _ran(self, calls: list[tuple[Order, Visit]]) -> list[Answer | Refusal]:
        began = time.perf_counter()
        with self._stage.together([visit for _, visit in calls]):
            outcomes = await asyncio.to_thread(apart, self._work, [order for order, _ in calls])
        self._load.ran(len(calls), time.perf_counter() - began)
        self._lookups.publish()
        return outcomes


def deployed(kind: type[BatchedReplica[Any, Any]], longest_s: float) -> serve.Deployment:
    """`longest_s`: a full batch on a loaded CPU. One batch is on the device while the next one fills."""
    return replica.deployed(kind, kind.role, 2 * kind.together, longest_s)

"""The extractor behind a handle: a listing in, its typed attributes out. Part of a GPU, for its weights and cache."""

from typing import Any

from deployments import replica
from models.domain import Attributes, ExtractionOrder, Refusal
from models.recipes import about, extractor_recipe
from models.telemetry.ids import NOBODY, Sender
from models.telemetry.stages import Stage
from models.writing import ContinuousBatch

WAITING = 64  # listings that a replica holds: the next ones join as soon as a text is closed
LONGEST_S = 60  # full-length answers on a loaded CPU


class ExtractorReplica:
    def __init__(self) -> None:
        replica.begin("extractor")

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await replica.loaded(lambda: extractor_recipe(recipe).load())
        self._batch, self._about = ContinuousBatch(loaded), about("extractor", recipe)
        self._stage = Stage("extract", loaded.together)

    async def extract(self, order: ExtractionOrder, sender: Sender = NOBODY) -> Attributes | Refusal:
        with self._stage.joined(sender):
            return await self._batch.extract(order)

    async def about(self) -> dict[str, Any]:
        return self._about

    async def record_autoscaling_stats(self) -> dict[str, float]:
        return self._batch.load.stats()


deployment = replica.deployed(ExtractorReplica, "extractor", WAITING, LONGEST_S)

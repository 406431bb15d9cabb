"""The scorer behind a handle: a picture and its texts in, a score per text out. A small fraction of a GPU."""

from collections.abc import Mapping
from typing import Any

from deployments.batched import BatchedReplica, Work, deployed
from models.domain import Refusal, ScoreOrder
from models.recipes import scorer_recipe
from models.telemetry.ids import NOBODY, Sender

LONGEST_S = 30  # a full batch on a loaded CPU


class ScorerReplica(BatchedReplica[ScoreOrder, tuple[float, ...]]):
    role, stage = "scorer", "score"
    together = 16  # pictures per forward pass; a text costs a fraction of a picture

    @staticmethod
    def loaded(recipe: dict[str, Any]) -> tuple[Work[ScoreOrder, tuple[float, ...]], Mapping[str, str]]:
        model = scorer_recipe(recipe).load()
        return model.score, model.engines

    async def score(self, order: ScoreOrder, sender: Sender = NOBODY) -> tuple[float, ...] | Refusal:
        return await self.answered(order, sender)


deployment = deployed(ScorerReplica, LONGEST_S)

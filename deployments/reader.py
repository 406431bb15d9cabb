"""The reader behind a handle: a picture in, the lines of text that it shows out. A sliver of a GPU."""

from collections.abc import Mapping
from typing import Any

from deployments.batched import PYTHON, BatchedReplica, Work, deployed
from models.domain import ReadOrder, Refusal, TextLine
from models.recipes import reader_recipe
from models.telemetry.ids import NOBODY, Sender

LONGEST_S = 60  # a full batch of large pictures on a loaded CPU


class ReaderReplica(BatchedReplica[ReadOrder, tuple[TextLine, ...]]):
    role, stage = "reader", "read"
    together = 8  # pictures whose lines share forward passes

    @staticmethod
    def loaded(recipe: dict[str, Any]) -> tuple[Work[ReadOrder, tuple[TextLine, ...]], Mapping[str, str]]:
        model = reader_recipe(recipe).load()
        return model.read, PYTHON

    async def read(self, order: ReadOrder, sender: Sender = NOBODY) -> tuple[TextLine, ...] | Refusal:
        return await self.answered(order, sender)


deployment = deployed(ReaderReplica, LONGEST_S)

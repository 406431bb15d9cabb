"""The segmenter behind a handle: a picture with a box and points in, the object's mask out. Part of a GPU."""

from collections.abc import Mapping
from typing import Any

from deployments.batched import BatchedReplica, Work, deployed
from models.domain import Mask, Refusal, SegmentOrder
from models.recipes import segmenter_recipe
from models.telemetry.ids import NOBODY, Sender

LONGEST_S = 60  # a full batch on a loaded CPU


class SegmenterReplica(BatchedReplica[SegmentOrder, Mask]):
    role, stage = "segmenter", "segment"
    together = 8  # pictures per pass of the image encoder, which is the whole cost

    @staticmethod
    def loaded(recipe: dict[str, Any]) -> tuple[Work[SegmentOrder, Mask], Mapping[str, str]]:
        model = segmenter_recipe(recipe).load()
        return model.segment, model.engines

    async def segment(self, order: SegmentOrder, sender: Sender = NOBODY) -> Mask | Refusal:
        return await self.answered(order, sender)


deployment = deployed(SegmenterReplica, LONGEST_S)

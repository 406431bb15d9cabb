"""The upscaler behind a handle: a picture in, the same picture with more pixels out. A fraction of a GPU."""

from collections.abc import Mapping
from typing import Any

from deployments.batched import PYTHON, BatchedReplica, Work, deployed
from models.domain import Picture, Refusal
from models.recipes import upscaler_recipe
from models.telemetry.ids import NOBODY, Sender

LONGEST_S = 120  # two pictures of many tiles on a loaded CPU


class UpscalerReplica(BatchedReplica[Picture, Picture]):
    role, stage = "upscaler", "enlarge"
    together = 2  # pictures whose tiles share forward passes; one alone fills several

    @staticmethod
    def loaded(recipe: dict[str, Any]) -> tuple[Work[Picture, Picture], Mapping[str, str]]:
        model = upscaler_recipe(recipe).load()
        return model.upscale, PYTHON

    async def upscale(self, picture: Picture, sender: Sender = NOBODY) -> Picture | Refusal:
        return await self.answered(picture, sender)


deployment = deployed(UpscalerReplica, LONGEST_S)

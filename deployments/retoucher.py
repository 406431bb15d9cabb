"""The retoucher behind a handle: a picture, a mask and a prompt in, the painted picture out. Part of a GPU."""

from collections.abc import Mapping
from typing import Any

from deployments.batched import BatchedReplica, Work, deployed
from models.domain import Picture, Refusal, RetouchOrder
from models.recipes import retoucher_recipe
from models.telemetry.ids import NOBODY, Sender

LONGEST_S = 120  # four orders that agree in nothing, on a loaded CPU


class RetoucherReplica(BatchedReplica[RetouchOrder, Picture]):
    role, stage = "retoucher", "retouch"
    together = 4  # pictures denoised together; twice as many rows under guidance

    @staticmethod
    def loaded(recipe: dict[str, Any]) -> tuple[Work[RetouchOrder, Picture], Mapping[str, str]]:
        model = retoucher_recipe(recipe).load()
        return model.retouch, model.engines

    async def retouch(self, order: RetouchOrder, sender: Sender = NOBODY) -> Picture | Refusal:
        return await self.answered(order, sender)


deployment = deployed(RetoucherReplica, LONGEST_S)

"""The translator behind a handle: one source text in, its English translation out. A fraction of a GPU."""

from collections.abc import Mapping
from typing import Any

from deployments.batched import PYTHON, BatchedReplica, Work, deployed
from models.domain import Refusal
from models.recipes import translator_recipe
from models.telemetry.ids import NOBODY, Sender

LONGEST_S = 30  # a batch of the longest texts on a loaded CPU


class TranslatorReplica(BatchedReplica[str, str]):
    role, stage = "translator", "translate"
    together = 16  # texts per beam search; short texts, so padding costs little

    @staticmethod
    def loaded(recipe: dict[str, Any]) -> tuple[Work[str, str], Mapping[str, str]]:
        model = translator_recipe(recipe).load()
        return model.translate, PYTHON

    async def translate(self, text: str, sender: Sender = NOBODY) -> str | Refusal:
        return await self.answered(text, sender)


deployment = deployed(TranslatorReplica, LONGEST_S)

"""The translator behind a handle: one source text in, its English translation out. A fraction of a GPU."""

import asyncio
from typing import Any

from ray import serve

from deployments.lookups import Lookups
from models.batches import apart
from models.domain import Refusal
from models.recipes import about, translator_recipe

BATCH = 16  # texts per beam search; short texts, so padding costs little
LONGEST_S = 30  # a batch of the longest texts on a loaded CPU


class TranslatorReplica:
    def __init__(self) -> None:
        # No wait: the next batch fills while this one runs.
        self._batched = serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=0.0)(self._together)
        self._lookups = Lookups()

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: translator_recipe(recipe).load())
        self._translator, self._about = loaded, about("translator", recipe)

    async def translate(self, text: str) -> str | Refusal:
        outcome: str | Refusal = await self._batched(text)
        return outcome

    async def about(self) -> dict[str, Any]:
        return self._about

    async def _together(self, texts: list[str]) -> list[str | Refusal]:
        outcomes = await asyncio.to_thread(apart, self._translator.translate, texts)
        self._lookups.publish()
        return outcomes


deployment = serve.deployment(
    name="translator",
    max_ongoing_requests=2 * BATCH,  # one batch on the device, the next one filling
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes both
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(TranslatorReplica)

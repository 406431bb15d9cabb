"""The translator behind a handle: one source text in, its English translation out. A fraction of a GPU."""

import asyncio
from typing import Any

from ray import serve

from deployments.batched import Batched
from models.domain import Refusal
from models.recipes import about, translator_recipe
from models.telemetry.ids import NOBODY, Sender

BATCH = 16  # texts per beam search; short texts, so padding costs little
LONGEST_S = 30  # a batch of the longest texts on a loaded CPU


class TranslatorReplica:
    def __init__(self) -> None:
        self._batched = Batched[str, str]("translator", "translate", BATCH)

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await asyncio.to_thread(lambda: translator_recipe(recipe).load())
        self._batched.work, self._about = loaded.translate, about("translator", recipe)

    async def translate(self, text: str, sender: Sender = NOBODY) -> str | Refusal:
        return await self._batched(text, sender)

    async def about(self) -> dict[str, Any]:
        return self._about

    async def record_autoscaling_stats(self) -> dict[str, float]:
        return self._batched.load.stats()


deployment = serve.deployment(
    name="translator",
    max_ongoing_requests=2 * BATCH,  # one batch on the device, the next one filling
    graceful_shutdown_timeout_s=2 * LONGEST_S,  # a stopping replica finishes both
    max_constructor_retry_count=3,  # weights that do not load will not load the twentieth time either
    health_check_period_s=5,
    health_check_timeout_s=30,  # a busy core answers late; a dead process is seen at once anyway
)(TranslatorReplica)

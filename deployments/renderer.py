"""The renderer behind a handle: one order in, one picture out, its steps on the way. The largest share of a GPU."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import Any

from ray import serve

from deployments import replica
from deployments.lookups import Lookups
from models.domain import Picture, Preview, Refusal, RenderOrder, Step, Watch
from models.recipes import about, renderer_recipe
from models.roles import ADAPTERS_KEPT
from models.step_scheduler import StepScheduler, Work
from models.telemetry.ids import NOBODY, Sender
from models.telemetry.metrics import ADAPTER_SWAPS, RENDERER_STEPS
from models.telemetry.stages import Stage, Visit

WAITING = 64  # orders that a replica holds: its scheduler knows whom to serve first, Serve's router does not
LONGEST_S = 120  # four groups of one order each on a loaded CPU


class RendererReplica:
    """Never with serve.batch: beside multiplexed ids it runs several adapters at once on the one pipeline.

    A call that names its adapters as Serve's multiplexed model id goes to a replica that has had them before; nothing
    but their names is kept under it, for the scheduler decides when which adapters are in place.
    """

    def __init__(self) -> None:
        replica.begin("renderer")
        self._lookups = Lookups()

    async def reconfigure(self, recipe: dict[str, Any]) -> None:
        loaded = await replica.loaded(lambda: renderer_recipe(recipe).load())
        self._scheduler = StepScheduler(loaded)
        self._about = about("renderer", recipe, loaded.engines)
        self._stage, self._told = Stage("render", loaded.together), Work()

    async def render(
        self, order: RenderOrder, within_s: float | None = None, sender: Sender = NOBODY
    ) -> Picture | Refusal:
        await self._announced()
        with self._stage.entered(sender) as visit:
            return self._done(await self._scheduler.draw(order, within_s=within_s), visit)

    async def draw(
        self, order: RenderOrder, previews: int, within_s: float | None = None, sender: Sender = NOBODY
    ) -> AsyncIterator[Step | Preview | Picture | Refusal]:
        """The steps and previews as they come, and at last the outcome."""
        await self._announced()
        heard: asyncio.Queue[Step | Preview | None] = asyncio.Queue()
        drawing = asyncio.create_task(self._watched(order, Watch(heard.put_nowait, previews), within_s, sender))
        drawing.add_done_callback(lambda _: heard.put_nowait(None))
        try:
            while (said := await heard.get()) is not None:
                yield said
            yield drawing.result()
        finally:
            drawing.cancel()

    async def _watched(
        self, order: RenderOrder, watch: Watch, within_s: float | None, sender: Sender
    ) -> Picture | Refusal:
        # In a task of its own: a context that a generator enters is left in whatever task closes it.
        with self._stage.entered(sender) as visit:
            return self._done(await self._scheduler.draw(order, watch, within_s), visit)

    def _done(self, drawn: Picture | Refusal, visit: Visit) -> Picture | Refusal:
        """Tells what the picture took, and what the scheduler has done since the one before."""
        if isinstance(drawn, Picture):
            visit.worked(drawn.device_s)
        work, told = self._scheduler.work, self._told
        if steps := work.steps - told.steps:
            RENDERER_STEPS(steps)
            self._stage.filled((work.places - told.places) / steps)
        if swaps := work.swaps - told.swaps:
            ADAPTER_SWAPS(swaps)
        self._told = replace(work)
        self._lookups.publish()
        return drawn

    async def work(self) -> dict[str, int]:
        """What this replica has done since its weights were loaded; `swaps` per picture tell how its adapters fare."""
        return asdict(self._scheduler.work)

    async def _announced(self) -> None:
        if name := serve.get_multiplexed_model_id():
            await self._adapters(name)

    @serve.multiplexed(max_num_models_per_replica=ADAPTERS_KEPT)  # type: ignore[untyped-decorator]  # Ray has no types
    async def _adapters(self, names: str) -> str:
        return names

    async def about(self) -> dict[str, Any]:
        return self._about

    async def record_autoscaling_stats(self) -> dict[str, float]:
        return self._scheduler.load.stats()


deployment = replica.deployed(RendererReplica, "renderer", WAITING, LONGEST_S)

"""Performs what jobs ask for: looks up what is done, joins what is in flight, runs the story for the rest."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from models.domain import Picture, Refusal
from serve_app.catalogue.finishing import png
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.record import Record
from serve_app.conductor.stages import Keeper, Owner, Remembered
from serve_app.fleet import Fleet
from serve_app.jobs.store import Store
from serve_app.stories.article import VERSION, Options, Outcome, photograph
from serve_app.stories.house import House
from serve_app.stories.image import ImageOrder, draw
from serve_app.stories.steps import Steps

Records = list[Record]
Tell = Callable[[str, dict[str, Any]], None]
"""Says what happens: the kind of an event and its data."""


def digests(models: dict[str, Any]) -> dict[str, str]:
    """role -> hash of what its deployment runs."""
    return {role: facts["digest"] for role, facts in models.items()}


def silent(_kind: str, _data: dict[str, Any]) -> None:
    """For callers without listeners."""


@dataclass(frozen=True)
class Asked:
    """One article's order, and what the deployments run (role -> facts)."""

    owner: Owner
    listing: Listing
    options: Options
    models: dict[str, Any]

    @property
    def key(self) -> str:
        """SHA-256 over all that decides the pictures: article, options, models, version of the story."""
        order = [self.owner.tenant, self.listing.article_id, asdict(self.options), digests(self.models), VERSION]
        return hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Work:
    """One order in flight and who waits for it."""

    task: asyncio.Task[Records]
    listeners: list[Tell]


class Performer:
    """One per conductor replica. The same order in flight is performed once; one that is done comes from the store."""

    def __init__(self, steps: Steps, fleet: Fleet, store: Store) -> None:
        self.fleet, self.store = fleet, store
        self.keeper = Keeper(store)
        self._steps = steps
        self._in_flight: dict[str, Work] = {}

    async def article(self, owner: Owner, listing: Listing, options: Options, tell: Tell = silent) -> Records:
        """The records of an article, several for colourways; raises StageError when a stage gives no result.

        Who is cancelled leaves the others that wait for the same order alone; the last one takes the work along.
        """
        models = await self.fleet.about()
        asked = Asked(owner, listing, options, models)
        key = asked.key
        work = self._in_flight.get(key)
        if work is None:
            listeners: list[Tell] = []
            work = Work(asyncio.create_task(self._performed(asked, listeners)), listeners)
            self._in_flight[key] = work
            work.task.add_done_callback(lambda _: self._in_flight.pop(key, None))
        work.listeners.append(tell)
        try:
            return await asyncio.shield(work.task)
        finally:
            work.listeners.remove(tell)
            if not work.listeners and not work.task.done():
                work.task.cancel()

    async def images(self, owner: Owner, order: ImageOrder, tell: Tell = silent) -> list[str] | Refusal:
        """SHA-256 of the pictures of a prompt, or why there are none; raises StageError."""
        models = await self.fleet.about()
        steps = Remembered(told(self._steps, tell), self.keeper, owner, digests(models)).steps()
        drawn = await draw(order, steps, House.of(models))
        refused = next((outcome for outcome in drawn if isinstance(outcome, Refusal)), None)
        if refused is not None:
            return refused
        encoded = [await asyncio.to_thread(png, one.pixels) for one in drawn if isinstance(one, Picture)]
        stored = [await self.store.put_picture(owner.tenant, owner.job, content) for content in encoded]
        await self.keeper.settled()  # nothing but the stages remembers these pictures
        return stored

    async def _performed(self, asked: Asked, listeners: list[Tell]) -> Records:
        tenant, key = asked.owner.tenant, asked.key
        stored = await self.store.article(tenant, key)
        if stored is not None:
            return [Record.model_validate(record) for record in stored.records]

        def tell(kind: str, data: dict[str, Any]) -> None:
            for listener in list(listeners):
                listener(kind, data)

        steps = Remembered(told(self._steps, tell), self.keeper, asked.owner, digests(asked.models)).steps()
        outcomes = await photograph(asked.listing, asked.options, steps, asked.models)
        began = time.perf_counter()
        records = list(await asyncio.gather(*(self._kept(asked.owner, outcome) for outcome in outcomes)))
        # A failure is not kept: the next request tries again.
        if all(record.status != "failed" for record in records):
            lines = [record.model_dump(mode="json") for record in records]
            await self.store.save_article(tenant, key, asked.listing.article_id, lines, records[0].status)
        for record in records:
            record.timings["store"] = time.perf_counter() - began
        return records

    async def _kept(self, owner: Owner, outcome: Outcome) -> Record:
        if outcome.picture is not None:
            encoded = await asyncio.to_thread(png, outcome.picture.pixels)
            outcome.record.sha256 = await self.store.put_picture(owner.tenant, owner.job, encoded)
        return outcome.record


def told(steps: Steps, tell: Tell) -> Steps:
    """The same stages; each says that it begins."""

    def saying(stage: str, call: Any) -> Any:
        async def said(order: Any) -> Any:
            tell("stage", {"stage": stage})
            return await call(order)

        return said

    return Steps(**{name: saying(name, getattr(steps, name)) for name in Steps.__dataclass_fields__})

"""Performs articles: looks up what is done, joins what is in flight, runs the story for the rest and stores it."""

import asyncio
import hashlib
import json
import time
from dataclasses import asdict
from typing import Any

from serve_app.catalogue.finishing import png
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.record import Record
from serve_app.fleet import Fleet
from serve_app.jobs.store import Store
from serve_app.stories.article import VERSION, Options, Outcome, photograph
from serve_app.stories.steps import Steps

Records = list[Record]
ID_LENGTH = 16  # hex digits of an article id; a colourway appends its colour


class Conductor:
    """One per ingress replica. The same order in flight is performed once; one that is done comes from the store."""

    def __init__(self, steps: Steps, fleet: Fleet, store: Store) -> None:
        self.fleet, self.store = fleet, store
        self._steps = steps
        self._in_flight: dict[str, asyncio.Task[Records]] = {}

    async def article(self, listing: Listing, options: Options) -> Records:
        """The records of an article, several for colourways; raises StageError when a stage gives no result."""
        models = await self.fleet.about()
        key = order_key(listing, options, models)
        task = self._in_flight.get(key)
        if task is None:
            task = asyncio.create_task(self._performed(key, listing, options, models))
            self._in_flight[key] = task
            task.add_done_callback(lambda _: self._in_flight.pop(key, None))
        # A client that leaves does not undo the work of the others that wait for it.
        return await asyncio.shield(task)

    async def latest(self, article_id: str) -> Records:
        """The newest records of an article, or the one of a colourway (`<id>-<colour>`); empty when there is none."""
        for article in await self.store.articles_by_id(article_id[:ID_LENGTH]):
            records = [Record.model_validate(record) for record in article.records]
            if found := [record for record in records if article_id in (record.article_id, article.article_id)]:
                return found
        return []

    async def _performed(self, key: str, listing: Listing, options: Options, models: dict[str, Any]) -> Records:
        stored = await self.store.article(key)
        if stored is not None:
            return [Record.model_validate(record) for record in stored.records]
        outcomes = await photograph(listing, options, self._steps, models)
        began = time.perf_counter()
        records = list(await asyncio.gather(*(self._kept(outcome) for outcome in outcomes)))
        # A failure is not kept: the next request tries again.
        if all(record.status != "failed" for record in records):
            lines = [record.model_dump(mode="json") for record in records]
            await self.store.save_article(key, listing.article_id, lines, records[0].status)
        for record in records:
            record.timings["store"] = time.perf_counter() - began
        return records

    async def _kept(self, outcome: Outcome) -> Record:
        if outcome.picture is not None:
            encoded = await asyncio.to_thread(png, outcome.picture.pixels)
            outcome.record.sha256 = await self.store.put_picture(encoded)
        return outcome.record


def order_key(listing: Listing, options: Options, models: dict[str, Any]) -> str:
    """SHA-256 over all that decides the pictures: article, options, what the deployments run, version of the story."""
    digests = {role: facts["digest"] for role, facts in models.items()}
    order = [listing.article_id, asdict(options), digests, VERSION]
    return hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()

"""Performs what jobs ask for: looks up what is done, joins what is in flight, runs the story for the rest."""

import asyncio
import contextlib
import functools
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from models.domain import Picture, Refusal
from models.telemetry import traces
from serve_app.calibration.applied import deciding, shadowed
from serve_app.catalogue.finishing import png
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.record import Record
from serve_app.conductor.foresight import Foresight, NoTimeError, Wanted
from serve_app.conductor.marketplace import Offer, offered
from serve_app.conductor.originals import ordered
from serve_app.conductor.pictures import Drawn, placed
from serve_app.conductor.stages import Keeper, Owner, Remembered, digests
from serve_app.conductor.told import Audience, told
from serve_app.delivery.profile import profile
from serve_app.fleet import Fleet
from serve_app.jobs.store import NewArticle, Placed, Store
from serve_app.provenance.seal import UNMARKED, Seal, Touch, origin_of
from serve_app.stories.article import VERSION, Options, Outcome, photograph
from serve_app.stories.enlarging import enlarged
from serve_app.stories.house import House
from serve_app.stories.image import draw
from serve_app.stories.steps import Steps

# Roles that decide an article's pictures.
OF_ARTICLES = ("translator", "extractor", "renderer", "scorer", "segmenter", "reader")
OF_FILES = (*OF_ARTICLES, "upscaler")  # and those that decide its file for a marketplace
Records = list[Record]
Counted = Callable[[Records], None]
NOBODY = Audience()
SOME_TIME = Wanted()


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
        roles = OF_ARTICLES if self.options.profile is None else OF_FILES
        decide = {role: digest for role, digest in digests(self.models).items() if role in roles}
        decide |= deciding(self.models)
        order = [self.owner.tenant, self.listing.article_id, asdict(self.options), decide, VERSION]
        return hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Work:
    """One order in flight and who waits for it."""

    task: asyncio.Task[Records]
    audiences: list[Audience]


class Performer:
    """One per conductor replica. The same order in flight is performed once; one that is done comes from the store.

    `counted` hears of the records of every article that was performed.
    """

    def __init__(
        self, steps: Steps, fleet: Fleet, store: Store, seal: Seal | None = None, counted: Counted = lambda _: None
    ) -> None:
        self.fleet, self.store, self._counted = fleet, store, counted
        self._seal = seal  # None: files that do not say what they are, for measurements
        self.keeper = Keeper(store)
        self._steps, self._foresight = steps, Foresight()
        self._in_flight: dict[str, Work] = {}

    async def article(
        self, owner: Owner, listing: Listing, options: Options, audience: Audience = NOBODY, wanted: Wanted = SOME_TIME
    ) -> Records:
        """The records of an article, several for colourways; raises StageError when a stage gives no result, and
        NoTimeError when it could not be there by the time at which it is wanted.

        Who is cancelled leaves the others that wait for the same order alone; the last one takes the work along.
        """
        with traces.span("look up"):
            models = await self.fleet.about()
            asked = Asked(owner, listing, options, models)
        while (other := self._in_flight.get(asked.key)) is not None:
            with contextlib.suppress(NoTimeError):  # the one that came first had less time
                return await self._shared(asked.key, other, audience)
        audiences = list[Audience]()
        work = Work(asyncio.create_task(self._performed(asked, audiences, wanted)), audiences)
        self._in_flight[asked.key] = work
        work.task.add_done_callback(functools.partial(self._forget, asked.key))
        return await self._shared(asked.key, work, audience)

    async def _shared(self, key: str, work: Work, audience: Audience) -> Records:
        work.audiences.append(audience)
        try:
            return await asyncio.shield(work.task)
        finally:
            work.audiences.remove(audience)
            if not work.audiences and not work.task.done():
                self._forget(key, work.task)  # who asks again begins anew, and does not join what is being undone
                work.task.cancel()

    def _forget(self, key: str, task: asyncio.Task[Records]) -> None:
        if key in self._in_flight and self._in_flight[key].task is task:
            del self._in_flight[key]

    async def images(
        self, owner: Owner, asked: dict[str, Any], audience: Audience = NOBODY, wanted: Wanted = SOME_TIME
    ) -> list[str] | Refusal:
        """SHA-256 of the pictures of a prompt, or why there are none; raises StageError and NoTimeError.

        `asked`: an ImageOrder as JSON, the pictures of an `original` by their SHA-256.
        """
        order = await ordered(self.store, owner.tenant, {name: asked[name] for name in asked if name != "output"})
        if isinstance(order, Refusal):
            return order
        models = await self.fleet.about()
        steps = Remembered(told(self._steps, audience), self.keeper, owner, digests(models)).steps()
        with self._foresight.begun(("image", order.count, order.size, bool(order.original)), wanted):
            drawn = await draw(order, steps, House.of(models))
        refused = next((outcome for outcome in drawn if isinstance(outcome, Refusal)), None)
        if refused is not None:
            return refused
        shown = [one for one in drawn if isinstance(one, Picture)]
        found = await placed(self.store, self._seal, owner, Drawn(asked, order, models), shown)
        await self.store.save_pictures(owner.tenant, found)
        await self.keeper.settled()  # nothing but the stages remembers these pictures
        return [one.sha256 for one in found]

    async def _performed(self, asked: Asked, audiences: list[Audience], wanted: Wanted) -> Records:
        tenant, key = asked.owner.tenant, asked.key
        with traces.span("look up"):
            stored = await self.store.article(tenant, key)
        if stored is not None:
            return [Record.model_validate(record) for record in stored.records]

        def tell(kind: str, data: dict[str, Any]) -> None:
            for audience in audiences:
                if audience.tell is not None:
                    audience.tell(kind, data)

        # Work that began without anybody looking on goes on so.
        began_with = audiences[0]
        watched = told(self._steps, began_with if began_with.tell is None else replace(began_with, tell=tell))
        steps = Remembered(watched, self.keeper, asked.owner, digests(asked.models)).steps()
        options = asked.options
        kind = "article", options.candidates, options.cascade, options.size, options.dry_run
        with self._foresight.begun(kind, wanted):
            outcomes = await photograph(asked.listing, options, steps, asked.models)
        outcomes = [replace(outcome, record=shadowed(outcome.record, asked.models)) for outcome in outcomes]
        began = time.perf_counter()
        with traces.span("deliver"):
            files = [found for outcome in outcomes for found in await self._delivered(asked, outcome)]
        records = [outcome.record for outcome in outcomes]
        with traces.span("store"):
            await self._saved(asked, records, files)
        self._counted(records)
        for record in records:
            record.timings["store"] = time.perf_counter() - began
        return records

    async def _saved(self, asked: Asked, records: Records, files: list[Placed]) -> None:
        """A failure is not kept: the next request tries again. A dry run is none of the article's results."""
        tenant = asked.owner.tenant
        if asked.options.dry_run or any(record.status == "failed" for record in records):
            await self.store.save_pictures(tenant, files)
            return
        lines = [record.model_dump(mode="json") for record in records]
        new = NewArticle(asked.key, asked.listing.article_id, lines, records[0].status)
        await self.store.save_article(tenant, new, files)

    async def _delivered(self, asked: Asked, outcome: Outcome) -> list[Placed]:
        """The finished picture and, where a marketplace was named, its file by the marketplace's rules."""
        picture, record, owner = outcome.picture, outcome.record, asked.owner
        if picture is None:
            return []
        # The order's own key, not the job's id: who asks again for the same pictures gets the same pixels.
        reference, origin = f"{asked.key} {record.article_id}", origin_of(record, asked.models)
        if self._seal is None:
            content = await asyncio.to_thread(png, picture.pixels)
            main = await self.store.place(owner.tenant, owner.job, content)
        else:
            sealed = await asyncio.to_thread(self._seal.article, picture.pixels, reference, origin)
            if sealed.mark is None:
                record.notes.append(UNMARKED)
            main = await self.store.place(owner.tenant, owner.job, sealed.content)
            main = replace(main, mark=sealed.mark, look=sealed.look)
        record.sha256 = main.sha256
        if asked.options.profile is None or outcome.mask is None:
            return [main]
        rules = profile(asked.options.profile)
        enlarge = self._steps.enlarge if "upscaler" in asked.models else None
        source = await enlarged(picture, outcome.mask, rules, enlarge)
        origin = replace(origin, about={**origin.about, **source.about})

        def label(content: bytes) -> bytes:
            return content if self._seal is None else self._seal.labelled(content, origin)

        touch = None if self._seal is None else Touch(self._seal, reference)
        offer = Offer(rules.name, outcome.mask, label, touch)
        further = await offered(self.store, owner, record, source, offer)
        return [main] if further is None else [main, further]

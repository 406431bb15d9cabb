"""The replicas as plain objects: what they add to their models."""

import asyncio
from itertools import islice

from telemetry_written import written

from deployments.extractor import ExtractorReplica
from deployments.lookups import Lookups
from models.domain import ExtractionOrder
from models.lru import Lru
from models.phi3.recipe import Phi3Recipe
from models.starter.corpus.listings import listings
from models.telemetry.metrics import CACHE_LOOKUPS


async def test_listings_that_come_while_others_are_read_are_answered_as_alone() -> None:
    orders = [ExtractionOrder(listing.source, listing.english) for listing in islice(listings(77), 20)]
    replica = ExtractorReplica()
    await replica.reconfigure({"kind": "phi3", "threads": 1})
    early = [asyncio.create_task(replica.extract(order)) for order in orders[:8]]
    await asyncio.wait(early, return_when=asyncio.FIRST_COMPLETED)
    early[-1].cancel()
    late = [asyncio.create_task(replica.extract(order)) for order in orders[8:]]
    found = await asyncio.gather(*early, *late, return_exceptions=True)
    assert isinstance(found[7], asyncio.CancelledError)
    wanted = Phi3Recipe(threads=1).load().extract(orders)
    assert [*found[:7], *found[8:]] == [*wanted[:7], *wanted[8:]]


def test_each_lookup_is_published_once() -> None:
    published, cache = Lookups(), Lru[str]("tried", 1)
    published.publish()
    with written() as told:
        cache.get("a")
        cache.get("a")
        cache.put("a", "1")
        cache.get("a")
        published.publish()
        published.publish()
    assert told.of(CACHE_LOOKUPS) == [
        (2, {"cache": "tried", "outcome": "miss"}),
        (1, {"cache": "tried", "outcome": "hit"}),
    ]

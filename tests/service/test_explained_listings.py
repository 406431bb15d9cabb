"""Listings whose every word the lexicon explains: the extractor is not asked, and the record says so."""

from dataclasses import replace

from bench import Bench

from models.domain import Attributes, ExtractionOrder, Refusal
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.record import Record
from serve_app.stories.article import Options, photograph

TERSE = Listing("Herren-Bermuda", "Kurze Hose mit elastischem Bund.", "Bermuda", "beige,uni")


async def planned(listing: Listing) -> tuple[Record, list[ExtractionOrder]]:
    """The record of a dry run, and what the extractor was asked."""
    bench, asked = Bench(), list[ExtractionOrder]()
    steps = bench.steps()

    async def extract(order: ExtractionOrder) -> Attributes | Refusal:
        asked.append(order)
        return await steps.extract(order)

    facts = await bench.fleet().about()
    (outcome,) = await photograph(listing, Options(dry_run=True), replace(steps, extract=extract), facts)
    return outcome.record, asked


async def test_an_explained_listing_is_not_shown_to_the_extractor_and_the_record_says_why() -> None:
    record, asked = await planned(TERSE)
    assert asked == []
    assert record.notes == ["extractor: not asked; the lexicon explains every word of the listing"]
    assert record.attributes["product_type"] == "shorts"
    assert "extract" not in record.timings


async def test_one_unknown_word_is_enough_to_ask() -> None:
    record, asked = await planned(replace(TERSE, name="Herren-Bermuda von Velano"))
    assert len(asked) == 1
    assert record.notes == []

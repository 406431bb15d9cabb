"""Listings that need no language model: which they are, and that the ledger is the same without it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.domain import Attributes, ExtractionOrder
from models.marian.recipe import MarianRecipe
from models.phi3.recipe import Phi3Recipe
from serve_app.catalogue import glossary
from serve_app.catalogue.explained import unexplained
from serve_app.catalogue.intake import listing_of
from serve_app.catalogue.ledger import reconcile
from serve_app.catalogue.listing import COLUMNS, Listing
from serve_app.sheets import find, read
from serve_app.stories.article import astext

EXAMPLES = Path(__file__).parents[2] / "examples" / "articles.csv"
DATA = Path(os.environ.get("VITRINE_DATA", "../shared/data")) / "article_sheets"


def rows(*sheets: Path) -> Iterator[Listing]:
    """Each row as it stands and without its copy, as a terse sheet has it."""
    for sheet in find(list(sheets)):
        for row in read(sheet):
            listing = listing_of(dict(zip(COLUMNS, row.values, strict=True)))
            if isinstance(listing, Listing) and listing.name:
                yield from (listing, replace(listing, description=""))


def changed_by_a_model(listings: list[Listing]) -> list[tuple[Any, ...]]:
    """What the starter's extractor changes in the ledgers of these listings."""
    sources = ["\n".join(filter(None, astext(listing))) for listing in listings]
    english = MarianRecipe(threads=1).load().translate([glossary.guard(source, "de") for source in sources])
    told = [glossary.enforce(source, str(said), "de") for source, said in zip(sources, english, strict=True)]
    labelled = ["\n".join(f"{column}: {text}" for column, text in one.columns() if text) for one in listings]
    orders = [ExtractionOrder(source, said) for source, said in zip(labelled, told, strict=True)]
    changed = []
    for listing, order, found in zip(listings, orders, Phi3Recipe(threads=1).load().extract(orders), strict=True):
        assert isinstance(found, Attributes)
        alone, asked = reconcile(listing, order.english), reconcile(listing, order.english, found)
        if (alone.attributes, alone.claims) != (asked.attributes, asked.claims):
            changed.append((listing.name, [claim for claim in asked.claims if claim not in alone.claims]))
    return changed


@pytest.mark.parametrize(
    ("listing", "left"),
    [
        (Listing("Herren-Bermuda", "Kurze Hose mit elastischem Bund.", "Bermuda", "beige,uni"), []),
        (Listing("Damen-Strickjacke", "", "Strickjacke", "cardigan,bordeaux"), []),
        (Listing("Herren-Hemd von Velano", "", "", "blau"), ["velano"]),
        (Listing("Herren-T-Shirt mit Schriftzug", "", "T-Shirt", "blau"), ["lettering"]),
        (Listing("Herren-T-Shirt", "", "T-Shirt", "blue,woven loop label"), ["woven loop label"]),
        (Listing("Kinder-T-Shirt", "", "", '2 Drucke, "Sunny days", blau'), ["sunny", "days"]),
    ],
)
def test_a_word_that_is_unknown_or_unclaimed_is_left(listing: Listing, left: list[str]) -> None:
    assert unexplained(listing) == left


def test_the_ledgers_of_explained_examples_are_the_same_without_a_model() -> None:
    explained = [listing for listing in dict.fromkeys(rows(EXAMPLES)) if not unexplained(listing)]
    assert len(explained) >= 15
    assert changed_by_a_model(explained) == []


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs VITRINE_DATA with article_sheets; {DATA} is no folder")
def test_the_ledgers_of_explained_real_rows_are_the_same_without_a_model() -> None:
    explained = [listing for listing in dict.fromkeys(rows(*DATA.glob("*.xlsx"))) if not unexplained(listing)]
    assert len(explained) >= 10
    assert changed_by_a_model(explained) == []

"""Listings in words of our own: what they state is read, what they do not state stays empty."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from serve_app.catalogue.ledger import reconcile
from serve_app.catalogue.listing import COLUMNS, Listing
from serve_app.catalogue.prompts import audit

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "listings.toml").read_text("utf-8"))["listing"]
SINGLE = ("audience", "product_type", "sleeve", "neckline", "motif_text", "fit", "closure", "length")


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", CASES, ids=named)
def test_exactly_what_is_stated_is_read(case: dict[str, Any]) -> None:
    read = reconcile(Listing(*(case[column] for column in COLUMNS))).attributes
    found = {name: getattr(read, name) for name in SINGLE}
    assert found == {name: case.get(name) for name in SINGLE}
    assert {f"{c.value}:{c.role}" for c in read.colours} == set(case.get("colours", []))
    assert set(read.pattern) == set(case.get("pattern", []))
    assert read.multi_colour_offer == case.get("multi_colour_offer", False)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_every_prompt_fragment_has_its_source(case: dict[str, Any]) -> None:
    listing = Listing(*(case[column] for column in COLUMNS))
    assert audit.faults(listing, reconcile(listing)) == []

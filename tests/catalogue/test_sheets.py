"""The bar on real sheets, with lexicon, shorthand decoder and ledger alone."""

import os
from pathlib import Path
from typing import Any

import pytest

from serve_app.catalogue import evaluation

DATA = Path(os.environ.get("VITRINE_DATA", "../shared/data")) / "article_sheets"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"needs VITRINE_DATA with article_sheets; {DATA} is no folder"),
]


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    pairs = [(DATA / f"article_descriptions_{n}.xlsx", DATA / "labels" / f"sheet_{n}.csv") for n in (1, 2)]
    return evaluation.evaluate(pairs)


@pytest.mark.parametrize(
    ("field", "figure", "least"),
    [
        ("product_type", "exact", 0.98),
        ("audience", "exact", 0.99),
        ("colours", "exact", 0.97),
        ("pattern", "f1", 0.95),
        ("sleeve", "exact", 0.97),
        ("neckline", "exact", 0.95),
        ("motif_text", "recall", 11 / 12),
        ("materials", "f1", 0.9),
    ],
)
def test_the_bar_is_met(figures: dict[str, Any], field: str, figure: str, least: float) -> None:
    assert figures["fields"][field][figure] >= least


def test_no_colour_is_invented(figures: dict[str, Any]) -> None:
    assert figures["fields"]["colours"]["invented"] == 0


def test_duplicates_count_once_over_both_sheets(figures: dict[str, Any]) -> None:
    assert figures["articles"] == 116


def test_no_prompt_holds_an_unsourced_or_unseen_word(figures: dict[str, Any]) -> None:
    assert figures["prompt_faults"] == []

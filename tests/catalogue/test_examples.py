"""The example sheet: two formats with the same rows, and every hard case that it is there to show."""

from pathlib import Path

from models.domain import Refusal
from serve_app.catalogue import policy
from serve_app.catalogue.intake import listing_of, refused
from serve_app.catalogue.ledger import reconcile
from serve_app.catalogue.listing import COLUMNS, Listing
from serve_app.catalogue.policy import Policy
from serve_app.catalogue.record import Question
from serve_app.sheets import find, read

EXAMPLES = Path(__file__).parents[2] / "examples"


def listings(name: str) -> list[Listing]:
    (sheet,) = find([EXAMPLES / name])
    rows = [listing_of(dict(zip(COLUMNS, row.values, strict=True))) for row in read(sheet)]
    return [row for row in rows if isinstance(row, Listing)]


def test_both_formats_hold_the_same_twenty_four_rows() -> None:
    rows = listings("articles.csv")
    assert len(rows) == 24
    assert rows == listings("articles.xlsx")


def test_it_shows_a_duplicate_a_broken_row_and_questions() -> None:
    rows = listings("articles.csv")
    assert len({row.article_id for row in rows}) == 23
    assert [refusal.code for row in rows if isinstance(refusal := refused(row), Refusal)] == ["empty"]
    good = [row for row in rows if refused(row) is None]
    asked = [q for row in good if isinstance(q := policy.complete(reconcile(row), Policy()), Question)]
    assert [question.attribute for question in asked] == ["colours", "colours"]

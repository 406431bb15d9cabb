"""What the users of a load test send."""

import csv
import io
from collections import Counter

from loadtests.marketplace.corpus import COLUMNS, Corpus


def test_a_seed_composes_the_same_listings_and_another_process_none_of_them() -> None:
    first, again, other = ([corpus.listing() for _ in range(40)] for corpus in (Corpus(3), Corpus(3), Corpus(3, 1)))
    assert first == again
    assert not {str(listing) for listing in first} & {str(listing) for listing in other}


def test_adapters_are_asked_for_by_their_rank() -> None:
    corpus = Corpus(1, adapters=(None, "sketch", "room"))
    seen = Counter(corpus.options("draft")["adapter"] for _ in range(2000))
    assert seen[None] > 1.5 * seen["sketch"] > 1.5 * seen["room"] > 0, seen


def test_drafts_are_smaller_than_finals_and_neither_waits_for_an_answer() -> None:
    draft, final = (Corpus(1).options(kind) for kind in ("draft", "final"))
    assert draft["size"] < final["size"]
    assert {draft["policy"], final["policy"]} == {"neutral"}


def test_a_sheet_has_as_many_rows_as_were_asked_for_under_the_columns_of_a_listing() -> None:
    rows = list(csv.DictReader(io.StringIO(Corpus(2).sheet(6).decode(), newline="")))
    assert len(rows) == 6
    assert {tuple(row) for row in rows} == {COLUMNS}


def test_every_bad_request_is_meant_to_be_refused_and_never_with_a_5xx() -> None:
    corpus = Corpus(5)
    asked = [corpus.bad() for _ in range(200)]
    assert all(400 <= code < 500 and code != 429 for ask in asked for code in ask.meant), asked
    assert len({(ask.method, ask.path, str(ask.body)[:40]) for ask in asked}) > 8

"""The verdict's check of stated motif text: what was read against what was stated."""

import numpy as np
import pytest

from models.domain import Attributes, Mask, Picture, Refusal, TextLine
from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict import Evidence, Thresholds, judge, score_of
from serve_app.catalogue.verdict.lettering import compared, distance, likeness, motif_text

BLANK = Picture(np.full((64, 64, 3), 255, np.uint8))
MASK = Mask(np.full((64, 64), 255, np.uint8), 0.9)


def evidence(stated: str | None, *said: str, refused: Refusal | None = None, limit: float = 0.8) -> Evidence:
    reading = refused or tuple(TextLine(text, 0.9, (0, 0, 10, 10)) for text in said)
    return Evidence(BLANK, BLANK, MASK, Attributes(motif_text=stated), Thresholds(text_likeness=limit), reading=reading)


def found(stated: str | None, *said: str) -> Finding:
    return motif_text(evidence(stated, *said))


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("Happy Days", ("HAPPY", "DAYS")),
        ("Sunny days!", ("sunnydays",)),
        ("Süße Grüße", ("SUSSE GRUSSE",)),
        ("No. 1984", ("NO 1984",)),
        ("Rock & Roll", ("ROCK ROLL",)),
        ("World Explorer", ("W0RLD EXPLORER",)),
        ("Team", ("MADE IN PORTUGAL", "TEAM")),
        ("Happy Days", ("GRAPHIC", "HAPPY DAYS", "SINCE 84")),
    ],
)
def test_text_that_reads_as_stated_passes(stated: str, said: tuple[str, ...]) -> None:
    finding = found(stated, *said)
    assert finding.state == "pass", finding
    assert finding.expected == stated


@pytest.mark.parametrize(
    ("stated", "said", "share"),
    [
        ("Happy Days", (), 0.0),
        ("Happy Days", ("HAPPY",), 5 / 9),
        ("Happy Days", ("HAPP", "DAY"), 7 / 9),
        ("Happy Days", ("OCEAN WAVES",), 2 / 9),
        ("Team", ("TEAN",), 0.75),
        ("Happy Days", ("DAYS", "HAPPY"), 5 / 9),
    ],
)
def test_missing_cut_or_other_text_fails_with_the_share_that_stands(
    stated: str, said: tuple[str, ...], share: float
) -> None:
    finding = found(stated, *said)
    assert (finding.state, finding.value, finding.threshold) == ("fail", pytest.approx(share, abs=1e-3), 0.8), finding


def test_a_finding_says_what_was_read_in_both_languages() -> None:
    finding = found("Happy Days", "HAPPY", "DAYZ")
    assert "HAPPY DAYZ" in finding.reason
    assert "HAPPY DAYZ" in finding.reason_de
    assert "no text" in found("Happy Days").reason
    assert "kein Text" in found("Happy Days").reason_de


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (evidence(None, "TEAM"), "states no text"),
        (evidence("Team", refused=Refusal("no_reader", "nothing here reads text")), "nothing here reads text"),
        (evidence("!?", "!?"), "no letters"),
        (Evidence(BLANK, BLANK, MASK, Attributes(motif_text="Team"), Thresholds()), "was not read"),
    ],
    ids=["not stated", "no reader", "signs only", "not asked"],
)
def test_what_cannot_be_told_is_unknown_and_says_why(seen: Evidence, why: str) -> None:
    finding = motif_text(seen)
    assert finding.state == "unknown"
    assert why in finding.reason
    assert finding.reason_de


def test_the_limit_is_the_packs() -> None:
    seen = [evidence("Team", "TEAN", limit=limit) for limit in (0.7, 0.8)]
    assert [motif_text(one).state for one in seen] == ["pass", "fail"]


def test_a_missing_text_costs_as_much_as_any_missing_element_of_the_design() -> None:
    right, wrong = (judge(evidence("Team", said)) for said in ("TEAM", "OCEAN"))
    assert score_of(right) - score_of(wrong) == pytest.approx(1.5)


def test_only_letters_and_digits_are_compared() -> None:
    assert compared("Süße  Grüße, No. 1!") == "sussegrusseno1"


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("abc", "abc", 0)],
)
def test_the_distance_is_levenshteins(one: str, other: str, wanted: int) -> None:
    assert distance(one, other) == distance(other, one) == wanted


def test_likeness_never_leaves_its_range() -> None:
    assert likeness("a", "something else entirely") == 0.0
    assert likeness("team", "team") == 1.0

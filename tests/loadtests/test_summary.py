"""What is said of a comparison is what its rounds gave."""

import pytest

from loadtests.cpu_suite.__main__ import without_rounds
from loadtests.cpu_suite.summary import ratio, summed, table

ROUNDS = {
    "threads": [
        {"goodput_per_s": 1.0, "outcomes": {"ok": 2}},
        {"goodput_per_s": 3.0, "outcomes": {"ok": 1, "late": 1}},
    ],
    "litserve": [{"goodput_per_s": 4.0, "outcomes": {"ok": 4}}, {"goodput_per_s": 4.0, "outcomes": {"ok": 4}}],
    "vitrine": [{"goodput_per_s": 6.0, "outcomes": {"ok": 6}}, {"goodput_per_s": 8.0, "p95_s": None, "outcomes": {}}],
}
FOUND = {"systems": {name: summed(rounds) for name, rounds in ROUNDS.items()}, "rounds": ROUNDS}


def test_median_and_range_are_over_the_rounds_and_outcomes_add_up() -> None:
    threads = FOUND["systems"]["threads"]
    assert threads["goodput_per_s"] == {"median": 2.0, "min": 1.0, "max": 3.0}
    assert threads["outcomes"] == {"ok": 3, "late": 1}


def test_the_ratio_is_against_the_best_peer() -> None:
    assert ratio(FOUND, "goodput_per_s", ["threads", "litserve"]) == ("litserve", 7.0 / 4.0)


def test_a_peer_without_any_goodput_gives_no_ratio() -> None:
    none = {
        "systems": {"threads": summed([{"goodput_per_s": 0.0, "outcomes": {}}]), "vitrine": FOUND["systems"]["vitrine"]}
    }
    assert ratio(none, "goodput_per_s", ["threads"]) == ("threads", None)


def test_a_figure_that_nobody_has_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    table(FOUND, ("goodput_per_s", "p95_s"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[3].split()[:4] == ["vitrine", "7.00", "(6.00-8.00)", "-"]


def test_the_last_line_leaves_the_rounds_out() -> None:
    whole = {"scale": {"rounds": 5}, "article": FOUND}
    short = without_rounds(whole)
    assert short["scale"] == {"rounds": 5}
    assert short["article"].keys() == {"systems"}

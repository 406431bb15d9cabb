"""The report of a calibration stands by itself and shows what the calibration says."""

import re

import numpy as np
import pytest
from sellers import MODELS, Numbers, documents, logistic, seller

from serve_app.calibration.curve import Bin, Curve
from serve_app.calibration.decided import Decided, decided
from serve_app.calibration.figures import SIDE, WIDTH, dots, ranged
from serve_app.calibration.learning import calibrate
from serve_app.calibration.page import Agreement, agreement, page
from serve_app.calibration.shares import Share


@pytest.fixture(scope="module")
def decisions() -> list[Decided]:
    return seller(logistic(18.0, 1.0), 900, spread=24.0)


def test_the_page_shows_the_limit_its_interval_and_what_was_refused(decisions: list[Decided]) -> None:
    made = calibrate(decisions)
    shown = page(made, decisions)
    check = made.checks["colours"]
    low, high = (f"{100 * end:.2f} %" for end in check.interval)
    for text in (f"<b>{check.threshold:.4g}</b>", f"{low} to {high}", "not calibrated: 0 pictures rejected for it"):
        assert text in shown, text
    for digest in MODELS.values():
        assert digest in shown
    assert shown.count('class="learnt') >= 4
    assert f"Correlation with approval <b>{made.correlation['clip_score'].r:.2f}</b>" in shown


def test_the_page_fetches_nothing_and_runs_nothing(decisions: list[Decided]) -> None:
    shown = page(calibrate(decisions), decisions)
    assert "default-src 'none'" in shown
    assert not re.search(r"<script|https?://|url\(|\son\w+=|\sstyle=", shown)


def test_agreement_counts_each_way_to_agree_and_to_differ() -> None:
    values: Numbers = np.array([1.0, 2.0, 20.0, 21.0, 22.0])
    found = decided(documents(values, np.array([False, True, False, True, True])))
    assert agreement(found, {}) == Agreement(both=1, only_verdict=1, only_seller=1, neither=2)
    assert agreement(found, {"colour_delta_e": 30.0}) == Agreement(2, 3, 0, 0)
    assert agreement(found, {}).share == pytest.approx(0.6)


def test_a_dot_stands_where_its_bin_was_and_its_whisker_spans_the_interval() -> None:
    low, high = Share(30, 40).interval
    (dot,) = dots([Bin(0.9, Share(30, 40))])
    assert (dot.x, dot.y, dot.few) == (round(0.9 * SIDE, 2), round(0.25 * SIDE, 2), False)
    assert (dot.low, dot.high) == pytest.approx((SIDE * (1 - low), SIDE * (1 - high)), abs=0.01)


def test_a_range_holds_both_limits_and_every_picture() -> None:
    values, accepted = np.arange(200.0), np.arange(200) < 150
    found = ranged(values, accepted, Curve((0.0, 199.0), (1.0, 0.0)), [-40.0, 150.0])
    assert 0 < found.at(-40.0) < found.at(150.0) < WIDTH
    counted = [int(bar.says.split()[0]) for bar in found.accepted], [int(bar.says.split()[0]) for bar in found.rejected]
    assert (sum(counted[0]), sum(counted[1])) == (150, 50)


def test_values_that_are_all_the_same_still_make_a_figure() -> None:
    found = ranged(np.zeros(30), np.arange(30) < 20, Curve((0.0,), (0.66,)), [0.0])
    assert len(found.accepted) == len(found.rejected) == 1

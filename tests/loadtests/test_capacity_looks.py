"""What the capacity check makes of looks at a service, of rounds, and of shares of a saturation."""

import pytest

from loadtests.capacity.__main__ import CURVES, Figures, Went, curves
from loadtests.capacity.seen import Look, pace, together
from serve_app.capacity.fitting import Article, Observations


def look(total_s: float, renderer_s: float, background: float, borne: dict[int, float]) -> Look:
    articles = [Article({"render": total_s / 2}, 1, total_s)] * 3
    return Look(Observations(articles, {"renderer": renderer_s}, 2.0, background), borne)


def test_costs_of_two_looks_are_those_of_both() -> None:
    found = together([look(0.6, 0.3, 0.2, {2: 2.4, 12: 2.8}), look(0.8, 0.4, 0.3, {2: 2.0, 12: 2.2})])
    assert found.borne == {2: pytest.approx(2.2), 12: pytest.approx(2.5)}
    assert [article.total_s for article in found.seen.articles] == [0.6] * 3 + [0.8] * 3
    assert found.seen.busy_s == {"renderer": pytest.approx(0.35)}
    assert found.seen.background == pytest.approx(0.25)


def test_the_pace_of_a_time_is_what_clients_got_then() -> None:
    usual, slow = (look(0.6, 0.3, 0.2, borne) for borne in ({2: 2.4, 12: 3.0}, {2: 2.0, 12: 2.5}))
    assert pace(usual, slow) == pytest.approx(1.2)
    assert pace(usual, usual) == pytest.approx(1.0)


def test_percentiles_are_those_of_all_rounds() -> None:
    found = Figures.of([Went([1.0] * 19, 10.0), Went([3.0], 10.0)])
    assert (found.p50_s, found.p95_s, found.per_s) == (1.0, 1.0, 1.0)
    assert Figures.of([Went([1.0] * 18, 10.0), Went([3.0] * 2, 10.0)]).p95_s == 3.0


def test_curves_are_shares_of_the_saturation_and_end() -> None:
    found = curves(120.0, 2.0)
    assert set(found) == set(CURVES)
    for name, shares in CURVES.items():
        arrivals = found[name].arrivals({"article": 1.0}, 0)
        mean_per_s = 2.0 * sum(shares) / len(shares)
        assert len(arrivals) == pytest.approx(120.0 * mean_per_s, rel=0.35)
        assert max(arrival.at_s for arrival in arrivals) <= 120.0

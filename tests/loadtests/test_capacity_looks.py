"""What the capacity check makes of two looks at a service, and of shares of a saturation."""

import pytest

from loadtests.capacity.__main__ import CURVES, curves
from loadtests.capacity.seen import Look, between
from serve_app.capacity.fitting import Article, Observations


def look(total_s: float, renderer_s: float, background: float, bears: float) -> Look:
    articles = [Article({"render": total_s / 2}, 1, total_s)] * 3
    return Look(Observations(articles, {"renderer": renderer_s}, 2.0, background), bears)


def test_costs_between_two_looks_are_those_of_both() -> None:
    found = between(look(0.6, 0.3, 0.2, 2.8), look(0.8, 0.4, 0.3, 2.2))
    assert found.bears == pytest.approx(2.5)
    assert [article.total_s for article in found.seen.articles] == [0.6] * 3 + [0.8] * 3
    assert found.seen.busy_s == {"renderer": pytest.approx(0.35)}
    assert found.seen.background == pytest.approx(0.25)


def test_curves_are_shares_of_the_saturation_and_end() -> None:
    found = curves(120.0, 2.0)
    assert set(found) == set(CURVES)
    for name, shares in CURVES.items():
        arrivals = found[name].arrivals({"article": 1.0}, 0)
        mean_per_s = 2.0 * sum(shares) / len(shares)
        assert len(arrivals) == pytest.approx(120.0 * mean_per_s, rel=0.35)
        assert max(arrival.at_s for arrival in arrivals) <= 120.0

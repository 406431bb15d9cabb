"""What the capacity check makes of looks at a service, of rounds, and of shares of a saturation."""

import pytest

from loadtests.capacity.__main__ import CURVES, Figures, Went, curves
from loadtests.capacity.seen import Look, Spent, Usual, together
from serve_app.capacity.fitting import Article, Observations

ARTICLE_S, REST = 0.5, 0.2


def look(times: float) -> Look:
    """Of a machine that takes so many times as long for everything."""
    articles = [Article({"render": 0.3 * times}, 1, 0.6 * times)] * 10
    seen = Observations(articles, {"renderer": 0.25 * times}, 2.0, REST * times)
    spent = {2: worked(40, 14.0, times), 12: worked(60, 20.0, times)}
    return Look(seen, worked(10, 13.0, times), {2: 2.4 / times, 12: 3.0 / times}, spent)


def worked(articles: int, seconds: float, times: float) -> Spent:
    return Spent(times * (articles * ARTICLE_S + seconds * REST), articles, seconds)


def test_looks_at_a_fast_and_at_a_slow_machine_are_those_of_the_one_between() -> None:
    found, borne = together([look(0.8), look(1.2)])
    assert {round(article.total_s, 6) for article in found.articles} == {0.6}
    assert {round(article.timings["render"], 6) for article in found.articles} == {0.3}
    assert found.busy_s == {"renderer": pytest.approx(0.25)}
    assert found.background == pytest.approx(REST)
    assert borne == {2: pytest.approx(2.4), 12: pytest.approx(3.0)}


def test_the_pace_of_a_time_is_what_the_service_spent_in_it_over_what_it_usually_spends() -> None:
    usual = Usual.of([look(0.8), look(1.2)])
    assert usual.article_s == pytest.approx(ARTICLE_S)
    for articles in (3, 30):
        assert usual.pace(worked(articles, 10.0, 1.2)) == pytest.approx(1.2), "what it spends at rest is no slowness"


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

"""The interval of a trial holds over all looks together, and a real difference is found."""

import numpy as np
import pytest
from scipy.stats import binom

from serve_app.publications.publication import Variant, assigned, rivals
from serve_app.publications.results import results
from serve_app.publications.trial import Arm, Comparison, compared

SETS, LOOKS, SHOWN = 400, 60, 500  # impressions per arm and look


def trial(rates: tuple[float, float], seed: int, shown: tuple[int, int] = (SHOWN, SHOWN)) -> list[Comparison]:
    """What is seen at every look."""
    rng = np.random.default_rng(seed)
    sums = [np.cumsum(rng.binomial(count, rate, LOOKS)) for count, rate in zip(shown, rates, strict=True)]
    shares = [count / sum(shown) for count in shown]
    return [
        compared(*(Arm((look + 1) * shown[k], int(sums[k][look]), shares[k]) for k in (0, 1))) for look in range(LOOKS)
    ]


@pytest.mark.parametrize("shown", [(500, 500), (800, 200)])
@pytest.mark.parametrize("rates", [(0.03, 0.03), (0.06, 0.05), (0.01, 0.02)])
def test_an_interval_misses_the_true_ratio_at_any_look_in_at_most_five_of_a_hundred_trials(
    rates: tuple[float, float], shown: tuple[int, int]
) -> None:
    ratio = rates[0] / rates[1]

    def missed(seed: int) -> bool:
        return any(not each.low <= ratio <= (each.high or np.inf) for each in trial(rates, seed, shown))

    count = sum(missed(seed) for seed in range(SETS))
    assert count <= binom.isf(0.001, SETS, 0.05), f"{count} of {SETS} trials"


def test_a_better_picture_is_found_and_the_sooner_the_better_it_is() -> None:
    def looks(lift: float) -> float:
        found = [[each.state for each in trial((0.05 * lift, 0.05), seed)] for seed in range(60)]
        assert sum("better" in states for states in found) >= 57
        return float(np.median([states.index("better") for states in found if "better" in states]))

    assert looks(1.6) < looks(1.3) < 40


def test_two_that_are_alike_are_called_so_after_enough_events() -> None:
    assert compared(Arm(10_000, 500), Arm(10_000, 500)).state == "open"
    assert compared(Arm(1_000_000, 50_000), Arm(1_000_000, 50_000)).state == "alike"


@pytest.mark.parametrize("arms", [(Arm(0, 0), Arm(10, 1)), (Arm(10, 0), Arm(10, 0)), (Arm(10, 3), Arm(10, 0))])
def test_too_little_says_nothing_and_never_breaks(arms: tuple[Arm, Arm]) -> None:
    found = compared(*arms)
    assert (found.state, found.ratio) == ("open", None)
    assert found.low <= 1.0


def test_swapping_the_arms_turns_the_interval_round() -> None:
    one, other = Arm(4000, 300, 0.8), Arm(1000, 50, 0.2)
    here, there = compared(one, other), compared(other, one)
    assert here.high is not None
    assert (here.low, here.high) == pytest.approx((1 / (there.high or 0), 1 / there.low), rel=1e-6)


def test_several_variants_are_compared_with_the_first_of_their_audience_and_all_have_to_be_decided() -> None:
    variants = [Variant("a", "p1"), Variant("b", "p2"), Variant("c", "p3", "men"), Variant("d", "p4", "men")]
    counts = {(name, "impression"): 10_000 for name in "abcd"}
    counts |= {("a", "click"): 300, ("b", "click"): 500, ("c", "click"): 300, ("d", "click"): 310}
    found = results(variants, counts, "click")
    assert [(duel.variant, duel.against, duel.found.state) for duel in found.duels] == [
        ("b", "a", "better"), ("d", "c", "open"),
    ]  # fmt: skip
    assert (found.stop, found.best) == (False, {None: "b"})
    assert results(variants[:2], counts, "click").stop
    assert not results(variants[:1], counts, "click").stop


def test_shoppers_who_say_not_as_pictured_raise_an_alarm_where_it_is_surely_too_often() -> None:
    def said(reports: int, sold: int) -> str:
        counts = {("a", "conversion"): sold, ("a", "report"): reports}
        return results([Variant("a", "p")], counts, "click").variants[0].as_pictured

    assert [said(0, 0), said(1, 20), said(0, 1000), said(40, 1000), said(5, 3)] == [
        "unknown", "unknown", "fine", "alarm", "alarm",
    ]  # fmt: skip


def test_more_clicks_than_impressions_are_no_rate() -> None:
    (found,) = results([Variant("a", "p")], {("a", "impression"): 2, ("a", "click"): 3}, "click").variants
    assert (found.click_rate, found.counts["click"]) == (None, 3)


def test_a_visitor_sees_the_same_variant_and_visitors_are_shared_by_weight() -> None:
    variants = [Variant("a", "p1", share=3.0), Variant("b", "p2", share=1.0)]
    seen = [assigned("pub_1", variants, f"visitor {number}").name for number in range(4000)]
    assert seen == [assigned("pub_1", variants, f"visitor {number}").name for number in range(4000)]
    assert 0.72 < seen.count("a") / 4000 < 0.78
    other = [assigned("pub_2", variants, f"visitor {number}").name for number in range(4000)]
    both = sum(one == two for one, two in zip(seen, other, strict=True)) / 4000
    assert 0.58 < both < 0.67, "two publications are drawn apart: .75² + .25²"


def test_an_audience_sees_its_own_variants_and_everybody_else_those_for_all() -> None:
    variants = [Variant("a", "p1"), Variant("b", "p2", "men")]
    assert [each.name for each in rivals(variants, "men")] == ["b"]
    assert [each.name for each in rivals(variants, "women")] == ["a"]
    assert [each.name for each in rivals(variants, None)] == ["a"]

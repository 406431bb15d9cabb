"""Known curves are found again, and what is said of a limit is true as often as it claims to be."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binom
from sellers import GRID, Numbers, logistic, stepped, true_rate

from serve_app.calibration import curve
from serve_app.calibration.limits import LIMITS
from serve_app.calibration.rates import Chosen, TooFewError, chosen, enough
from serve_app.calibration.shares import Share

DISTANCE, MARGIN = LIMITS["colours"], LIMITS["sleeve"]
SETS = 400
MINDS = {
    "soft": logistic(18.0, 1.5),
    "sharp": stepped(17.0, 0.002, 0.5),
    "noisy": logistic(20.0, 1.2, floor=0.006),
    "rare": logistic(29.5, 0.2, floor=0.003),
    "hopeless": stepped(40.0, 0.03, 0.03),
    "hardly": lambda value: 0.0027 * value,
}


def drawn(rejects: Callable[[Numbers], Numbers], count: int, seed: int) -> tuple[Numbers, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.0, 30.0, count)
    return values, rng.random(count) >= rejects(values)


def tried(rejects: Callable[[Numbers], Numbers], count: int, seed: int) -> Chosen | None:
    try:
        return chosen(*drawn(rejects, count, seed), DISTANCE, 0.02)
    except TooFewError:
        return None


@pytest.mark.parametrize(("count", "of"), [(0, 10), (3, 400), (400, 400), (57, 60)])
def test_an_interval_ends_where_the_binomial_tails_hold_two_and_a_half_percent(count: int, of: int) -> None:
    low, high = Share(count, of).interval
    assert low == 0.0 if count == 0 else binom.sf(count - 1, of, low) == pytest.approx(0.025)
    assert high == 1.0 if count == of else binom.cdf(count, of, high) == pytest.approx(0.025)


@pytest.mark.parametrize("name", MINDS)
@pytest.mark.parametrize("count", [400, 2000])
def test_an_interval_misses_the_true_rate_in_at_most_five_of_a_hundred_calibrations(name: str, count: int) -> None:
    found = [tried(MINDS[name], count, seed) for seed in range(SETS)]
    rates = [(one, true_rate(MINDS[name], one.threshold)) for one in found if one is not None]
    missed = sum(not one.false_accepts.interval[0] <= rate <= one.false_accepts.interval[1] for one, rate in rates)
    above = sum(rate > 0.02 for _, rate in rates)
    assert missed / SETS <= 0.05, f"{missed} of {SETS} intervals miss"
    # 2.5 % are promised; so many of 400 sets are seen with a chance of one in a thousand
    assert above <= binom.isf(0.001, SETS, 0.025), f"{above} of {SETS} limits let more than 2 % through"


def test_a_limit_comes_close_to_the_loosest_that_is_right_and_closer_with_more_decisions() -> None:
    rates = {value: true_rate(MINDS["sharp"], value) for value in GRID[::100]}
    loosest = max(value for value, rate in rates.items() if rate <= 0.02)
    away = {}
    for count in (1000, 8000):
        limits = [one.threshold for seed in range(20) if (one := tried(MINDS["sharp"], count, seed))]
        assert len(limits) >= 19
        away[count] = loosest - float(np.median(limits))
    assert 0 <= away[8000] < away[1000] < 2.5, away


def test_the_same_decisions_on_a_scale_that_runs_the_other_way_give_the_same_limit() -> None:
    values, accepted = drawn(MINDS["sharp"], 2000, 1)
    here, there = chosen(values, accepted, DISTANCE, 0.02), chosen(-values, accepted, MARGIN, 0.02)
    assert (here.threshold, here.false_accepts) == (-there.threshold, there.false_accepts)


def test_what_sellers_rather_reject_is_stopped_although_the_target_would_bear_it() -> None:
    rates = []
    for seed in range(20):
        values, accepted = drawn(stepped(29.7, 0.0, 0.9), 4000, seed)  # one in a hundred is wrong: less than the target
        found = chosen(values, accepted, DISTANCE, 0.02)
        assert found.false_rejects.of == accepted.sum()
        rates.append(abs(found.threshold - 29.7))
    assert max(rates) < 0.1, rates


def test_equal_values_stay_on_one_side() -> None:
    values = np.repeat([1.0, 2.0, 3.0], 300)
    accepted = np.ones(900, dtype=bool)
    accepted[700:] = False
    found = chosen(values, accepted, DISTANCE, 0.02)
    assert (found.threshold, found.false_accepts) == (2.5, Share(0, 600))


@pytest.mark.parametrize("target", [0.02, 0.05, 0.005])
def test_so_few_pictures_as_show_nothing_give_no_limit(target: float) -> None:
    least = enough(target)
    assert Share(0, least).interval[1] <= target < Share(0, least - 1).interval[1]
    accepted = np.ones(least - 1, dtype=bool)
    accepted[-10:] = False
    with pytest.raises(TooFewError, match=f"{least - 1} pictures decided; a rate below {target:g} takes {least}"):
        chosen(np.arange(least - 1.0), accepted, DISTANCE, target)


def test_without_pictures_that_were_rejected_there_is_no_limit_however_many_were_approved() -> None:
    accepted = np.ones(5000, dtype=bool)
    accepted[-9:] = False
    with pytest.raises(TooFewError, match="9 pictures rejected for it; 10 show where wrong begins"):
        chosen(np.arange(5000.0), accepted, DISTANCE, 0.02)


def test_a_seller_who_rejects_regardless_of_the_value_gets_no_limit_but_the_count() -> None:
    with pytest.raises(TooFewError, match=r"of the 500 best were rejected for it; no limit .* is surely below 0\.02"):
        chosen(*drawn(stepped(40.0, 0.3, 0.3), 1000, 0), DISTANCE, 0.02)


@pytest.mark.parametrize("name", ["soft", "sharp", "noisy"])
@pytest.mark.parametrize("rising", [False, True])
def test_a_known_curve_is_recovered(name: str, rising: bool) -> None:
    values, accepted = drawn(MINDS[name], 4000, 2)
    at = GRID[500:-500:500]  # at its very ends an isotonic curve follows the last few decisions
    sign = -1.0 if rising else 1.0
    found = curve.fitted(sign * values, accepted, rising).at(sign * at)
    assert np.abs(found - (1 - MINDS[name](at))).mean() < 0.025, found.round(2)
    assert (np.diff(sign * found) * (1 if rising else -1) >= 0).all()


def test_a_curve_knows_nothing_outside_what_was_seen() -> None:
    learnt = curve.fitted(np.array([1.0, 2.0, 3.0]), np.array([True, True, False]), rising=False)
    assert learnt.at(np.array([-9.0, 99.0])).tolist() == [1.0, 0.0]


def test_what_is_held_out_is_predicted_reliably_where_the_bare_limit_was_not() -> None:
    values, accepted = drawn(logistic(12.0, 4.0), 3000, 3)
    claimed = curve.reliability((values <= 16.0).astype(float), accepted)
    learnt = curve.reliability(curve.held_out(values, accepted, rising=False), accepted)
    before, after = curve.calibration_error(claimed), curve.calibration_error(learnt)
    assert before > 0.15
    assert after < 0.03
    assert sum(one.accepted.of for one in learnt) == 3000


def test_held_out_predictions_of_coin_tosses_do_not_know_the_coins() -> None:
    values, accepted = drawn(stepped(40.0, 0.5, 0.5), 2000, 4)
    predicted = curve.held_out(values, accepted, rising=False)
    assert abs(float(np.corrcoef(predicted, accepted)[0, 1])) < 0.06
    own = curve.fitted(values, accepted, rising=False).at(values)
    assert float(np.corrcoef(own, accepted)[0, 1]) > 0.06, "the curve's own coins are known to it"

"""The alarm is as rare as it says while nothing drifts, and soon there when something does."""

import numpy as np
import pytest

from serve_app.calibration.drift import BETWEEN_ALARMS, watched
from serve_app.calibration.shares import Share

BEFORE = Share(50, 1000)
SET = 60  # streams per case


def stream(rate: float, count: int, seed: int) -> list[bool]:
    return [bool(each) for each in np.random.default_rng(seed).random(count) < rate]


@pytest.mark.parametrize("rate", [BEFORE.rate, BEFORE.interval[1]])
def test_without_drift_there_are_at_least_so_many_decisions_between_two_alarms(rate: float) -> None:
    often = 300  # the same test with a shorter stated distance, which a simulation can reach
    runs = [watched(stream(rate, 3000, seed), BEFORE, often).alarm_after for seed in range(SET)]
    reached = [run or 3000 for run in runs]
    assert np.mean(reached) >= often, np.mean(reached)


def test_at_the_stated_distance_hardly_a_stream_of_two_thousand_raises_an_alarm() -> None:
    alarms = sum(watched(stream(BEFORE.interval[1], 2000, seed), BEFORE).alarm_after is not None for seed in range(SET))
    # Wald: 2,000 decisions of 10,000 on average between two alarms
    assert alarms <= 0.2 * SET, alarms


@pytest.mark.parametrize(("rate", "within"), [(0.12, 600), (0.25, 120), (0.6, 40)])
def test_drift_is_found_within_a_stated_number_of_decisions_even_after_a_long_quiet_time(
    rate: float, within: int
) -> None:
    late = []
    for seed in range(SET):
        alarm = watched(stream(BEFORE.rate, 500, seed) + stream(rate, 4000, seed + 1000), BEFORE).alarm_after
        assert alarm is not None, seed
        late.append(alarm - 500)
    assert np.median(late) <= within, np.median(late)


def test_a_calibration_from_few_decisions_is_given_the_benefit_of_the_doubt() -> None:
    risen = stream(0.15, 300, 3)
    assert watched(risen, Share(5, 100)).alarm_after is None
    assert watched(risen, Share(500, 10_000)).alarm_after is not None


def test_what_was_seen_is_told_with_the_last_decisions_apart() -> None:
    found = watched([True] * 5 + [False] * 300, BEFORE)
    assert (found.disagreements, found.recent, found.alarm_after) == (Share(5, 305), Share(0, 200), None)
    nothing = watched([], BEFORE)
    assert (nothing.evidence, nothing.alarm_after, nothing.disagreements.rate) == (0.0, None, 0.0)


def test_an_alarm_stays_although_verdict_and_seller_agree_again() -> None:
    found = watched([True] * 20 + [False] * 2000, BEFORE)
    assert found.alarm_after is not None
    assert found.evidence < BETWEEN_ALARMS

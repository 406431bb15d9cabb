"""The last minute, kept in memory."""

import pytest

from models.telemetry.metrics import JOBS_ENDED, QUEUE_JOBS, STAGE_SECONDS
from models.telemetry.recent import WINDOW_S, Recent, Tally, of, together

RENDER = {"stage": "render", "part": "whole"}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def times(*seconds: float) -> Recent:
    recent = Recent()
    for one in seconds:
        recent(STAGE_SECONDS, one, RENDER)
    return recent


def test_what_is_older_than_a_minute_is_forgotten() -> None:
    clock = Clock()
    recent = Recent(clock)
    recent(STAGE_SECONDS, 1.0, RENDER)
    clock.now += WINDOW_S / 2
    recent(STAGE_SECONDS, 2.0, RENDER)
    ((_, both),) = of(recent.tallies(), STAGE_SECONDS)
    clock.now += WINDOW_S / 2 + 1
    ((_, later),) = of(recent.tallies(), STAGE_SECONDS)
    clock.now += WINDOW_S
    assert (both.count, later.count, later.total) == (2, 1, 2.0)
    assert recent.tallies() == {}


def test_quantiles_lie_in_the_bucket_of_the_true_ones() -> None:
    tally = next(tally for _, tally in of(times(*(0.001 * n for n in range(1, 1001))).tallies(), STAGE_SECONDS))
    p50, p95 = tally.quantile(0.5, STAGE_SECONDS.edges), tally.quantile(0.95, STAGE_SECONDS.edges)
    assert p50 == pytest.approx(0.5, rel=0.05)
    assert p95 == pytest.approx(0.95, rel=0.05)


def test_nothing_has_no_quantile_and_what_is_above_all_buckets_is_at_the_last_edge() -> None:
    assert Tally().quantile(0.5, STAGE_SECONDS.edges) is None
    ((_, tally),) = of(times(5000.0).tallies(), STAGE_SECONDS)
    assert tally.quantile(0.5, STAGE_SECONDS.edges) == STAGE_SECONDS.edges[-1]


def test_two_conductors_add_up() -> None:
    one, other = times(0.1, 0.2), times(0.3)
    other(JOBS_ENDED, 1.0, {"kind": "article", "lane": "interactive", "state": "failed"})
    whole = together([one.tallies(), other.tallies()])
    ((tags, tally),) = of(whole, STAGE_SECONDS)
    assert tags == RENDER
    assert (tally.count, sum(tally.buckets)) == (3, 3)
    assert tally.total == pytest.approx(0.6)
    assert len(list(of(whole, JOBS_ENDED))) == 1


def test_a_gauge_is_not_counted() -> None:
    recent = Recent()
    recent(QUEUE_JOBS, 7.0, {"lane": "interactive"})
    assert recent.tallies() == {}

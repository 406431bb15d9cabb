"""How many replicas a stage gets for the work that waits and the work that is on its way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ray.serve.autoscaling_policy import _apply_delay_logic
from ray.serve.config import AutoscalingConfig

from serve_app.autoscaling.policy import NO_DEMAND, Bounds, Demand, Memory, Observed, delayed, needed, wanted

BOUNDS = Bounds(min_replicas=1, max_replicas=32, utilisation=0.8, drain_s=10, catalogue_drain_s=600, down_delay_s=60)
ZERO = Bounds(min_replicas=0, max_replicas=4, down_delay_s=60, zero_delay_s=300)


def seen(urgent: Demand = NO_DEMAND, catalogue: Demand = NO_DEMAND, replicas: int = 1, **more: float) -> Observed:
    return Observed(more.pop("now_s", 0.0), replicas, urgent, catalogue, **more)


@pytest.mark.parametrize(
    ("demand", "replicas"),
    [
        (Demand(), 1),
        (Demand(arriving_s_per_s=0.8), 1),
        (Demand(arriving_s_per_s=0.81), 2),
        (Demand(queued_s=8.0), 1),
        (Demand(queued_s=8.1), 2),
        (Demand(queued_s=40.0, arriving_s_per_s=4.0), 10),
        (Demand(queued_s=1e6), 32),
    ],
)
def test_replicas_do_what_waits_and_what_comes_within_the_drain_time(demand: Demand, replicas: int) -> None:
    assert needed(seen(demand, replicas=max(1, replicas // 2)), BOUNDS) == replicas


def test_a_wave_upstream_asks_for_replicas_before_it_arrives() -> None:
    assert needed(seen(Demand(ahead_s=80.0), replicas=5), BOUNDS) == 10


def test_upstream_work_that_the_rate_foretold_is_not_counted_twice() -> None:
    steady, wave = Demand(arriving_s_per_s=4.0), Demand(ahead_s=30.0, arriving_s_per_s=4.0)
    assert needed(seen(wave, replicas=5), BOUNDS) == needed(seen(steady, replicas=5), BOUNDS) == 5


def test_one_long_call_asks_for_no_more_than_one_more_replica() -> None:
    assert needed(seen(Demand(queued_s=60.0), in_flight_s=60.0, cost_s=60.0), BOUNDS) == 2


def test_a_catalogue_may_take_its_time_and_leaves_the_reserve_to_who_waits() -> None:
    rows, live = Demand(queued_s=960.0), Demand(arriving_s_per_s=2.4)
    assert needed(seen(catalogue=rows), BOUNDS) == 2
    reserved = Bounds(max_replicas=32, reserve=1.0)
    assert needed(seen(catalogue=rows, replicas=3), reserved) == 3
    assert needed(seen(urgent=live, catalogue=rows, replicas=3), reserved) == 6
    assert needed(seen(urgent=live, replicas=3), reserved) == 3, "without a catalogue nothing is reserved"


def test_a_catalogue_under_way_does_not_slow_the_growth_for_who_waits() -> None:
    rows = Demand(queued_s=960.0)
    alone = needed(seen(Demand(queued_s=80.0), replicas=8), BOUNDS)
    assert needed(seen(Demand(queued_s=80.0), rows, replicas=8), BOUNDS) == alone + 2


def test_a_wave_doubles_the_replicas_from_one_look_to_the_next_until_there_are_enough() -> None:
    sizes, replicas, memory = [], 1, Memory()
    for second in range(5):
        replicas, memory = wanted(seen(Demand(queued_s=80.0), replicas=replicas, now_s=float(second)), BOUNDS, memory)
        sizes.append(replicas)
    assert sizes == [2, 4, 8, 10, 10]
    assert needed(seen(Demand(queued_s=80.0), replicas=0), BOUNDS) == 2


def test_growth_is_immediate_and_shrinking_waits_and_takes_half_at_most() -> None:
    replicas, memory = wanted(seen(Demand(queued_s=64.0), replicas=4), BOUNDS)
    assert replicas == 8
    sizes = []
    for second in range(0, 241, 10):
        replicas, memory = wanted(seen(replicas=replicas, now_s=float(second)), BOUNDS, memory)
        sizes.append(replicas)
    assert sizes[:6] == [8] * 6
    assert list(dict.fromkeys(sizes)) == [8, 4, 2, 1]


def test_a_lull_that_is_interrupted_begins_anew() -> None:
    _, memory = wanted(seen(replicas=2, now_s=0.0), BOUNDS)
    _, memory = wanted(seen(Demand(arriving_s_per_s=1.0), replicas=2, now_s=50.0), BOUNDS, memory)
    replicas, _ = wanted(seen(replicas=2, now_s=61.0), BOUNDS, memory)
    assert replicas == 2


def test_the_last_replica_goes_only_where_none_is_allowed_and_after_its_own_delay() -> None:
    assert wanted(seen(replicas=1, now_s=400.0), BOUNDS, Memory(-1, 0.0))[0] == 1
    assert wanted(seen(replicas=1, now_s=299.0), ZERO, Memory(-1, 0.0))[0] == 1
    assert wanted(seen(replicas=1, now_s=300.0), ZERO, Memory(-1, 0.0))[0] == 0
    assert wanted(seen(replicas=1, now_s=300.0, in_flight_s=0.1), ZERO, Memory(-1, 0.0))[0] == 1


def test_the_first_replica_is_not_delayed() -> None:
    slow = Bounds(min_replicas=0, max_replicas=4, up_delay_s=30)
    assert wanted(seen(Demand(queued_s=0.1), replicas=0), slow)[0] == 1
    assert wanted(seen(Demand(queued_s=16.0), replicas=1), slow)[0] == 1


@given(
    st.lists(st.tuples(st.integers(0, 9), st.floats(0.05, 40)), min_size=1, max_size=60),
    st.sampled_from([0.0, 5.0]),
    st.sampled_from([None, 0.0, 25.0]),
)
def test_delays_are_those_that_serve_applies(needs: list[tuple[int, float]], up_s: float, zero_s: float | None) -> None:
    bounds = Bounds(min_replicas=0, max_replicas=9, up_delay_s=up_s, down_delay_s=12.0, zero_delay_s=zero_s)
    config = AutoscalingConfig(
        min_replicas=0, max_replicas=9, upscale_delay_s=up_s, downscale_delay_s=12.0, downscale_to_zero_delay_s=zero_s
    )
    now, ours, theirs, memory, state = 0.0, 1, 1, Memory(), dict[str, float]()
    for need, passed_s in needs:
        now += passed_s
        ours, memory = delayed(need, Observed(now, ours), bounds, memory)
        if theirs == 0 and need > 0:
            theirs = need  # what Serve does before it looks at delays
        else:
            theirs, state = _apply_delay_logic(need, theirs, config, state, now)
        assert ours == theirs

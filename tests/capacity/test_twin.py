"""The twin against what can be computed by hand."""

import math

import pytest
from capacity_given import costs, deployed, steady

from serve_app.autoscaling.policy import Bounds
from serve_app.capacity.costs import Cost, Drawing, Kind
from serve_app.capacity.traffic import Arrival, Curve, Point
from serve_app.capacity.twin import saturation, simulated


def test_an_order_that_meets_nobody_takes_the_sum_of_its_stages() -> None:
    given = costs(translator=Cost(each_s=0.2, wait_s=0.05), scorer=Cost(each_s=0.3), segmenter=Cost(each_s=0.1))
    run = simulated(given, deployed(), [Arrival(0.0, "article")], 10.0)
    assert run.latencies_s == pytest.approx([0.2 + 0.05 + 0.4 + 0.3])


def test_texts_that_scatter_take_on_the_average_what_the_table_says() -> None:
    given = costs(extractor=Cost(fixed_s=0.5, each_s=0.5, scatter=0.3, on="device"))
    apart = [Arrival(10.0 * number, "article") for number in range(400)]
    taken = simulated(given, deployed(), apart, 4000.0).latencies_s
    assert sum(taken) / len(taken) == pytest.approx(0.4 + 1.0, rel=0.02)


def test_a_renderer_of_one_picture_at_a_time_is_a_line_in_the_order_of_arrival() -> None:
    alone = costs(renderer=Drawing(fixed_s=0.1, steps=4, together=1, on="device"))
    arrivals, free_s, expected = steady(2.0, 200.0), 0.0, list[float]()
    for arrival in arrivals:
        free_s = max(free_s, arrival.at_s) + 0.4
        expected.append(free_s - arrival.at_s)
    assert simulated(alone, deployed(), arrivals, 200.0).latencies_s == pytest.approx(sorted(expected))


def test_pictures_that_step_together_cost_one_step_and_a_renderer_is_full_with_four() -> None:
    bears = saturation(costs(), deployed(), "article", 16, 100.0)
    assert bears == pytest.approx(10.0, rel=0.05)


def test_adapters_change_as_the_renderers_own_order_decides() -> None:
    swapping = Drawing(fixed_s=0.1, steps=4, together=4, swap_s=1.0, on="device")
    mixed, alike = (
        saturation(costs(renderer=swapping, adapters=adapters), deployed(), "article", 32, 200.0)
        for adapters in ((0.0, 1.0, 1.0, 1.0), (0.0, 1.0))
    )
    assert 0.3 * alike < mixed < 0.9 * alike


def test_a_draft_passes_finals() -> None:
    kinds = {"draft": Kind(side=128, drawing=0.25), "final": Kind(side=256)}
    given = costs(renderer=Drawing(fixed_s=0.5, steps=8, together=1, on="device"), kinds=kinds)
    arrivals = [Arrival(0.1 * number, "final") for number in range(6)] + [Arrival(1.0, "draft")]
    run = simulated(given, deployed(), arrivals, 60.0)
    assert run.latencies_s[0] < 2.5, "the draft is done before the first final"


def test_what_too_many_wait_for_is_refused_and_nothing_is_lost() -> None:
    run = simulated(costs(), deployed(most_waiting=5, articles_at_once=4), steady(40.0, 30.0), 30.0)
    assert run.refused > 0
    assert len(run.latencies_s) + run.refused == run.offered
    assert run.unended == 0


def test_a_catalogue_leaves_room_for_who_waits() -> None:
    kinds = {"article": Kind(), "row": Kind(lane="catalogue")}
    rows = [Arrival(0.001 * number, "row") for number in range(400)]
    beside = simulated(costs(kinds=kinds), deployed(catalogue_at_once=8), [*rows, Arrival(5.0, "article")], 60.0)
    (article,) = beside.kinds["article"]
    assert article < 4 * 0.4, "it begins at once and goes before what is drawn"
    assert beside.kinds["row"][-1] > 30.0, "the rows wait meanwhile"


def test_replicas_grow_with_the_load_and_go_after_it_and_a_cold_start_is_seen() -> None:
    curve = Curve([Point(0.0, 2.0), Point(30.0, 24.0), Point(70.0, 1.0), Point(200.0, 0.0)])
    arrivals = curve.arrivals({"article": 1.0}, 3)
    scaling = deployed(Bounds(1, 8, up_delay_s=1.0, down_delay_s=20.0))
    drawing = Drawing(fixed_s=0.1, steps=4, together=4, on="device", start_s=1.0)
    slow = drawing.model_copy(update={"start_s": 30.0})
    warm, cold = (simulated(costs(renderer=found), scaling, arrivals, 200.0) for found in (drawing, slow))
    counts = [moment.replicas["renderer"] for moment in warm.moments]
    assert counts[0] == 1
    assert max(counts) >= math.ceil(24.0 / 10.0)
    assert counts[-1] < max(counts)
    p95 = [run.quantile_s(0.95) or 0.0 for run in (warm, cold)]
    assert p95[1] > 2 * p95[0], p95


def test_the_same_seed_gives_the_same_run_and_gpus_are_paid_for_while_they_are_there() -> None:
    first, again = (simulated(costs(), deployed(), steady(3.0, 60.0), 60.0, seed=4) for _ in range(2))
    assert first == again
    assert first.gpu_s == pytest.approx(60.0)

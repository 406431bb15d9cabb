"""The order of a renderer's steps, on a virtual clock."""

import random
import statistics

import pytest
from virtual_device import DRAFT, FINAL, TOGETHER, Arrival, arrival, in_turns, served, traffic, whole_batches

from models.domain import RenderOrder
from models.turns import BOUND, Turns

SEEDS = range(5)


@pytest.mark.parametrize("load", [0.6, 0.85, 1.0])
def test_a_draft_waits_half_as_long_as_behind_whole_batches(load: float) -> None:
    shares = []
    for seed in SEEDS:
        ours, stock = (served(how(), traffic(load, 1500, seed)).p95(draft=True) for how in (in_turns, whole_batches))
        shares.append(ours / stock)
    print(f"p95 of drafts at load {load}: {statistics.median(shares):.2f} of the stock order's, {shares}")
    assert statistics.median(shares) <= 0.5, shares


def test_adapters_change_a_third_as_often_under_a_standing_queue() -> None:
    shares = []
    for seed in SEEDS:
        ours, stock = (served(how(), traffic(9.0, 800, seed), room=64).swaps for how in (in_turns, whole_batches))
        shares.append(ours / stock)
    print(f"swaps: {statistics.median(shares):.2f} of the stock order's, {shares}")
    assert max(shares) <= 0.3, shares


def test_every_step_takes_whoever_can_go_along() -> None:
    day = served(in_turns(), traffic(2.0, 800, 1), room=64)
    assert statistics.fmean(day.fills) >= 0.95
    assert len(day.over) == 800


def test_eight_requests_over_four_adapters_are_four_batches_one_after_the_other() -> None:
    day = served(in_turns(), [arrival(0.0, number % 4) for number in range(8)])
    assert day.swaps == 4
    assert len(day.fills) == 4 * 4, "each pair takes its four steps together"
    ends = [one.end for one in day.over]
    assert ends[::2] == ends[1::2]


def test_no_group_waits_for_more_than_its_bound_and_one_turn_of_each_other() -> None:
    turns, rng, longest = Turns(TOGETHER), random.Random(3), 0.0
    others = 5 * (8 + 24 // TOGETHER)  # each leads a picture to its end, then goes on for as many steps as batches wait
    ready: list[Arrival] = []
    waited: dict[object, int] = {}
    for _ in range(10_000):
        while len(ready) < 24:  # always so many, of six adapters of which some are rare
            ready.append(arrival(0.0, rng.choices(range(6), [100, 50, 25, 12, 2, 1])[0], steps=rng.randint(1, 8)))
        chosen = turns.next(ready)
        own: dict[object, int] = {}
        for one in ready:
            own[one.way.group] = min(one.way.steps, own.get(one.way.group, 8))
        waited = {group: waited.get(group, 0) + 1 for group in own} | {chosen[0].way.group: 0}
        for group, steps in own.items():
            longest = max(longest, waited[group] / (BOUND * steps + others))
        for one in chosen:
            one.way.done += 1
        ready = [one for one in ready if one.way.done < one.way.steps]
    print(f"longest wait of a group in 10,000 steps: {longest:.2f} of what is allowed")
    assert longest <= 1.0


def test_a_rare_adapter_beside_one_crowd_goes_at_its_bound() -> None:
    turns, rare = Turns(TOGETHER), arrival(0.0, 9)
    crowd = [arrival(0.0, 1) for _ in range(40)]
    steps = 0
    while rare not in (chosen := turns.next([*crowd, rare])):
        steps += 1
        for one in chosen:
            one.way.done += 1
        crowd = [one for one in crowd if one.way.done < 4]
        crowd += [arrival(0.0, 1) for _ in range(40 - len(crowd))]
    assert steps == BOUND * 4


def test_a_long_picture_is_not_starved_by_short_ones_of_its_group() -> None:
    turns, long, done = Turns(TOGETHER), arrival(0.0, 1, steps=28), 0
    crowd: list[Arrival] = []
    while long.way.done < 28:
        crowd = [one for one in crowd if one.way.done < one.way.steps]
        crowd += [arrival(0.0, 1, steps=1) for _ in range(12 - len(crowd))]
        for one in turns.next([long, *crowd]):
            one.way.done += 1
        done += 1
        assert done <= (BOUND + 1) * 28, long.way.done


def test_a_draft_passes_a_final_of_the_same_adapter_between_two_steps() -> None:
    turns, final, draft = Turns(TOGETHER), arrival(0.0, 1, FINAL), arrival(0.0, 1, DRAFT)
    assert turns.next([final]) == [final]
    assert turns.next([final, draft]) == [draft]


def test_a_final_that_is_nearly_done_is_not_left_for_a_draft_of_another_adapter() -> None:
    final, draft = arrival(0.0, 1, FINAL), arrival(0.0, 2, DRAFT, steps=2)
    turns = Turns(1)  # two pictures are two batches that wait
    turns.next([final])
    final.way.done = 3
    assert turns.next([final, draft]) == [final]


def test_a_picture_without_adapters_costs_no_change() -> None:
    turns, adapted = Turns(TOGETHER), arrival(0.0, 1)
    plain = arrival(0.0, 1)
    plain.way.order = RenderOrder("a shirt", 0, FINAL, FINAL)
    for ready in ([adapted], [plain], [adapted]):
        turns.next(ready)
    assert turns.swaps == 1

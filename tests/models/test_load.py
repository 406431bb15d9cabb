"""What a replica's work costs, from runs of whatever sizes there were."""

import random

import pytest

from models.load import Load


def test_the_cost_in_full_batches_is_known_from_small_ones() -> None:
    load, chance = Load(16), random.Random(0)
    for _ in range(200):
        size = chance.choice((1, 2, 3))
        load.ran(size, 0.05 + 0.002 * size + chance.gauss(0, 0.001))
    with load.taken():
        assert load.stats()["cost_s"] == pytest.approx(0.05 / 16 + 0.002, rel=0.1)


def test_runs_of_one_size_promise_nothing_of_other_sizes() -> None:
    load = Load(16)
    for _ in range(20):
        load.ran(1, 0.05)
    with load.taken():
        assert load.stats()["cost_s"] == pytest.approx(0.05)


def test_what_stands_in_line_is_told_apart_from_what_is_on_the_device() -> None:
    load = Load(2)
    load.ran(2, 1.0)
    calls = [load.taken() for _ in range(6)]
    for call in calls:
        call.__enter__()
    told = load.stats()
    assert (told["queued_s"], told["in_flight_s"]) == (pytest.approx(2.0), pytest.approx(1.0))
    for call in calls:
        call.__exit__(None, None, None)
    told = load.stats()
    assert (told["queued_s"], told["in_flight_s"], told["came"]) == (0.0, 0.0, 6.0)


def test_larger_pictures_are_more_work_and_decoding_is_part_of_it() -> None:
    load = Load(1)
    load.ran(1, 0.1, units=1000.0)  # one step over so many pixels
    load.ran_beside(0.2, units=4000.0)  # a decoding after four steps
    with load.taken(4000.0):
        assert load.stats()["in_flight_s"] == pytest.approx(0.4 + 0.2)


def test_a_replica_that_has_not_run_knows_no_cost() -> None:
    load = Load(4)
    with load.taken():
        assert load.stats() == {"queued_s": 0.0, "in_flight_s": 0.0, "came": 1.0, "cost_s": 0.0}


def test_a_model_that_slows_down_is_noticed() -> None:
    load = Load(1)
    for seconds in [0.1] * 100 + [0.3] * 200:
        load.ran(1, seconds)
    with load.taken():
        assert load.stats()["cost_s"] == pytest.approx(0.3, rel=0.05)

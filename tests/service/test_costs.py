"""Costs of work that overlaps, from nothing but the times of its ends."""

import random

import pytest

from serve_app.conductor.costs import Costs

TRUE_S = {"draft": 0.25, "final": 0.9}
ALONE_S = {"draft": 0.6, "final": 1.3}


def known() -> Costs:
    costs = Costs()
    for kind, taken_s in ALONE_S.items():
        costs.alone(kind, taken_s)
    return costs


def test_alone_a_piece_shows_what_it_costs_at_most() -> None:
    costs = known()
    assert {kind: costs.of(kind).cost_s for kind in ALONE_S} == ALONE_S
    for _ in range(60):
        costs.alone("draft", 0.5)
    assert costs.of("draft").cost_s == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_what_each_kind_costs_is_found_however_the_ends_are_ordered(seed: int) -> None:
    """Ends that come in bunches, drafts before the finals that came first."""
    costs, rng = known(), random.Random(seed)
    for _ in range(150):
        together = rng.choices(("draft", "final"), (7, 3), k=rng.randint(1, 6))
        spent_s = sum(TRUE_S[kind] * rng.uniform(0.7, 1.3) for kind in together)
        for number, kind in enumerate(sorted(together)):
            costs.beside(kind, 2.0, spent_s if number == 0 else 0.0)
    for kind, cost_s in TRUE_S.items():
        assert costs.of(kind).cost_s == pytest.approx(cost_s, rel=0.35), kind


def test_a_cost_is_never_more_than_the_latency_and_never_nothing() -> None:
    costs = known()
    for busy_s in (60.0, 0.0):
        for _ in range(80):
            costs.beside("draft", 0.6, busy_s)
        assert 0.02 < costs.of("draft").cost_s <= 0.6


def test_what_was_never_seen_costs_nothing() -> None:
    assert "draft" not in Costs()
    assert Costs().of("draft").cost_s == 0.0

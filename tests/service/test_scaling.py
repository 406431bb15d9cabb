"""How many conductors the queue asks for."""

from types import SimpleNamespace
from typing import Any

import pytest

from serve_app.conductor.scaling import by_depth


def context(replicas: list[dict[str, float]], least: int = 1, most: int = 8) -> Any:
    names = {name for replica in replicas for name in replica}
    metrics = {name: {f"r{i}": replica[name] for i, replica in enumerate(replicas)} for name in names}
    return SimpleNamespace(
        aggregated_metrics=metrics, capacity_adjusted_min_replicas=least, capacity_adjusted_max_replicas=most
    )


@pytest.mark.parametrize(
    ("waiting", "working", "wanted"), [(0, [0], 1), (0, [64], 1), (1, [64], 2), (300, [64, 64], 7), (9000, [64], 8)]
)
def test_there_are_as_many_conductors_as_the_queue_fills(waiting: int, working: list[int], wanted: int) -> None:
    replicas = [{"waiting": float(waiting), "working": float(load), "slots": 64.0} for load in working]
    assert by_depth(context(replicas))[0] == wanted


def test_before_the_first_report_there_is_the_least() -> None:
    assert by_depth(context([], least=2))[0] == 2

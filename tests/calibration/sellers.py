"""Sellers with a known mind: decisions whose probability of acceptance follows a curve that the tests know."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serve_app.calibration.decided import Decided, decided

Numbers = NDArray[np.float64]
MODELS = {"renderer": "r1", "scorer": "s1", "segmenter": "g1"}
GRID = np.linspace(0.0, 30.0, 30_001)  # CIEDE2000, evenly frequent


def logistic(middle: float, width: float, floor: float = 0.0) -> Callable[[Numbers], Numbers]:
    """value -> probability that the seller rejects, rising from `floor` to 1."""
    return lambda value: floor + (1 - floor) / (1 + np.exp(-(value - middle) / width))


def stepped(at: float, below: float, above: float) -> Callable[[Numbers], Numbers]:
    return lambda value: np.where(value < at, below, above)


def true_rate(rejects: Callable[[Numbers], Numbers], threshold: float) -> float:
    """Of all pictures up to a threshold, those that the seller rejects."""
    return float(rejects(GRID[threshold >= GRID]).mean())


def documents(
    values: Numbers,
    rejected: NDArray[np.bool_],
    *,
    check: str = "colours",
    threshold: float = 16.0,
    first: int = 0,
    models: dict[str, str] = MODELS,
) -> list[dict[str, Any]]:
    """Decisions as the service gives them, judged by one check."""
    larger = check != "colours"
    return [
        {
            "id": f"dec_{number:026d}",
            "decision": "rejected" if wrong else "approved",
            "checks": [check] if wrong else [],
            "verdict": {
                check: {
                    "state": "pass" if (value >= threshold if larger else value <= threshold) else "fail",
                    "value": round(float(value), 2),
                    "threshold": threshold,
                    "expected": "solid",
                },
                "motif": {"state": "unknown", "value": None, "threshold": None, "expected": None},
            },
            "clip_score": round(30.0 - float(value) / 10, 3),
            "score_10": 10.0 if value <= threshold else 8.5,
            "models": models,
        }
        for number, (value, wrong) in enumerate(zip(values, rejected, strict=True), start=first)
    ]


def seller(
    rejects: Callable[[Numbers], Numbers], count: int, seed: int = 0, spread: float = 30.0, **more: Any
) -> list[Decided]:
    """`count` decisions about evenly frequent colour distances up to `spread`."""
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.0, spread, count)
    return decided(documents(values, rng.random(count) < rejects(values), **more))

"""The judge's figures on drawings of combinations that the renderer never sees, of a seed that no training uses."""

from collections import Counter
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np

from models.starter.drawing import draw
from models.starter.judge import Judge, expected
from models.starter.recipes.corpus import unseen

COUNT = 1000
LISTED = 8  # most frequent confusions


class Options(Protocol):
    """On how many drawings of which seed."""

    @property
    def seed(self) -> int: ...
    @property
    def count(self) -> int | None: ...


def evaluate(options: Options) -> dict[str, Any]:
    """Accuracy per question, and what is confused most often."""
    rng = np.random.default_rng(options.seed)
    garments = [unseen(rng) for _ in range(options.count or COUNT)]
    verdicts = Judge.load().judge([draw(garment, rng).picture for garment in garments])
    confused: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for garment, verdict in zip(garments, verdicts, strict=True):
        said = asdict(verdict)
        for name, wanted in asdict(expected(garment)).items():
            right[name] += said[name] == wanted
            if said[name] != wanted:
                confused[f"{name}: {wanted} read as {said[name]}"] += 1
    accuracy = {name: round(count / len(garments), 4) for name, count in right.items()}
    return {"pictures": len(garments), "accuracy": accuracy, "confused": dict(confused.most_common(LISTED))}

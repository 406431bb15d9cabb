"""What is said of a comparison: medians and ranges over its rounds, a table, a ratio."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from loadtests.goodput import spread


def summed(scores: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Median and range over the rounds of every figure, and all outcomes."""
    figures = sorted({name for score in scores for name, value in score.items() if isinstance(value, float)})
    outcomes: dict[str, int] = {}
    for score in scores:
        for outcome, count in score["outcomes"].items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    return {name: spread([score.get(name) for score in scores]) for name in figures} | {"outcomes": outcomes}


def table(found: Mapping[str, Any], columns: Sequence[str]) -> None:
    """Prints a line per system: medians and, in brackets, ranges."""
    print(f"{'':<22}" + "".join(f"{column:>22}" for column in columns))
    for name, figures in found["systems"].items():
        cells = "".join(f"{_cell(figures.get(column)):>22}" for column in columns)
        print(f"{name:<22}{cells}  {figures['outcomes']}")


def _cell(figure: Mapping[str, float | None] | None) -> str:
    if figure is None or figure["median"] is None:
        return "-"
    return f"{figure['median']:.2f} ({figure['min']:.2f}-{figure['max']:.2f})"


def ratio(found: Mapping[str, Any], figure: str, peers: Sequence[str]) -> tuple[str, float | None]:
    """The best peer of a figure, and Vitrine's median in terms of it."""
    medians = {name: figures[figure]["median"] for name, figures in found["systems"].items()}
    best = max(peers, key=lambda name: medians[name])
    own = next(medians[name] for name in medians if name not in peers)
    return best, (own / medians[best] if medians[best] else None)


def say(line: str) -> None:
    """Progress, beside the result."""
    print(line, file=sys.stderr, flush=True)

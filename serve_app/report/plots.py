"""Geometry of the report's plots, in the units of their SVG view boxes; the template draws them."""

import math
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 300.0, 84.0
BINS = 12  # at most about this many
EDGE = 1e-9  # a value on the border of two bins belongs to the upper one, whatever its last bit says
STATES = ("succeeded", "needs_answer", "rejected", "failed")


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle with what it stands for; `kind` chooses its colour."""

    x: float
    y: float
    width: float
    height: float
    says: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars from the left, `mean` as a line; `n` values went in."""

    bars: list[Bar]
    ticks: list[Tick]
    mean: float | None
    n: int


def histogram(values: list[float], low: float | None = None, high: float | None = None) -> Histogram:
    """Bins of a round width from `low` to `high`, by default the values' own extremes; every second border is named."""
    if not values:
        return Histogram([], [], None, 0)
    least, most = min(values) if low is None else low, max(values) if high is None else high
    step = _round_step((most - least) / BINS)
    first = math.floor(least / step + EDGE)
    count = max(1, math.ceil(most / step - EDGE) - first)
    counts = [0] * count
    for value in values:
        counts[min(count - 1, max(0, int(value / step - first + EDGE)))] += 1
    slot, tallest = WIDTH / count, max(counts)
    bars = [
        Bar(
            x=round(place * slot + 1, 2),
            y=round(HEIGHT * (1 - n / tallest), 2),
            width=round(slot - 2, 2),
            height=round(HEIGHT * n / tallest, 2),
            says=f"{n} from {(first + place) * step:g} to {(first + place + 1) * step:g}",
        )
        for place, n in enumerate(counts)
        if n
    ]
    named = range(0, count + 1, max(1, round(count / 5)))
    ticks = [Tick(round(place * slot, 2), f"{(first + place) * step:g}") for place in named]
    mean = (sum(values) / len(values) / step - first) * slot
    return Histogram(bars, ticks, round(mean, 2), len(values))


def _round_step(width: float) -> float:
    """The next width of 1, 2 or 5 times a power of ten."""
    if width <= 0:
        return 0.5
    power = 10.0 ** math.floor(math.log10(width))
    return next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= width * (1 - EDGE))


def shares(counts: dict[str, int], width: float = WIDTH, height: float = 12.0) -> list[Bar]:
    """One stacked bar: a part per count, in order, with a hair between the parts."""
    total = sum(counts.values())
    bars, x = [], 0.0
    for name, count in counts.items():
        if count:
            part = width * count / total
            bars.append(Bar(round(x, 2), 0, round(max(part - 1, 0.5), 2), height, f"{name}: {count} of {total}", name))
            x += part
    return bars


@dataclass(frozen=True, slots=True)
class Rate:
    """How an attribute of the verdict fared; `label` is its pass rate in words."""

    name: str
    label: str
    bars: list[Bar]


def rates(attributes: dict[str, dict[str, Any]]) -> list[Rate]:
    """The judged attributes, the worst first; those that no check covers are left to the cards."""
    judged = [(name, found) for name, found in attributes.items() if found["pass_rate"] is not None]
    judged.sort(key=lambda pair: pair[1]["pass_rate"])
    return [
        Rate(
            name,
            f"{found['pass_rate']:.0%}",
            shares({"pass": found["pass"], "fail": found["fail"], "unknown": found["unknown"]}, height=8.0),
        )
        for name, found in judged
    ]

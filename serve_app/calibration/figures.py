"""Geometry of the calibration's figures, in the units of their SVG view boxes; the template draws them."""

from dataclasses import dataclass

import numpy as np

from serve_app.calibration.curve import Bin, Curve, Labels, Values
from serve_app.report.plots import Tick, histogram

SIDE = 200.0  # of a reliability diagram
WIDTH, HEIGHT = 640.0, 150.0  # of what a curve runs through
COUNTED = 34.0  # height of the counts above and below it
SLOTS = 40
FEW = 5  # pictures of a bin
EDGE = 0.03  # of the range, left free on both sides
LEAST_RADIUS, MOST_RADIUS = 2.5, 7.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin of a reliability diagram: from `low` to `high` lies its interval, `says` tells it in words.

    `few`: so few pictures that the interval spans most of the diagram and is left out.
    """

    x: float
    y: float
    radius: float
    low: float
    high: float
    few: bool
    says: str


@dataclass(frozen=True, slots=True)
class Column:
    """Pictures of about one value; `height` grows away from the curve."""

    x: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class Range:
    """The scale of a check's values; `line` is the curve as the points of an SVG path."""

    line: str
    accepted: list[Column]
    rejected: list[Column]
    ticks: list[Tick]
    low: float
    high: float

    def at(self, value: float) -> float:
        """Where a value stands, and at the border what lies outside."""
        return round(float(np.clip((value - self.low) / (self.high - self.low), 0, 1)) * WIDTH, 2)


def dots(bins: list[Bin]) -> list[Dot]:
    most = max((one.accepted.of for one in bins), default=1)
    return [_dot(one, most) for one in bins]


def _dot(one: Bin, most: int) -> Dot:
    low, high = one.accepted.interval
    radius = max(LEAST_RADIUS, MOST_RADIUS * (one.accepted.of / most) ** 0.5)
    says = f"predicted {one.predicted:.0%}, accepted {one.accepted.rate:.0%} of {one.accepted.of}"
    return Dot(
        round(one.predicted * SIDE, 2),
        _up(one.accepted.rate),
        round(radius, 2),
        _up(low),
        _up(high),
        one.accepted.of < FEW,
        says,
    )


def _up(share: float) -> float:
    return round(SIDE * (1 - share), 2)


def ranged(values: Values, accepted: Labels, curve: Curve, limits: list[float]) -> Range:
    """A range that holds all but the outermost hundredth of the values, and the limits."""
    inner = np.quantile(values, [0.01, 0.99])
    low, high = min([float(inner[0]), *limits]), max([float(inner[1]), *limits])
    spare = EDGE * (high - low or 1.0)
    low, high = low - spare, high + spare
    edges = np.linspace(low, high, SLOTS + 1)
    inside = np.clip(values, low, high)
    right, wrong = np.histogram(inside[accepted], edges)[0], np.histogram(inside[~accepted], edges)[0]
    tallest = int(max(right.max(), wrong.max()))
    above, below = _columns(right, edges, tallest, "accepted"), _columns(wrong, edges, tallest, "rejected")
    at = np.linspace(low, high, 4 * SLOTS)
    heights = HEIGHT * (1 - curve.at(at))
    points = zip((at - low) / (high - low) * WIDTH, heights, strict=True)
    line = "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Range(line, above, below, _ticks(low, high), low, high)


def _columns(
    count: "np.ndarray[tuple[int], np.dtype[np.intp]]", edges: Values, tallest: int, kind: str
) -> list[Column]:
    slot = WIDTH / SLOTS
    return [
        Column(
            x=round(place * slot + 0.75, 2),
            width=round(slot - 1.5, 2),
            # A root: single rejections among hundreds that were accepted are what the figure is for.
            height=round(COUNTED * (int(many) / tallest) ** 0.5, 2),
            says=f"{many} {kind} from {edges[place]:.3g} to {edges[place + 1]:.3g}",
        )
        for place, many in enumerate(count)
        if many
    ]


def _ticks(low: float, high: float) -> list[Tick]:
    """Round values inside the range."""
    marks = histogram([low, high]).ticks
    named = [float(tick.label) for tick in marks if low <= float(tick.label) <= high]
    return [Tick(round((value - low) / (high - low) * WIDTH, 2), f"{value:g}") for value in named]


@dataclass(frozen=True, slots=True)
class Stack:
    """Pictures of about one score: those approved below those rejected."""

    x: float
    width: float
    approved: float
    rejected: float
    says: str


def stacks(pairs: list[tuple[float, bool]]) -> tuple[list[Stack], list[Tick]]:
    """A histogram of a score in two parts."""
    scores = np.array([score for score, _ in pairs])
    approved = np.array([yes for _, yes in pairs])
    low, high = float(scores.min()), float(scores.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, SLOTS + 1)
    yes, no = np.histogram(scores[approved], edges)[0], np.histogram(scores[~approved], edges)[0]
    tallest, slot = int((yes + no).max()), WIDTH / SLOTS
    found = [
        Stack(
            x=round(place * slot + 0.75, 2),
            width=round(slot - 1.5, 2),
            approved=round(HEIGHT * int(yes[place]) / tallest, 2),
            rejected=round(HEIGHT * int(no[place]) / tallest, 2),
            says=f"{yes[place]} approved, {no[place]} rejected from {edges[place]:.3g} to {edges[place + 1]:.3g}",
        )
        for place in range(SLOTS)
        if yes[place] + no[place]
    ]
    return found, _ticks(low, high)

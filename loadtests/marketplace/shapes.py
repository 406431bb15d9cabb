"""How arrivals change over a test: a day, a sale, a step in load, a soak; no Locust in here."""

import math
from collections.abc import Callable

GAP_S = 20.0  # between two arrivals of one user on average: a rate of 2/s is forty of them
SALE_BEGINS, SALE_FADES = 0.4, 0.1  # as shares of the test
QUIET = 0.25  # of the peak, before and after a sale
NIGHT = 0.15  # of the peak
LOW = 0.125  # of the peak: the step goes from 1 to 8


def day(share: float) -> float:
    """Night, a morning that rises to noon, and the evening's peak; `share` of the day from midnight, 0-1."""
    noon, evening = _bell(share, 0.5, 0.1), _bell(share, 0.85, 0.06)
    return NIGHT + (1 - NIGHT) * max(0.6 * noon, evening)


def flash(share: float) -> float:
    """A quiet shop until the sale begins with everybody at once, who then lose interest."""
    if share < SALE_BEGINS:
        return QUIET
    return QUIET + (1 - QUIET) * math.exp(-(share - SALE_BEGINS) / SALE_FADES)


def step(share: float) -> float:
    """Low, then eight times as much from the middle on."""
    return LOW if share < 0.5 else 1.0


def soak(_: float) -> float:
    """The peak all the time."""
    return 1.0


SHAPES: dict[str, Callable[[float], float]] = {"day": day, "flash": flash, "step": step, "soak": soak}
"""Share of the test, 0-1 -> share of the peak, 0-1."""


def rate(shape: str, at_s: float, seconds: float, peak_per_s: float) -> float:
    """Arrivals per second at a moment of a test that takes `seconds`."""
    return peak_per_s * SHAPES[shape](at_s / seconds)


def users(per_s: float) -> int:
    """Users whose arrivals add up to a rate; one at least, for a test without any says nothing."""
    return max(1, round(per_s * GAP_S))


def _bell(at: float, middle: float, width: float) -> float:
    return math.exp(-(((at - middle) / width) ** 2) / 2)

"""How many times as long as usual a service's work takes on a shared machine, from moment to moment."""

import bisect
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from serve_app.capacity.costs import Pace

WINDOW_S = 0.25  # of a course: a few readings of each core
FASTEST = 0.05  # the quantile of all readings that counts as the machine's own
SLOWEST = 2.0  # times the fastest: a reading beyond is a hiccup
SHARES = [step / 20 for step in range(21)]


@dataclass(frozen=True)
class Spent:
    """Seconds of a core that each part of a service had in a time, and the articles that it answered, from when to
    when; all by the monotonic clock."""

    busy_s: Mapping[str, float]
    articles: Sequence[tuple[float, float]]
    began_s: float
    ended_s: float

    @property
    def cores_s(self) -> float:
        return sum(self.busy_s.values())

    @property
    def seconds(self) -> float:
        return self.ended_s - self.began_s


@dataclass(frozen=True)
class Readings:
    """`times`: the small work over the fastest, by moments of the monotonic clock."""

    at_s: Sequence[float]
    times: Sequence[float]

    @classmethod
    def read(cls, path: Path) -> "Readings":
        """What `python -m loadtests.capacity.probe` wrote; raises SystemExit where there is nothing."""
        rows = [line.split() for line in path.read_text("utf-8").splitlines()]
        if len(rows) < 2:
            raise SystemExit(f"{path}: no reading of the machine; loadtests.capacity.probe ended and said why above")
        fastest = float(np.quantile([float(seconds) for _, seconds in rows], FASTEST))
        return cls([float(at_s) for at_s, _ in rows], [min(float(took) / fastest, SLOWEST) for _, took in rows])

    def mean(self, began_s: float, ended_s: float) -> float:
        """Of all cores in a time; of the next reading where none is in it, or the last."""
        first, last = bisect.bisect_left(self.at_s, began_s), bisect.bisect_right(self.at_s, ended_s)
        first = min(first, len(self.at_s) - 1)
        return statistics.fmean(self.times[first : max(last, first + 1)])


@dataclass(frozen=True)
class Machine:
    """How many times as long as usual a service's work takes. `felt`: the share of a reading's slowness that it feels,
    for other work shares other parts of a core; `usual`: the mean of what was spent on; `article_s`, `rest`: seconds of
    a core per article and cores busy at rest, as usual."""

    readings: Readings
    felt: float
    usual: float
    article_s: float
    rest: float

    @classmethod
    def of(cls, readings: Readings, spent: Sequence[Spent]) -> "Machine":
        """With what makes an article and a second at rest cost the most nearly the same at all times, each of which
        counts by what was spent in it."""
        _, machine = min((_fit(readings, felt, spent) for felt in SHARES), key=lambda fit: fit[0])
        return machine

    def pace(self, began_s: float, ended_s: float) -> float:
        """The mean of a time, as it was read."""
        return (1.0 + self.felt * (self.readings.mean(began_s, ended_s) - 1.0)) / self.usual

    def unread(self, spent: Spent) -> float:
        """How many times as long everything took besides: caches and memory slow down too, and no reading tells."""
        articles, seconds = self.made(spent)
        return spent.cores_s / (articles * self.article_s + seconds * self.rest)

    def made(self, spent: Spent) -> tuple[float, float]:
        """The articles and the seconds of a time, each as many times as it took as long by the readings."""
        articles = sum(self.pace(*article) for article in spent.articles)
        return articles, spent.seconds * self.pace(spent.began_s, spent.ended_s)

    def course(self, spent: Spent, seconds: float) -> tuple[Pace, ...]:
        """From the beginning of a time on."""
        began_s, unread = spent.began_s, self.unread(spent)
        starts = [number * WINDOW_S for number in range(max(1, round(seconds / WINDOW_S)))]
        ends = [at_s + WINDOW_S for at_s in starts]
        return tuple(
            Pace(at_s=at_s, times=unread * self.pace(began_s + at_s, began_s + end_s))
            for at_s, end_s in zip(starts, ends, strict=True)
        )


def _fit(readings: Readings, felt: float, spent: Sequence[Spent]) -> tuple[float, Machine]:
    """How far what was spent is from so much per article and per second: squares, in terms of what was spent."""
    bare = Machine(readings, felt, 1.0, 0.0, 0.0)
    usual = statistics.fmean(bare.pace(one.began_s, one.ended_s) for one in spent)
    even = replace(bare, usual=usual)
    weights = np.sqrt([one.cores_s for one in spent])
    made = np.array([even.made(one) for one in spent]) / weights[:, None]
    (article_s, rest), *_ = np.linalg.lstsq(made, weights, rcond=None)
    unlike = float(np.sum((made @ (article_s, rest) - weights) ** 2))
    return unlike, replace(even, article_s=float(article_s), rest=float(rest))

"""Arrivals over time: a curve from a CSV file, and Poisson arrivals that follow it."""

import csv
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serve_app.capacity.costs import CapacityError

COLUMNS = {"time_s", "requests_per_s"}


@dataclass(frozen=True, slots=True)
class Point:
    """From `time_s` on so many requests per second come; `kind` None: of all kinds by their shares."""

    time_s: float
    requests_per_s: float
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """`at_s` from the beginning."""

    at_s: float
    kind: str


@dataclass(frozen=True)
class Curve:
    """Rates that hold from a point until the next one of its kind; the last one ends the curve."""

    points: Sequence[Point]

    @property
    def seconds(self) -> float:
        return max(point.time_s for point in self.points)

    @property
    def peak_per_s(self) -> float:
        """The highest sum of rates at any moment."""
        moments = sorted({point.time_s for point in self.points})
        return max(sum(self._at(moment, kind) for kind in self.kinds) for moment in moments)

    @property
    def kinds(self) -> list[str | None]:
        return sorted({point.kind for point in self.points}, key=str)

    def arrivals(self, shares: Mapping[str, float], seed: int) -> list[Arrival]:
        """Poisson arrivals in order; `shares`: of the kinds, for points without one."""
        rng = random.Random(seed)
        names, weights = list(shares), list(shares.values())
        found = []
        for kind in self.kinds:
            points = [point for point in self.points if point.kind == kind]
            for point, after in itertools.pairwise(points):
                at_s = point.time_s
                while point.requests_per_s and (at_s := at_s + rng.expovariate(point.requests_per_s)) < after.time_s:
                    found.append(Arrival(at_s, kind or rng.choices(names, weights)[0]))
        return sorted(found, key=lambda arrival: arrival.at_s)

    def _at(self, moment: float, kind: str | None) -> float:
        rates = [point.requests_per_s for point in self.points if point.kind == kind and point.time_s <= moment]
        return rates[-1] if rates else 0.0


def read(path: Path, kinds: Sequence[str]) -> Curve:
    """A CSV with `time_s`, `requests_per_s` and, where it has one, `kind`; raises CapacityError with the line."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            if missing := COLUMNS - set(table.fieldnames or ()):
                raise CapacityError(
                    f"{path} has no column {', '.join(sorted(missing))}; it needs time_s,requests_per_s"
                )
            points = [_point(path, line, row, kinds) for line, row in enumerate(table, 2)]
    except OSError as error:
        raise CapacityError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CapacityError(f"{path} is no text in UTF-8; export the curve as CSV") from None
    return checked(path, points)


def checked(path: Path, points: Sequence[Point]) -> Curve:
    """Raises CapacityError for a curve that goes back in time or has no length."""
    for kind in {point.kind for point in points}:
        times = [point.time_s for point in points if point.kind == kind]
        if len(times) < 2 or times[0] < 0 or any(after <= before for before, after in itertools.pairwise(times)):
            raise CapacityError(
                f"{path}: time_s must begin at 0 or later and rise, over two lines at least: {times[:5]}"
            )
    if not points:
        raise CapacityError(f"{path} holds no line below its header; a curve needs two")
    return Curve(points)


def _point(path: Path, line: int, row: Mapping[str, str], kinds: Sequence[str]) -> Point:
    kind = row.get("kind") or None
    try:
        point = Point(float(row["time_s"]), float(row["requests_per_s"]), kind)
    except (TypeError, ValueError):
        raise CapacityError(f"{path}, line {line}: time_s and requests_per_s must be numbers, not {row}") from None
    if not 0 <= point.requests_per_s < 1e6:
        raise CapacityError(f"{path}, line {line}: requests_per_s is {point.requests_per_s}; it must be 0 to 1e6")
    if kind is not None and kind not in kinds:
        raise CapacityError(f"{path}, line {line}: there is no kind {kind!r}; the cost table has {', '.join(kinds)}")
    return point

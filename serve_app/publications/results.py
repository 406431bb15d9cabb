"""What the events of a publication show: rates with intervals, which variant does better, whether to stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from serve_app.calibration.shares import Share
from serve_app.publications.publication import KINDS, Goal, Kind, Variant
from serve_app.publications.trial import ALPHA, Arm, Comparison, compared

REPORTED = 0.02  # of the articles sold: as many as the verdict may let through wrongly

AsPictured = Literal["fine", "alarm", "unknown"]
Counts = Mapping[tuple[str, Kind], int]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a variant; a rate is None where there are more events than occasions for them."""

    variant: Variant
    counts: dict[Kind, int]
    click_rate: Share | None
    conversion_rate: Share | None
    report_rate: Share | None

    @property
    def as_pictured(self) -> AsPictured:
        """Whether shoppers who bought it say "not as pictured" more often than is borne."""
        if self.report_rate is None:
            return "alarm" if self.counts["report"] > self.counts["conversion"] > 0 else "unknown"
        low, high = self.report_rate.interval
        return "alarm" if low > REPORTED else "fine" if high <= REPORTED else "unknown"


@dataclass(frozen=True, slots=True)
class Duel:
    """A variant against the first one of its audience."""

    variant: str
    against: str
    found: Comparison


@dataclass(frozen=True, slots=True)
class Results:
    """`stop`: every duel is decided; `best` of a stopped one: what to show from now on, per audience."""

    variants: list[Result]
    duels: list[Duel]
    stop: bool
    best: dict[str | None, str]


def results(variants: Sequence[Variant], counts: Counts, goal: Goal) -> Results:
    """`counts`: (variant's name, kind) -> how often."""
    found = [_result(variant, counts) for variant in variants]
    groups = [list(group) for _, group in groupby(sorted(variants, key=_audience), key=_audience)]
    duels, best = [], {}
    for first, *others in groups:
        fought = [Duel(each.name, first.name, _fought(each, first, counts, goal, len(others))) for each in others]
        duels += fought
        if all(duel.found.state != "open" for duel in fought):
            best[first.audience] = _best(first, fought)
    return Results(found, duels, bool(duels) and len(best) == len(groups), best)


def _audience(variant: Variant) -> str:
    return variant.audience or ""


def _result(variant: Variant, counts: Counts) -> Result:
    def share(kind: Kind, of: Kind) -> Share | None:
        count, occasions = counts.get((variant.name, kind), 0), counts.get((variant.name, of), 0)
        return Share(count, occasions) if occasions > 0 and count <= occasions else None

    return Result(
        variant,
        {kind: counts.get((variant.name, kind), 0) for kind in KINDS},
        share("click", "impression"),
        share("conversion", "impression"),
        share("report", "conversion"),
    )


def _fought(one: Variant, other: Variant, counts: Counts, goal: Goal, duels: int) -> Comparison:
    def arm(variant: Variant) -> Arm:
        seen = counts.get((variant.name, "impression"), 0)
        return Arm(seen, counts.get((variant.name, goal), 0), variant.share)

    return compared(arm(one), arm(other), ALPHA / duels)


def _best(first: Variant, fought: Sequence[Duel]) -> str:
    better = [duel for duel in fought if duel.found.state == "better"]
    return max(better, key=lambda duel: duel.found.ratio or 0.0).variant if better else first.name

"""The report of a calibration: one page that stands by itself, with a reliability diagram per check."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from serve_app.calibration import curve
from serve_app.calibration.correlation import Correlation
from serve_app.calibration.decided import Decided
from serve_app.calibration.document import Calibration, Check
from serve_app.calibration.figures import Dot, Range, Stack, dots, ranged, stacks
from serve_app.calibration.learning import SCORES, current, scores
from serve_app.calibration.limits import LIMITS, passes
from serve_app.calibration.sample import let_through, sample
from serve_app.report.assets import asset, environment, hash_of
from serve_app.report.plots import Tick

LEAST = 20  # decided pictures of a check; fewer make no figure
NAMES = {"clip_score": "CLIP score", "score_10": "Score out of ten"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One check's figures; `found` is None where it could not be calibrated, for `reason`."""

    name: str
    better: str
    found: Check | None
    reason: str
    accepted: int
    rejected: int
    was: float
    range: Range
    claimed: list[Dot]
    learnt: list[Dot]


@dataclass(frozen=True, slots=True)
class Score:
    """One score's figure."""

    name: str
    correlation: Correlation | None
    stacks: list[Stack]
    ticks: list[Tick]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Decisions by what the verdict and the seller said."""

    both: int
    only_verdict: int
    only_seller: int
    neither: int

    @property
    def share(self) -> float:
        return (self.both + self.neither) / (self.both + self.neither + self.only_verdict + self.only_seller)


def page(calibration: Calibration, decisions: Sequence[Decided]) -> str:
    """`decisions`: those that `calibration` was made from."""
    mine = current(decisions)
    style = asset("report.css") + asset("calibration.css")
    panels = [found for name in LIMITS if (found := _panel(name, mine, calibration)) is not None]
    return (
        environment()
        .get_template("calibration.html")
        .render(
            made=calibration,
            panels=sorted(panels, key=lambda panel: panel.found is None),
            scores=[_score(name, mine, calibration) for name in SCORES if scores(name, mine)],
            now=agreement(mine, {}),
            then=agreement(mine, calibration.thresholds),
            style=Markup(style),  # noqa: S704 - our own files
            style_hash=hash_of(style),
        )
    )


def agreement(decisions: Sequence[Decided], thresholds: dict[str, float]) -> Agreement:
    """Under these limits; those not named are the ones that the pictures were judged by."""
    pairs = [(passes(one.verdict, thresholds), one.approved) for one in decisions]
    return Agreement(*(pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))))


def _panel(name: str, decisions: Sequence[Decided], calibration: Calibration) -> Panel | None:
    seen, limit, found = sample(name, decisions), LIMITS[name], calibration.checks.get(name)
    if len(seen.values) < LEAST:
        return None
    learnt = curve.fitted(seen.values, seen.accepted, limit.larger_is_better)
    ahead = curve.held_out(seen.values, seen.accepted, limit.larger_is_better)
    was = float(seen.thresholds[-1])
    return Panel(
        name=name,
        better="larger" if limit.larger_is_better else "smaller",
        found=found,
        reason=calibration.refused.get(name, ""),
        accepted=int(seen.accepted.sum()),
        rejected=int((~seen.accepted).sum()),
        was=was,
        range=ranged(seen.values, seen.accepted, learnt, [was, *([found.threshold] if found else [])]),
        claimed=dots(curve.reliability(let_through(name, seen), seen.accepted)),
        learnt=dots(curve.reliability(ahead, seen.accepted)),
    )


def _score(name: str, decisions: Sequence[Decided], calibration: Calibration) -> Score:
    return Score(NAMES[name], calibration.correlation.get(name), *stacks(scores(name, decisions)))

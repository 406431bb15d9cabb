"""A running service at a glance: what waits, how fast its stages are, what its verdicts say, and what pictures cost."""

from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from models.telemetry.metrics import (
    COST,
    DEVICE_SECONDS,
    JOB_SECONDS,
    JOBS_ENDED,
    PICTURES_APPROVED,
    PICTURES_DRAWN,
    SCORES,
    STAGE_FAULTS,
    STAGE_SECONDS,
    VERDICTS,
    Metric,
)
from models.telemetry.recent import WINDOW_S, Key, Tally, of
from serve_app.jobs.job import Standing

Tallies = Mapping[Key, Tally]


class Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Lane(Document):
    """`oldest_s`: since the oldest job that waits was accepted; the quantiles are of whole jobs that ended."""

    waiting: int
    oldest_s: float
    ended: int
    p50_s: float | None
    p95_s: float | None


class StageTimes(Document):
    """As the conductors waited for it; `faults`: calls without a result."""

    calls: int
    per_s: float
    p50_s: float | None
    p95_s: float | None
    faults: int


class Replicas(Document):
    """Of a deployment: those that run, and as many as there should be."""

    running: int
    target: int


class Pictures(Document):
    """Of articles; the last three are per approved picture, None where none was approved."""

    drawn: int
    approved: int
    mean_score: float | None
    drawn_each: float | None
    device_seconds_each: float | None
    eur_each: float | None


class Operations(Document):
    """Counts are of the last `window_s` seconds; what waits and runs is as of now. `replicas` is empty while Ray's head
    is away."""

    window_s: float
    lanes: dict[str, Lane]
    ended: dict[str, int]
    stages: dict[str, StageTimes]
    replicas: dict[str, Replicas]
    verdicts: dict[str, dict[str, int]]
    pictures: Pictures


def operations(tallies: Tallies, standing: Mapping[str, Standing], replicas: Mapping[str, Replicas]) -> Operations:
    """`tallies`: of all conductors together."""
    return Operations(
        window_s=WINDOW_S,
        lanes={lane: _lane(tallies, lane, stands) for lane, stands in standing.items()},
        ended=_by(tallies, JOBS_ENDED, "state"),
        stages=_stages(tallies),
        replicas=dict(replicas),
        verdicts=_verdicts(tallies),
        pictures=_pictures(tallies),
    )


def _lane(tallies: Tallies, lane: str, stands: Standing) -> Lane:
    ended = _sum(tallies, JOB_SECONDS, lane=lane)
    p50_s, p95_s = _quantiles(ended, JOB_SECONDS)
    oldest_s = round(stands.oldest_s, 1)
    return Lane(waiting=stands.waiting, oldest_s=oldest_s, ended=ended.count, p50_s=p50_s, p95_s=p95_s)


def _stages(tallies: Tallies) -> dict[str, StageTimes]:
    faults = _by(tallies, STAGE_FAULTS, "stage")
    names = {tags["stage"] for tags, _ in of(tallies, STAGE_SECONDS)} | faults.keys()
    found = {}
    for name in sorted(names):
        calls = _sum(tallies, STAGE_SECONDS, stage=name, part="whole")
        p50_s, p95_s = _quantiles(calls, STAGE_SECONDS)
        per_s = round(calls.count / WINDOW_S, 2)
        found[name] = StageTimes(calls=calls.count, per_s=per_s, p50_s=p50_s, p95_s=p95_s, faults=faults.get(name, 0))
    return found


def _verdicts(tallies: Tallies) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for tags, tally in of(tallies, VERDICTS):
        found.setdefault(tags["check"], Counter())[tags["state"]] += round(tally.total)
    return {check: dict(states) for check, states in sorted(found.items())}


def _pictures(tallies: Tallies) -> Pictures:
    drawn, scores = _sum(tallies, PICTURES_DRAWN).total, _sum(tallies, SCORES)
    approved = round(_sum(tallies, PICTURES_APPROVED).total)

    def each(total: float) -> float | None:
        return round(total / approved, 6) if approved else None

    return Pictures(
        drawn=round(drawn),
        approved=approved,
        mean_score=round(scores.total / scores.count, 2) if scores.count else None,
        drawn_each=each(drawn),
        device_seconds_each=each(_sum(tallies, DEVICE_SECONDS).total),
        eur_each=each(_sum(tallies, COST).total),
    )


def _by(tallies: Tallies, metric: Metric, tag: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for tags, tally in of(tallies, metric):
        found[tags[tag]] += round(tally.total)
    return dict(sorted(found.items()))


def _sum(tallies: Tallies, metric: Metric, **wanted: str) -> Tally:
    whole = Tally()
    for tags, tally in of(tallies, metric):
        if wanted.items() <= tags.items():
            whole.add(tally)
    return whole


def _quantiles(tally: Tally, metric: Metric) -> tuple[float | None, float | None]:
    """p50 and p95 in seconds, as exact as the metric's buckets are."""
    p50_s, p95_s = (tally.quantile(share, metric.edges) for share in (0.5, 0.95))
    return None if p50_s is None else round(p50_s, 3), None if p95_s is None else round(p95_s, 3)

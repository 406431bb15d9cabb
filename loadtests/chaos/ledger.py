"""What became of the jobs: the clients' list against the tables, the objects and the doubles' journal."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from loadtests.chaos.load import Accepted
from models.doubles.journal import Line
from serve_app.conductor.stages import Question, stage_key
from serve_app.jobs.job import OVER

STAGES = {
    "translator": "translate",
    "extractor": "extract",
    "renderer": "render",
    "scorer": "score",
    "segmenter": "segment",
}
SLACK_S = 0.05  # between the clock reading of a commit and of a start on the same machine
# No client orders the same twice (loadtests/chaos/load.py), so what was asked for tells an order from another.
JOBS = """
SELECT jobs.id, jobs.tenant, state, attempts, result, jobs.created, finished, idempotency.key,
    count(*) OVER (PARTITION BY jobs.tenant, input, options) AS of_order,
    (SELECT count(*) FROM events WHERE job = jobs.id AND kind = ANY(%s)) AS ends
FROM jobs LEFT JOIN idempotency ON idempotency.tenant = jobs.tenant AND answer ->> 'id' = jobs.id
"""


@dataclass(frozen=True, slots=True)
class Jobs:
    """Ids of jobs. `lost`: accepted, and not succeeded; `doubled`: two jobs of one order, a job that no key leads to,
    two ends of one job, or a result that is not what its client saw; `incomplete`: a picture that is not there or not
    what its name says; `longest_s`: from acceptance to end. `unknown`: keys of idempotency under which the one job of
    an order stands that was accepted without its client hearing of it."""

    accepted: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    unknown: tuple[str, ...]
    incomplete: tuple[str, ...]
    taken_over: int
    most_attempts: int
    longest_s: float

    def claims(self, unheard: Collection[str]) -> dict[str, bool]:
        """What must hold -> whether it does; `unheard`: keys of orders whose callers saw a failure."""
        return {
            "0 accepted jobs lost": not self.lost,
            "0 jobs or results doubled": not self.doubled,
            "no job is unknown but where its caller saw a failure": set(self.unknown) <= set(unheard),
            "every picture is there": not self.incomplete,
        }

    def said(self) -> str:
        """Two lines of a table."""
        return (
            f"{self.accepted} jobs accepted, {self.taken_over} taken over, the longest {self.longest_s} s\n"
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.unknown)} unknown to their callers"
        )

    def counted(self) -> dict[str, Any]:
        """Of a benchmark's JSON value."""
        return {
            "jobs": self.accepted, "taken_over": self.taken_over, "lost": len(self.lost),
            "doubled": len(self.doubled), "unknown": len(self.unknown), "longest_s": self.longest_s,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Performed:
    """Stages by the journal. `again`: performed again while no answer was committed; `repeated`: although one was;
    `unseen`: committed, but in no line of the journal, which would make the journal worthless."""

    performed: int
    stages: int
    committed: int
    again: int
    repeated: int
    unseen: int


class Ledger:
    """Reads a database past its row security, after the last job."""

    def __init__(self, url: str, objects: Path) -> None:
        self._url, self._objects = url, objects

    def jobs(self, accepted: Sequence[Accepted]) -> Jobs:
        """All jobs of the load's tenants against those that clients know."""
        rows = {row.id: row for row in self._rows(JOBS, [list(OVER)])}
        places = {(row.tenant, row.sha256): row.place for row in self._rows("SELECT * FROM pictures")}
        known = {job.job for job in accepted}
        stray = [row for row in rows.values() if row.id not in known]
        doubled = {row.id for row in rows.values() if row.ends > 1 or row.of_order > 1}
        doubled |= {row.id for row in stray if row.key is None}
        lost, incomplete = set(), set()
        for job in accepted:
            row = rows.get(job.job)
            if row is None or row.state != "succeeded" or not row.ends:
                lost.add(job.job)
                continue
            pictures = pictures_of(row.result)
            if job.state is not None and (job.state, job.pictures) != (row.state, pictures):
                doubled.add(job.job)
            if not pictures or not all(self._whole(places.get((row.tenant, digest)), digest) for digest in pictures):
                incomplete.add(job.job)
        attempts = [row.attempts for row in rows.values()]
        longest_s = max((row.finished - row.created for row in rows.values() if row.finished), default=0.0)
        return Jobs(
            accepted=len(known),
            lost=tuple(sorted(lost)),
            doubled=tuple(sorted(doubled)),
            unknown=tuple(sorted(row.key for row in stray if row.id not in doubled)),
            incomplete=tuple(sorted(incomplete)),
            taken_over=sum(attempt > 1 for attempt in attempts),
            most_attempts=max(attempts, default=0),
            longest_s=round(longest_s, 1),
        )

    def articles(self) -> tuple[int, int]:
        """Results of articles that were saved, and article jobs that succeeded: each listing is sent once."""
        (row,) = self._rows(
            "SELECT (SELECT count(*) FROM articles) AS saved,"
            " (SELECT count(*) FROM jobs WHERE kind = 'article' AND state = 'succeeded') AS succeeded"
        )
        return row.saved, row.succeeded

    def performed(self, journal: Sequence[Line], tenants: Sequence[str], digests: dict[str, str]) -> Performed:
        """Every line of the journal against the stage that it belongs to; `digests`: role -> hash of its recipe."""
        commits = {row.key: row.created for row in self._rows("SELECT key, created FROM stages")}
        begun: dict[str, list[float]] = {}
        for line in journal:
            question = Question(STAGES[line.role], line.role, line.asked)
            keys = [stage_key(tenant, digests[line.role], question) for tenant in tenants]
            # No text and no picture comes twice, so at most one tenant has asked for it.
            begun.setdefault(next((key for key in keys if key in commits), keys[0]), []).append(line.at)
        repeated = sum(at > commits[key] + SLACK_S for key, times in begun.items() if key in commits for at in times)
        extra = sum(len(times) - 1 for times in begun.values())
        unseen = sum(key not in begun or min(begun[key]) > commits[key] for key in commits)
        return Performed(len(journal), len(begun), len(commits), extra - repeated, repeated, unseen)

    def _rows(self, query: Any, values: Sequence[Any] = ()) -> list[Any]:
        with psycopg.connect(self._url, row_factory=namedtuple_row) as connection:
            return connection.execute(query, values).fetchall()

    def _whole(self, place: str | None, digest: str) -> bool:
        file = self._objects / (place or "")
        return place is not None and file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest


def pictures_of(result: dict[str, Any]) -> tuple[str, ...]:
    """SHA-256 of what a job's result shows, in order."""
    return tuple(shown["sha256"] for shown in result.get("records") or result.get("pictures") or ())

"""A job as a row of the queue, what a client orders, and how jobs end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Row

from models.telemetry.ids import Sender
from serve_app.jobs.events import Said
from serve_app.jobs.schema import jobs

Lane = Literal["interactive", "catalogue"]
LANES: tuple[Lane, ...] = ("interactive", "catalogue")
WAITING = ("queued", "paused")
OVER = ("succeeded", "failed", "canceled", "rejected", "approved", "awaiting_answer", "awaiting_review")


@dataclass(frozen=True, slots=True)
class Order:
    """What a client asks for. `deadline`: seconds from now after which nobody wants the result; `sender`: in whose
    request and trace."""

    tenant: str
    kind: str
    input: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    lane: Lane = "interactive"
    deadline: float | None = None
    batch: str | None = None
    row: int | None = None
    sender: Sender = field(default_factory=Sender.here)


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the queue; times in seconds since 1970."""

    id: str
    tenant: str
    kind: str
    lane: Lane
    input: dict[str, Any]
    options: dict[str, Any]
    state: str
    turn: int
    attempts: int
    cancel_asked: bool
    batch: str | None
    row: int | None
    deadline: float | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created: float
    started: float | None
    finished: float | None
    request: str | None = None
    traceparent: str | None = None

    @property
    def over(self) -> bool:
        return self.state in OVER


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended: one of the states `OVER`, with a result or an error document."""

    state: str
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A job's end, and what it told before that is not written yet."""

    job: Job
    ended: Ended
    told: Sequence[Said] = ()


@dataclass(frozen=True, slots=True)
class Lease:
    """What a heartbeat found: jobs that are still ours, and those of them that somebody asked to cancel."""

    kept: frozenset[str]
    canceled: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """Of a lane: jobs that wait, and seconds since the oldest of them was accepted."""

    waiting: int
    oldest_s: float


COLUMNS = [jobs.c[name] for name in Job.__dataclass_fields__]


def as_job(row: Row[Any]) -> Job:
    return Job(**row._mapping)

"""Jobs and records as the API shows them, and what a job's end means to a client that waited for it."""

import datetime as dt
from typing import Any

from serve_app.api.errors import ProblemError, kinds
from serve_app.api.schemas import ArticleAnswer, JobAnswer, answer
from serve_app.catalogue.record import Record, picture_url
from serve_app.jobs.job import Job


def records_of(job: Job) -> list[Record]:
    """The records of an article's job; empty while there are none."""
    return [Record.model_validate(record) for record in (job.result or {}).get("records", ())]


def article_of(job: Job) -> ArticleAnswer:
    """The article of a job that is over; raises ProblemError when there is neither picture nor question."""
    records = records_of(job)
    if job.state in ("succeeded", "awaiting_answer"):
        return answer(records)
    whole: dict[str, Any] = {"record": answer(records).model_dump(mode="json")} if records else {}
    raise problem_of(job, _kind(job, bool(records)), **whole)


def problem_of(job: Job, kind: str, **members: Any) -> ProblemError:
    """Why a job that is over has no result; `kind`: of the problem, where the job was not canceled."""
    error = error_of(job)
    if job.state == "canceled":
        kind = "no_time" if error["code"] == "no_time" else "canceled"
    again = {"retry_after": error["retry_after"]} if "retry_after" in error else {}
    return ProblemError(kind, error["message"], error["code"], job=job.id, **again, **members)


def error_of(job: Job) -> dict[str, Any]:
    """Why a job that is over has no result."""
    return job.error or {"code": "canceled", "message": "the job was canceled"}


def unfinished(job: Job, wait_s: float) -> ProblemError:
    """What a client hears that waited for a job in vain."""
    return ProblemError("deadline", f"no result after {wait_s:g} s; the work goes on as job {job.id}", job=job.id)


def _kind(job: Job, performed: bool) -> str:
    if performed:
        return "unusable_listing" if job.state == "rejected" else "article_failed"
    code = (job.error or {}).get("code", "internal")
    return code if code in kinds() else "internal"


def job_of(job: Job, place: int | None = None, eta_s: float | None = None) -> JobAnswer:
    """A job's document; `place`: how many come before it, `eta_s`: seconds until its turn."""
    result: dict[str, Any] | None = job.result
    if job.kind == "article" and job.result is not None:
        result = {"records": [_with_address(record) for record in job.result["records"]]}
    return JobAnswer(
        id=job.id,
        kind=job.kind,
        state=job.state,
        lane=job.lane,
        attempts=job.attempts,
        batch=job.batch,
        row=job.row,
        created_at=iso(job.created),
        started_at=None if job.started is None else iso(job.started),
        finished_at=None if job.finished is None else iso(job.finished),
        cancel_asked=job.cancel_asked,
        queue_position=place,
        eta_seconds=eta_s,
        result=result,
        error=job.error,
    )


def _with_address(record: dict[str, Any]) -> dict[str, Any]:
    return record | {"picture_url": picture_url(record.get("sha256"))}


def iso(seconds: float) -> str:
    """ISO 8601 in UTC, of seconds since 1970."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")

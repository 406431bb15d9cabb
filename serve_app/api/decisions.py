"""What a seller decides about a picture. The job's state stays as it is: it says how the work ended, `rejected` there
means a listing that could not be used, and a job of several colourways has a decision for each picture."""

import logging
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from serve_app.api.access import Reader, Writer
from serve_app.api.answers import iso, records_of
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.jobs import IdempotencyKey, JobId, asked_with, known
from serve_app.api.service import Service
from serve_app.catalogue.record import Record, picture_url
from serve_app.jobs.decisions import Decision, Decisions, NewDecision, Verdict
from serve_app.jobs.job import Job

log = logging.getLogger(__name__)
router = APIRouter(prefix="/v1", tags=["decisions"])
KEPT = ("state", "value", "threshold", "expected")  # of a finding: what limits are learnt from
Choice = Literal["approved", "rejected"]
Cursor = Annotated[str | None, Query(pattern=r"^dec_[0-9a-z]{26}$", description="`next_cursor` of the page before")]
Most = Annotated[int, Query(ge=1, le=1000)]


class DecisionRequest(BaseModel):
    """Approved or rejected, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"decision": "rejected", "checks": ["colours"], "note": "the shop's blue is darker"}
        },
    )
    decision: Choice
    checks: list[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]] = Field(
        default_factory=list, max_length=30, description="of a rejection: the verdict's checks whose attribute is wrong"
    )
    note: str = Field(default="", max_length=2000, pattern=r"^[^\x00]*$")
    article_id: str | None = Field(
        default=None, max_length=64, description="which picture, where the job drew several colourways"
    )


class SeenFinding(BaseModel):
    """What a check had said."""

    state: str
    value: float | None = None
    threshold: float | None = None
    expected: str | None = None


class DecisionAnswer(BaseModel):
    """A decision, with what the verdict had said of the picture; `replaced_by` names the one that stands instead."""

    id: str
    object: Literal["decision"] = "decision"
    job: str
    article_id: str
    picture_url: str | None
    decision: Choice
    checks: list[str]
    note: str
    verdict: dict[str, SeenFinding]
    clip_score: float | None
    score_10: float | None
    models: dict[str, str] = Field(description="role -> digest of the weights that drew and judged it")
    decided_by: str = Field(description="id of the API key")
    replaced_by: str | None
    created_at: str


class DecisionList(BaseModel):
    """A page of decisions, the newest first; `next_cursor` is None on the last one."""

    object: Literal["list"] = "list"
    data: list[DecisionAnswer]
    next_cursor: str | None


@router.post("/jobs/{job_id}/decisions", status_code=201, responses=PROBLEMS)
async def decide(
    job_id: JobId, order: DecisionRequest, request: Request, caller: Writer, idempotency_key: IdempotencyKey = None
) -> DecisionAnswer:
    """Approves or rejects the picture of an article's job; a later decision replaces the one before."""
    service: Service = request.app.state.service
    job = await known(service, caller.tenant, job_id)
    record = _record(job, order)
    asked = asked_with(request, idempotency_key, await request.body())
    new = NewDecision(
        caller.tenant, job.id, record.article_id, record.sha256 or "", order.decision, sorted(set(order.checks)),
        order.note, caller.key_id,
    )  # fmt: skip
    made = await _decisions(request).decide(new, _verdict(record), asked)
    passed = all(finding.state != "fail" for finding in record.verdict.values())
    request.app.state.decided(made.decision, "pass" if passed else "fail")
    if passed != (made.decision == "approved"):
        log.info("%s of job %s is against its verdict; checks: %s", made.decision, job.id, ", ".join(made.checks))
    return shown(made)


@router.get("/jobs/{job_id}/decisions", responses=PROBLEMS)
async def of_job(
    job_id: JobId, request: Request, caller: Reader, cursor: Cursor = None, limit: Most = 100
) -> DecisionList:
    """All that was ever decided about a job's pictures, the newest first."""
    await known(request.app.state.service, caller.tenant, job_id)
    return _page(await _decisions(request).of_job(caller.tenant, job_id, limit + 1, cursor), limit)


@router.get("/decisions", responses=PROBLEMS)
async def listed(request: Request, caller: Reader, cursor: Cursor = None, limit: Most = 100) -> DecisionList:
    """The caller's decisions that stand, the newest first; what `vitrine calibrate` learns from."""
    return _page(await _decisions(request).standing(caller.tenant, limit + 1, cursor), limit)


def shown(decision: Decision) -> DecisionAnswer:
    return DecisionAnswer(
        id=decision.id,
        job=decision.job,
        article_id=decision.article_id,
        picture_url=picture_url(decision.sha256),
        decision="approved" if decision.decision == "approved" else "rejected",
        checks=decision.checks,
        note=decision.note,
        verdict={name: SeenFinding(**seen) for name, seen in decision.verdict.items()},
        clip_score=decision.clip_score,
        score_10=decision.score_10,
        models=decision.models,
        decided_by=decision.key,
        replaced_by=decision.replaced_by,
        created_at=iso(decision.created),
    )


def _page(found: Sequence[Decision], limit: int) -> DecisionList:
    page = found[:limit]
    return DecisionList(data=[shown(one) for one in page], next_cursor=page[-1].id if len(found) > limit else None)


def _decisions(request: Request) -> Decisions:
    return Decisions(request.app.state.service.store.database)


def _record(job: Job, order: DecisionRequest) -> Record:
    """The record that is decided about; raises ProblemError where there is none, or where the decision does not fit."""
    drawn = [record for record in records_of(job) if record.status == "succeeded"] if job.kind == "article" else []
    if not drawn:
        said = f"job {job.id} ({job.kind}) is {job.state} and has no article's picture to decide about"
        raise ProblemError("conflict", said, "nothing_to_decide", job=job.id)
    chosen = [record for record in drawn if order.article_id in (None, record.article_id)]
    if len(chosen) != 1:
        names = ", ".join(record.article_id for record in drawn)
        raise ProblemError("invalid_request", f"name one picture of this job: {names}", "invalid_value", "article_id")
    unknown = sorted(set(order.checks) - set(chosen[0].verdict))
    if unknown:
        said = f"{unknown[0]!r} is no check of this verdict; it has {', '.join(chosen[0].verdict)}"
        raise ProblemError("invalid_request", said, "invalid_value", "checks")
    if order.checks and order.decision == "approved":
        raise ProblemError(
            "invalid_request", "checks say what is wrong; an approval names none", "invalid_value", "checks"
        )
    return chosen[0]


def _verdict(record: Record) -> Verdict:
    found = {name: finding.model_dump(include=set(KEPT)) for name, finding in record.verdict.items()}
    models = {role: facts["digest"] for role, facts in record.models.items() if "digest" in facts}
    return Verdict(found, record.clip_score, record.score_10, models)

"""Jobs: the native shape of the API. Accepted means durable; everything else is looked up."""

import re
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response

from serve_app.access.idempotency import Asked, fingerprint
from serve_app.api.access import Reader, Writer
from serve_app.api.answers import job_of
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.schemas import AnswersRequest, JobAnswer, JobList, JobRequest
from serve_app.api.service import Service
from serve_app.jobs.job import Job, Order

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
LONGEST_WAIT_S = 60
PREVIEWS = 1  # of every candidate, half way; only a job's events show them
IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r"^[!-~]([ -~]{0,253}[!-~])?$",
        description="the same key and body give the same job, for 24 hours; printable ASCII",
    ),
]
CancelAfter = Annotated[
    float | None,
    Header(gt=0, le=86_400, allow_inf_nan=False, description="seconds after which nobody wants the result"),
]
JobId = Annotated[str, Path(pattern=r"^job_[0-9a-z]{26}$")]
PREFERENCE = re.compile(r"wait=(\d{1,3})")


@router.post("", status_code=202, responses=PROBLEMS | {200: {"model": JobAnswer}})
async def create(
    order: JobRequest,
    request: Request,
    response: Response,
    caller: Writer,
    prefer: Annotated[str | None, Header(max_length=200)] = None,
    cancel_after: CancelAfter = None,
    idempotency_key: IdempotencyKey = None,
) -> JobAnswer:
    """Accepts a job: 202 with its place in the queue, or 200 when `Prefer: wait=N` (N <= 60) saw its end.

    A job that cannot be done within `Cancel-After` is canceled at once, with the error `no_time`.
    """
    service: Service = request.app.state.service
    await service.adapters.check(order.options.adapter)
    options = order.options.story() | ({"previews": PREVIEWS} if order.lane == "interactive" else {})
    chosen = Order(caller.tenant, order.kind, order.input.columns(), options, order.lane, deadline=cancel_after)
    asked = asked_with(request, idempotency_key, await request.body())
    job = await service.submit(chosen, wait_of(prefer), asked)
    if prefer is not None and wait_of(prefer):
        response.headers["Preference-Applied"] = f"wait={wait_of(prefer)}"
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    response.status_code = 200 if job.over else 202
    return await placed(service, job)


@router.get("", responses=PROBLEMS)
async def listed(
    request: Request,
    caller: Reader,
    cursor: Annotated[
        str | None, Query(pattern=r"^job_[0-9a-z]{26}$", description="`next_cursor` of the page before")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    state: Annotated[str | None, Query(pattern=r"^[a-z_]{1,20}$")] = None,
) -> JobList:
    """The caller's jobs, the newest first; `result` is left out, GET of the job has it."""
    service: Service = request.app.state.service
    found = await service.queue.jobs(caller.tenant, limit + 1, cursor, state)
    page = found[:limit]
    return JobList(data=[job_of(job) for job in page], next_cursor=page[-1].id if len(found) > limit else None)


@router.get("/{job_id}", responses=PROBLEMS)
async def read(job_id: JobId, request: Request, caller: Reader) -> JobAnswer:
    """A job as it stands, with its place in the queue while it waits."""
    service: Service = request.app.state.service
    return await placed(service, await known(service, caller.tenant, job_id))


@router.post("/{job_id}/answers", status_code=202, responses=PROBLEMS)
async def answer(job_id: JobId, order: AnswersRequest, request: Request, caller: Writer) -> JobAnswer:
    """Answers the question of a job in state `awaiting_answer`, which then goes on under its own id."""
    service: Service = request.app.state.service
    given: dict[str, str] = {str(attribute): text for attribute, text in order.answers.items()}
    await service.adapters.check_answers(given)
    job = await known(service, caller.tenant, job_id)
    if not await service.answer(job, given):
        said = f"job {job_id} is {job.state}; only one that awaits an answer takes one"
        raise ProblemError("conflict", said, "not_awaiting_answer", job=job_id)
    return await placed(service, await known(service, caller.tenant, job_id))


@router.post("/{job_id}/cancel", responses=PROBLEMS)
async def cancel(job_id: JobId, request: Request, caller: Writer) -> JobAnswer:
    """Cancels: at once while the job waits, within one step while it runs; a job that is over stays as it is."""
    service: Service = request.app.state.service
    found = await service.cancel(caller.tenant, job_id)
    if found is None:
        raise unknown(job_id)
    return job_of(found)


def asked_with(request: Request, key: str | None, body: bytes) -> Asked | None:
    """The key of a request and what tells it from others, if it has one."""
    return None if key is None else (key, fingerprint(request.method, request.url.path, body))


def wait_of(prefer: str | None) -> int:
    """Seconds that a client is ready to wait, from `Prefer: wait=N`; 0 without it, at most 60."""
    found = PREFERENCE.search(prefer or "")
    return min(int(found.group(1)), LONGEST_WAIT_S) if found else 0


async def known(service: Service, tenant: str, job_id: str) -> Job:
    """The tenant's job; raises ProblemError (404) for every other one."""
    found = await service.queue.job(tenant, job_id)
    if found is None:
        raise unknown(job_id)
    return found


def unknown(job_id: str) -> ProblemError:
    return ProblemError("not_found", f"there is no job {job_id!r}; GET /v1/jobs lists those there are")


async def placed(service: Service, job: Job) -> JobAnswer:
    """The job's document with its place in the queue and the time until its turn, while it waits."""
    if job.state != "queued":
        return job_of(job)
    ahead = await service.queue.ahead(job)
    pace = await service.queue.pace()
    return job_of(job, ahead, round(ahead / pace, 1) if pace else None)

"""What a job tells, as server-sent events; a client that was cut off goes on where it was."""

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse

from serve_app.api.access import Reader
from serve_app.api.answers import job_of
from serve_app.api.errors import PROBLEMS
from serve_app.api.jobs import JobId, known, placed
from serve_app.api.service import Service
from serve_app.jobs.job import Job

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
PLACE_S = 2.0  # how often a waiting job says where it stands
MOST_EVENTS = 2**31 - 1  # what the column holds
PING_S = 15  # a comment line, so that proxies keep the connection


@router.get(
    "/{job_id}/events",
    response_class=EventSourceResponse,
    responses=PROBLEMS | {200: {"content": {"text/event-stream": {}}}},
)
async def follow(
    job_id: JobId,
    request: Request,
    caller: Reader,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> EventSourceResponse:
    """`queued` (position, eta_seconds), `running`, `stage`, `step`, `preview` (a JPEG in
    base64), `answered`, and at last the job's end with its document.

    `Last-Event-ID` goes on after an event that was seen.
    """
    service: Service = request.app.state.service
    job = await known(service, caller.tenant, job_id)
    counts = last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit()
    seen = min(int(last_event_id or 0), MOST_EVENTS) if counts else 0
    return EventSourceResponse(_told(service, job, seen), ping=PING_S, headers={"X-Accel-Buffering": "no"})


async def _told(service: Service, job: Job, seen: int) -> AsyncIterator[dict[str, Any]]:
    said_at = 0.0
    async for current, told in service.follow(job, seen):
        for event in told:
            ended = current.over and event.kind == current.state
            data = job_of(current).model_dump(mode="json") if ended else event.data
            yield {"id": str(event.number), "event": event.kind, "data": json.dumps(data, ensure_ascii=False)}
        if current.state == "queued" and time.monotonic() - said_at > PLACE_S:
            place, said_at = await placed(service, current), time.monotonic()
            said = {"queue_position": place.queue_position, "eta_seconds": place.eta_seconds}
            yield {"event": "queued", "data": json.dumps(said)}

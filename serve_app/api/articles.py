"""Articles: listing in, record and picture out, in one call that waits for its job."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from serve_app.api.access import Reader, Writer
from serve_app.api.answers import article_of, records_of, unfinished
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.jobs import CancelAfter, IdempotencyKey, asked_with
from serve_app.api.schemas import ArticleAnswer, ArticleRequest, answer
from serve_app.api.service import Service
from serve_app.catalogue.record import Record
from serve_app.jobs.job import Order

router = APIRouter(prefix="/v1/articles", tags=["articles"])
ArticleId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}(-[a-z0-9-]{1,40})?$")]
WAIT_S = 900.0  # a cold service may load models first; who leaves earlier finds the job under /v1/jobs


@router.post("", responses=PROBLEMS)
async def create(
    order: ArticleRequest,
    request: Request,
    response: Response,
    caller: Writer,
    cancel_after: CancelAfter = None,
    idempotency_key: IdempotencyKey = None,
) -> ArticleAnswer:
    """Draws one article. `needs_answer` is a 200 with its question; an unusable listing is a 422 with its record; a 429
    says at once that it cannot be drawn within `Cancel-After`."""
    service: Service = request.app.state.service
    chosen = Order(caller.tenant, "article", order.columns(), order.options.story(), deadline=cancel_after)
    job = await service.submit(chosen, WAIT_S, asked_with(request, idempotency_key, await request.body()))
    if not job.over:
        raise unfinished(job, WAIT_S)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    response.headers["Server-Timing"] = server_timing(records_of(job))
    return article_of(job)


@router.get("/{article_id}", responses=PROBLEMS)
async def read(article_id: ArticleId, request: Request, caller: Reader) -> ArticleAnswer:
    """The latest record of an article; a colourway has its own id (`<id>-<colour>`)."""
    service: Service = request.app.state.service
    records = await service.latest(caller.tenant, article_id)
    if not records:
        raise ProblemError("not_found", f"no article {article_id!r} was drawn here; post its listing to /v1/articles")
    return answer(records)


def server_timing(records: list[Record]) -> str:
    """Seconds of the stages in the form that browsers read (milliseconds)."""
    stages = records[0].timings.items() if records else ()
    return ", ".join(f"{stage};dur={seconds * 1000:.1f}" for stage, seconds in stages)

"""Articles: listing in, record and picture out."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from serve_app.api.errors import ProblemError
from serve_app.api.schemas import ArticleAnswer, ArticleRequest, ProblemDocument, answer
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.record import Record
from serve_app.conductor import Conductor
from serve_app.stories.article import Options

router = APIRouter(prefix="/v1/articles", tags=["articles"])
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDocument} for status in (404, 413, 422, 429, 500, 503, 504)
}
ArticleId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}(-[a-z0-9-]{1,40})?$")]


@router.post("", responses=PROBLEMS)
async def create(order: ArticleRequest, request: Request, response: Response) -> ArticleAnswer:
    """Draws one article. `needs_answer` is a 200 with its question; an unusable listing is a 422 with its record."""
    conductor: Conductor = request.app.state.conductor
    chosen = order.options
    listing = Listing(order.name, order.description, order.model_name, order.model_descr)
    options = Options(
        run_seed=chosen.seed,
        candidates=chosen.candidates,
        size=chosen.size,
        adapter=chosen.adapter,
        policy=chosen.policy,
    )
    records = await conductor.article(listing, options)
    response.headers["Server-Timing"] = server_timing(records)
    return _usable(records)


@router.get("/{article_id}", responses=PROBLEMS)
async def read(article_id: ArticleId, request: Request) -> ArticleAnswer:
    """The latest record of an article; a colourway has its own id (`<id>-<colour>`)."""
    conductor: Conductor = request.app.state.conductor
    records = await conductor.latest(article_id)
    if not records:
        raise ProblemError("not_found", f"no article {article_id!r} was drawn here; post its listing to /v1/articles")
    return answer(records)


def server_timing(records: list[Record]) -> str:
    """Seconds of the stages in the form that browsers read (milliseconds)."""
    return ", ".join(f"{stage};dur={seconds * 1000:.1f}" for stage, seconds in records[0].timings.items())


def _usable(records: list[Record]) -> ArticleAnswer:
    """Raises ProblemError for records without a picture or question; the document then holds the record."""
    first = records[0]
    whole = answer(records)
    for kind, fault in (("unusable_listing", first.rejection), ("article_failed", first.failure)):
        if fault is not None and first.status in ("rejected", "failed"):
            raise ProblemError(kind, fault.reason, fault.code, record=whole.model_dump(mode="json"))
    return whole

"""The OpenAI images API over jobs of kind "image": the `openai` package works with this service's address."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sse_starlette import EventSourceResponse

from serve_app.access.idempotency import Asked
from serve_app.api import image_files
from serve_app.api.access import Writer
from serve_app.api.errors import PROBLEMS
from serve_app.api.image_answers import WAIT_S, Pictures, Route
from serve_app.api.image_orders import EditRequest, GenerationRequest, ImageAnswer, ImageRequest
from serve_app.api.jobs import CancelAfter, IdempotencyKey, asked_with
from serve_app.api.service import Service
from serve_app.jobs.job import Order

router = APIRouter(prefix="/v1/images", tags=["images"])
EVENTS: dict[int | str, dict[str, Any]] = {200: {"model": ImageAnswer, "content": {"text/event-stream": {}}}}


def _form() -> dict[str, Any]:
    """The body of an edit, which the route reads by itself."""
    form = EditRequest.model_json_schema()
    file = {"type": "string", "format": "binary"}
    form["properties"] |= {
        "image": file | {"description": "PNG, JPEG or WebP; several as image[], of which the first is changed"},
        "mask": file | {"description": "of the picture's size, transparent where it may change"},
    }
    form["required"] = [*form["required"], "image"]
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}}


@router.post("/generations", response_model=ImageAnswer, responses=PROBLEMS | EVENTS)
async def generate(
    order: GenerationRequest,
    request: Request,
    response: Response,
    caller: Writer,
    cancel_after: CancelAfter = None,
    idempotency_key: IdempotencyKey = None,
) -> Any:
    """Draws n pictures of a prompt; with `stream` as server-sent events."""
    asked = asked_with(request, idempotency_key, await request.body())
    sent = (order.order(caller.tenant, cancel_after), asked)
    return await _answered(request, response, order, sent, "image_generation")


@router.post("/edits", response_model=ImageAnswer, responses=PROBLEMS | EVENTS, openapi_extra=_form())
async def edit(
    request: Request,
    response: Response,
    caller: Writer,
    cancel_after: CancelAfter = None,
    idempotency_key: IdempotencyKey = None,
) -> Any:
    """Changes a picture where its mask is transparent, or as a whole; every pixel outside the mask stays as it came."""
    service: Service = request.app.state.service
    await service.room()
    async with image_files.received(request) as sent:
        stored = await image_files.stored(service, caller.tenant, sent)
    asked = asked_with(request, idempotency_key, stored.fingerprint(sent.asked))
    order = sent.asked.order(caller.tenant, cancel_after, stored.original)
    return await _answered(request, response, sent.asked, (order, asked), "image_edit")


async def _answered(
    request: Request,
    response: Response,
    order: ImageRequest,
    sent: tuple[Order, Asked | None],
    route: Route,
) -> ImageAnswer | EventSourceResponse:
    service: Service = request.app.state.service
    job = await service.submit(sent[0], 0.0 if order.stream else WAIT_S, sent[1])
    pictures, place = Pictures(service, order, request), {"Location": f"/v1/jobs/{job.id}"}
    if order.stream:
        return EventSourceResponse(pictures.events(job, route), headers=place | {"X-Accel-Buffering": "no"})
    response.headers.update(place)
    return await pictures.answer(job)

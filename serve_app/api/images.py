"""The OpenAI images API over jobs of kind "image": the `openai` package works with this service's address."""

import asyncio
import base64
import io
import re
import time
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from serve_app.api.access import Writer
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.jobs import IdempotencyKey, accepted
from serve_app.api.service import Service
from serve_app.jobs.job import Job, Order

router = APIRouter(prefix="/v1/images", tags=["images"])
WAIT_S = 600.0  # the package's own timeout
MODEL = re.compile(r"vitrine(:(?P<adapter>[a-z0-9_-]{1,64}))?")


class GenerationRequest(BaseModel):
    """The parameters of `client.images.generate` that mean something here; every other one is refused."""

    model_config = ConfigDict(extra="forbid")
    prompt: str = Field(min_length=1, max_length=4000)
    model: str = Field(default="vitrine", pattern=f"^{MODEL.pattern}$", description="vitrine, or vitrine:<adapter>")
    n: int = Field(default=1, ge=1, le=8)
    size: str = Field(default="auto", pattern=r"^(auto|[1-9]\d{1,3}x[1-9]\d{1,3})$", description="WIDTHxHEIGHT")
    response_format: Literal["b64_json", "url"] = "b64_json"
    output_format: Literal["png", "jpeg", "webp"] = "png"
    output_compression: int = Field(default=95, ge=1, le=100, description="quality of jpeg and webp")
    background: Literal["auto", "opaque"] = "auto"
    quality: Literal["auto"] = "auto"
    seed: int = Field(default=0, ge=0, lt=2**63, description="an addition: through the package, extra_body")
    user: str | None = Field(default=None, max_length=128, description="kept with the job")

    def order(self, tenant: str) -> Order:
        """The job that draws it."""
        sides = None if self.size == "auto" else [int(side) for side in self.size.split("x")]
        found = MODEL.fullmatch(self.model)
        what: dict[str, Any] = {
            "prompt": self.prompt,
            "count": self.n,
            "seed": self.seed,
            "size": sides,
            "adapter": found.group("adapter") if found else None,
        }
        return Order(tenant, "image", what, {"user": self.user} if self.user else {})


class GeneratedImage(BaseModel):
    """One picture, as base64 or by its address."""

    b64_json: str | None = None
    url: str | None = None


class GenerationAnswer(BaseModel):
    """What the package reads; `created` in seconds since 1970."""

    created: int
    data: list[GeneratedImage]
    output_format: str
    background: Literal["opaque"] = "opaque"


@router.post("/generations", responses=PROBLEMS)
async def generate(
    order: GenerationRequest,
    request: Request,
    response: Response,
    caller: Writer,
    idempotency_key: IdempotencyKey = None,
) -> GenerationAnswer:
    """Draws n pictures of a prompt and answers with them."""
    service: Service = request.app.state.service
    job = await accepted(service, order.order(caller.tenant), request, idempotency_key, WAIT_S)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    digests = _digests(job)
    data = await asyncio.gather(*(_image(service, caller.tenant, digest, order, request) for digest in digests))
    return GenerationAnswer(created=int(job.finished or time.time()), data=data, output_format=order.output_format)


def _digests(job: Job) -> list[str]:
    if job.state == "succeeded":
        return [picture["sha256"] for picture in (job.result or {})["pictures"]]
    if not job.over:
        raise ProblemError("deadline", f"no result after {WAIT_S:g} s; the work goes on as job {job.id}", job=job.id)
    error = job.error or {"code": "canceled", "message": "the job was canceled"}
    kind = {"rejected": "invalid_request", "canceled": "canceled"}.get(job.state, "article_failed")
    raise ProblemError(kind, error["message"], error["code"], job=job.id)


async def _image(
    service: Service, tenant: str, digest: str, order: GenerationRequest, request: Request
) -> GeneratedImage:
    if order.response_format == "url":
        return GeneratedImage(url=f"{str(request.base_url).rstrip('/')}/v1/pictures/{digest}.png")
    png = await service.store.picture(tenant, digest)
    if png is None:
        raise ProblemError("internal", "a picture of this job has gone; send the request again with another key")
    content = png if order.output_format == "png" else await asyncio.to_thread(_encoded, png, order)
    return GeneratedImage(b64_json=base64.b64encode(content).decode())


def _encoded(png: bytes, order: GenerationRequest) -> bytes:
    written = io.BytesIO()
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        options: dict[str, Any] = {"subsampling": 0} if order.output_format == "jpeg" else {}
        picture.save(written, order.output_format, quality=order.output_compression, **options)
    return written.getvalue()

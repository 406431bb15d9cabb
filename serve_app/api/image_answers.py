"""Pictures of a job as the `openai` package reads them: all at once, or as events while they are drawn."""

import asyncio
import base64
import io
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request
from PIL import Image

from serve_app.api.answers import problem_of, unfinished
from serve_app.api.errors import ProblemError, document
from serve_app.api.image_orders import GeneratedImage, ImageAnswer, ImageRequest
from serve_app.api.service import Service
from serve_app.catalogue.record import picture_url
from serve_app.jobs.events import Event
from serve_app.jobs.job import Job

WAIT_S = 600.0  # the package's own timeout
Route = Literal["image_generation", "image_edit"]


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of one request."""

    service: Service
    asked: ImageRequest
    request: Request

    async def answer(self, job: Job) -> ImageAnswer:
        """All pictures; raises ProblemError where there are none."""
        data = await asyncio.gather(*(self._image(job.tenant, digest) for digest in _digests(job)))
        created = int(job.finished or time.time())
        return ImageAnswer(created=created, data=data, output_format=self.asked.output_format)

    async def events(self, job: Job, route: Route) -> AsyncIterator[dict[str, str]]:
        """`partial_image` as previews come, `completed` for every picture, or `error`."""
        shown: dict[int, int] = {}  # seed -> partial images so far
        try:
            async for latest, told in self.service.follow(job):
                job = latest
                for event in told:
                    if event.kind == "preview":
                        seed = event.data["seed"]
                        yield _event(f"{route}.partial_image", await self._partial(event, shown.get(seed, 0)))
                        shown[seed] = shown.get(seed, 0) + 1
            for digest in _digests(job):
                size, content = await self._encoded(job.tenant, digest)
                yield _event(f"{route}.completed", self._facts(size) | {"b64_json": content})
        except ProblemError as error:
            yield _event("error", document(self.request, error))

    async def _partial(self, event: Event, number: int) -> dict[str, Any]:
        jpeg = base64.b64decode(event.data["b64_json"])
        size, content = await asyncio.to_thread(_converted, jpeg, self.asked)
        return self._facts(size) | {"b64_json": content, "partial_image_index": number}

    def _facts(self, size: str) -> dict[str, Any]:
        return {
            "background": "opaque",
            "created_at": int(time.time()),
            "output_format": self.asked.output_format,
            "quality": "auto",
            "size": size,
        }

    async def _image(self, tenant: str, digest: str) -> GeneratedImage:
        if self.asked.response_format == "url":
            return GeneratedImage(url=f"{str(self.request.base_url).rstrip('/')}{picture_url(digest)}")
        _, content = await self._encoded(tenant, digest)
        return GeneratedImage(b64_json=content)

    async def _encoded(self, tenant: str, digest: str) -> tuple[str, str]:
        png = await self.service.store.picture(tenant, digest)
        if png is None:
            raise ProblemError("internal", "a picture of this job has gone; send the request again with another key")
        return await asyncio.to_thread(_converted, png, self.asked)


def _event(kind: str, data: dict[str, Any]) -> dict[str, str]:
    return {"event": kind, "data": json.dumps({"type": kind} | data)}


def _digests(job: Job) -> list[str]:
    if job.state == "succeeded":
        return [picture["sha256"] for picture in (job.result or {})["pictures"]]
    if not job.over:
        raise unfinished(job, WAIT_S)
    raise problem_of(job, "invalid_request" if job.state == "rejected" else "article_failed")


def _converted(content: bytes, asked: ImageRequest) -> tuple[str, str]:
    """Size (WIDTHxHEIGHT) and base64 of a picture file of ours in the format that was asked for."""
    with Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "WEBP"]) as picture:
        size = f"{picture.width}x{picture.height}"
        if picture.format != asked.output_format.upper():
            written = io.BytesIO()
            options: dict[str, Any] = {"subsampling": 0} if asked.output_format == "jpeg" else {}
            picture.save(written, asked.output_format, quality=asked.output_compression, **options)
            content = written.getvalue()
    return size, base64.b64encode(content).decode()

"""The form of an edit: its fields, its pictures and its mask, decoded in a guarded process and stored."""

import asyncio
import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from PIL import Image
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from models.domain import Pixels
from serve_app.api.errors import ProblemError
from serve_app.api.image_orders import MOST_PICTURES, EditRequest
from serve_app.api.service import Service
from serve_app.jobs.ids import new_id
from serve_app.uploads import PictureError, Upload, limits, read

SIDE = 2048  # pixels that a picture is shrunk to; no renderer draws more
DECODING = asyncio.Semaphore(2)  # pictures decoded at once: what one costs is bounded, the number of them must be too
PICTURES = ("image", "image[]")  # the package names one and several differently


@dataclass(frozen=True, slots=True)
class Edit:
    """A request as it came: `files` (field, bytes) in the order of the form."""

    asked: EditRequest
    pictures: tuple[bytes, ...]
    mask: bytes | None

    def fingerprint(self) -> bytes:
        """The same for a form that is sent again, whatever its boundary."""
        files = [hashlib.sha256(content or b"").hexdigest() for content in (*self.pictures, self.mask)]
        return json.dumps([self.asked.model_dump(), files]).encode()


async def received(request: Request) -> Edit:
    """The form of a request; raises ProblemError and RequestValidationError."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ProblemError("invalid_request", "send a multipart form with the files image and mask", "invalid_form")
    async with request.form(max_files=MOST_PICTURES + 1, max_fields=20) as form:
        pictures = [await _bytes(file, "image") for name in PICTURES for file in form.getlist(name)]
        mask = await _bytes(form["mask"], "mask") if "mask" in form else None
        asked = _fields(form)
    if not 1 <= len(pictures) <= MOST_PICTURES:
        said = f"image: {len(pictures)} pictures; send 1 to {MOST_PICTURES}, the first of which is changed"
        raise ProblemError("invalid_request", said, "missing_field" if not pictures else "invalid_value", "image")
    return Edit(asked, tuple(pictures), mask)


async def stored(service: Service, tenant: str, edit: Edit) -> dict[str, Any]:
    """The edit's `original` for its job: hashes of its pictures as the service keeps them."""
    uploads = [await _decoded(content, "image") for content in edit.pictures]
    mask = await asyncio.to_thread(_mask, uploads[0], None if edit.mask is None else await _decoded(edit.mask, "mask"))
    owner = new_id("upload")

    async def kept(pixels: Pixels) -> str:
        return await service.store.put_picture(tenant, owner, await asyncio.to_thread(_png, pixels))

    return {
        "pictures": [await kept(upload.pixels) for upload in uploads],
        "mask": None if mask is None else await kept(mask),
        "strength": edit.asked.strength,
    }


def _fields(form: FormData) -> EditRequest:
    given = {name: value for name, value in form.items() if name not in (*PICTURES, "mask")}
    try:
        return EditRequest.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


async def _bytes(file: Any, name: str) -> bytes:
    if not isinstance(file, UploadFile):
        raise ProblemError("invalid_request", f"{name}: send a file, not a text", "invalid_value", name)
    if (file.size or 0) > limits.FILE_BYTES:
        said = f"{name}: {file.size} bytes, at most {limits.FILE_BYTES >> 20} MB are read"
        raise ProblemError("too_large", said, "too_large", name)
    return await file.read()


async def _decoded(content: bytes, name: str) -> Upload:
    try:
        async with DECODING:
            return await asyncio.to_thread(read, content, SIDE)
    except PictureError as wrong:
        kind = "too_large" if wrong.code == "too_large" else "invalid_request"
        raise ProblemError(kind, f"{name}: {wrong}", wrong.code, name) from None


def _mask(first: Upload, mask: Upload | None) -> Pixels | None:
    """255 where the picture may change: where the mask, or else the picture itself, is transparent."""
    alpha = first.alpha if mask is None else mask.alpha
    if mask is None and (alpha is None or bool((alpha >= 128).all())):
        return None
    if alpha is None or bool((alpha >= 128).all()):
        said = "mask: no pixel is transparent; what is to change must be transparent in the mask"
        raise ProblemError("invalid_request", said, "invalid_value", "mask")
    if alpha.shape != first.pixels.shape[:2]:
        sizes = [f"{plane.shape[1]} x {plane.shape[0]}" for plane in (alpha, first.pixels)]
        raise ProblemError(
            "invalid_request", f"mask: {sizes[0]}, but the picture is {sizes[1]}", "invalid_value", "mask"
        )
    return np.where(alpha < 128, np.uint8(255), np.uint8(0))


def _png(pixels: Pixels) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG", compress_level=1)
    return written.getvalue()

"""The form of an edit: its fields, its pictures and its mask, decoded in a guarded process and stored."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from models.domain import Pixels
from serve_app.api.errors import ProblemError
from serve_app.api.file_forms import WORKING, file_of, in_turn, multipart, once, readable
from serve_app.api.image_orders import MOST_PICTURES, EditRequest
from serve_app.api.service import Service
from serve_app.catalogue.finishing import png
from serve_app.jobs.ids import new_id
from serve_app.provenance.metadata import format_of, signed_by_somebody
from serve_app.provenance.verify import said_by
from serve_app.uploads import Upload, read

SIDE = 2048  # pixels that a picture is shrunk to; no renderer draws more
PICTURES = ("image", "image[]")  # the package names one and several differently
NO_FILE = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Edit:
    """A request as it came: its files on disk, not read yet."""

    asked: EditRequest
    pictures: tuple[UploadFile, ...]
    mask: UploadFile | None


@dataclass(frozen=True, slots=True)
class Stored:
    """`original`: an edit's pictures for its job, as hashes of what is kept; `sent`: SHA-256 of the files that came."""

    original: dict[str, Any]
    sent: tuple[str, ...]

    def fingerprint(self, asked: EditRequest) -> bytes:
        """The same for a form that is sent again, whatever its boundary."""
        return json.dumps([asked.model_dump(), self.sent]).encode()


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[Edit]:
    """The form of a request, whose files are gone with the block; raises ProblemError and RequestValidationError."""
    multipart(request, "the files image and mask")
    async with request.form(max_files=MOST_PICTURES + 1, max_fields=20) as form:
        once(form, several=PICTURES)
        pictures = tuple(file_of("image", value) for name in PICTURES for value in form.getlist(name))
        mask = file_of("mask", form["mask"]) if "mask" in form else None
        asked = _fields(form)
        if not 1 <= len(pictures) <= MOST_PICTURES:
            said = f"image: {len(pictures)} pictures; send 1 to {MOST_PICTURES}, the first of which is changed"
            raise ProblemError("invalid_request", said, "missing_field" if not pictures else "invalid_value", "image")
        yield Edit(asked, pictures, mask)


async def stored(service: Service, tenant: str, edit: Edit) -> Stored:
    """Decodes and keeps the pictures one after the other: a request holds one of them, the first beside its mask."""
    owner = new_id("upload")

    async def kept(pixels: Pixels) -> str:
        return await service.store.put_picture(tenant, owner, await in_turn(png, pixels))

    pictures: list[str] = []
    signed: list[str | None] = []
    sent: list[str] = []
    async with WORKING:
        mask, masked = None, NO_FILE
        for file in edit.pictures:
            digest, upload = await _decoded(file, "image")
            if not pictures:
                area, masked = await _area(upload, edit.mask)
                mask = None if area is None else await kept(area)
            pictures.append(await kept(upload.pixels))
            sent.append(digest)
            del upload  # before the next one is decoded
            signed.append(await _signed(service, tenant, owner, file))
    original = {"pictures": pictures, "signed": signed, "mask": mask, "strength": edit.asked.strength}
    return Stored(original, (*sent, masked))


async def _signed(service: Service, tenant: str, owner: str, file: UploadFile) -> str | None:
    """Where a file lies that came with a valid manifest, for the manifest of what is made from it; else None.

    No route gives the object back: what a camera says of place and owner stays in it.
    """
    await file.seek(0)
    content = await file.read()
    if not signed_by_somebody(content) or (await in_turn(said_by, content))[0].state != "valid":
        return None
    placed = await service.store.place(tenant, owner, content, str(format_of(content)).removeprefix("image/"))
    return placed.key


def _fields(form: FormData) -> EditRequest:
    given = {name: value for name, value in form.items() if name not in (*PICTURES, "mask")}
    try:
        return EditRequest.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


async def _decoded(file: UploadFile, name: str) -> tuple[str, Upload]:
    """SHA-256 of the file, and what it shows."""
    with readable(name):
        return await in_turn(_opened, await file.read())


def _opened(content: bytes) -> tuple[str, Upload]:
    return hashlib.sha256(content).hexdigest(), read(content, SIDE)


async def _area(first: Upload, mask: UploadFile | None) -> tuple[Pixels | None, str]:
    """Where the first picture may change, and SHA-256 of the mask's file."""
    if mask is None:
        return _mask(first, None), NO_FILE
    digest, upload = await _decoded(mask, "mask")
    return await in_turn(_mask, first, upload), digest


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

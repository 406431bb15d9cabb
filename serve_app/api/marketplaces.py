"""A picture of the caller's own against the rules of a marketplace, and as the file that the marketplace takes."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import UploadFile

from models.domain import Mask, Picture
from serve_app.api.access import Reader, Writer
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.file_forms import WORKING, file_of, in_turn, multipart, once, readable
from serve_app.api.schemas import Marketplace
from serve_app.api.service import Service
from serve_app.delivery.deliver import Delivered, deliver
from serve_app.delivery.enlarging import Enlarged
from serve_app.delivery.finish import FinishError
from serve_app.delivery.guarded import checked
from serve_app.delivery.product import product_of
from serve_app.delivery.profile import names, profile
from serve_app.delivery.ruling import Delivery, Report
from serve_app.jobs.ids import new_id
from serve_app.provenance.labelling import own_label
from serve_app.provenance.seal import Seal
from serve_app.stories.enlarging import enlarged
from serve_app.stories.house import House
from serve_app.uploads import read

router = APIRouter(prefix="/v1", tags=["marketplaces"])
SIDE = 3000  # pixels that a picture is shrunk to before it is finished; no profile asks for more
FILE = {"type": "string", "format": "binary"}
FORM = {
    "type": "object",
    "required": ["file", "profile"],
    "properties": {
        "file": FILE,
        "profile": {"type": "string", "enum": names()},
        "mask": FILE | {"description": "a picture of the same size, white where the product is; default: found"},
    },
    "additionalProperties": False,
}
BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FORM}}}}
Done = TypeVar("Done")


class Fields(BaseModel):
    """What the form holds beside its files."""

    model_config = ConfigDict(extra="forbid")
    profile: Marketplace


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it came: its files on disk, not read yet."""

    profile: str
    file: UploadFile
    mask: UploadFile | None

    async def read(self) -> tuple[bytes, bytes | None]:
        """The picture's file, and the mask's."""
        return await self.file.read(), None if self.mask is None else await self.mask.read()


@dataclass(frozen=True, eq=False, slots=True)
class Opened:
    """A picture and where its product is; `content`: its file as it came."""

    content: bytes
    picture: Picture
    product: Mask


@router.post("/check", response_model=Report, responses=PROBLEMS, openapi_extra=BODY)
async def check(request: Request, _: Reader) -> Report:
    """Says for every rule of a marketplace whether a picture's file keeps it; nothing of it is kept."""
    async with _received(request) as sent, WORKING:
        content, mask = await sent.read()
        return await _done(checked, content, PurePath(sent.file.filename or "").name, sent.profile, mask)


@router.post("/finish", response_model=Delivery, responses=PROBLEMS, openapi_extra=BODY)
async def finish(request: Request, caller: Writer) -> Delivery:
    """Cuts out, frames, sizes, encodes and signs a picture by the rules of a marketplace; `url` shows the file.

    The same picture gives the same pixels, so a request that is sent again does no harm.
    """
    service: Service = request.app.state.service
    async with _received(request) as sent, WORKING:
        found = await _done(_opened, *await sent.read())
        source = await enlarged(found.picture, found.product, profile(sent.profile), request.app.state.enlarge)
        about = {"profile": sent.profile} | source.about
        if source.finer is not None:
            about["models"] = {"upscaler": House.of(await service.conductor.about()).models["upscaler"]}
        made = await _done(_finished, found, source, about, request.app.state.seal)
    await service.store.put_picture(caller.tenant, new_id("upload"), made.content, made.ending)
    return made.delivery


def _opened(content: bytes, mask: bytes | None) -> Opened:
    found = read(content, SIDE)
    given = None if mask is None else Mask(read(mask, SIDE).pixels.max(axis=2), 1.0)
    return Opened(content, Picture(found.pixels), product_of(found.pixels, found.alpha, given))


def _finished(found: Opened, source: Enlarged, about: dict[str, Any], seal: Seal | None) -> Delivered:
    return deliver(source, found.product, about["profile"], own_label(found.content, seal, about))


async def _done(work: Callable[..., Done], *given: Any) -> Done:
    """In a decoder's thread; what the picture lacks as a problem."""
    try:
        with readable("file"):
            return await in_turn(work, *given)
    except FinishError as wrong:
        raise ProblemError("invalid_request", f"file: {wrong}", "no_product", "file") from None


@asynccontextmanager
async def _received(request: Request) -> AsyncIterator[Sent]:
    """The form of a request, gone with the block; raises ProblemError and RequestValidationError."""
    multipart(request, "the picture as file and the profile")
    async with request.form(max_files=2, max_fields=4) as form:
        once(form)
        given = form.multi_items()
        files = {name: value for name, value in given if name in ("file", "mask")}
        try:
            fields = Fields.model_validate({name: value for name, value in given if name not in files})
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from None
        if "file" not in files:
            raise ProblemError("invalid_request", "file: send the picture", "missing_field", "file")
        sent = {name: file_of(name, value) for name, value in files.items()}
        yield Sent(fields.profile, sent["file"], sent.get("mask"))

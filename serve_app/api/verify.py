"""What a file says of itself, and whether it is one of the caller's delivered pictures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile

from serve_app.api.access import Reader
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.file_forms import WORKING, file_of, in_turn, multipart, readable
from serve_app.api.service import Service
from serve_app.provenance.answer import VerifyAnswer, answer
from serve_app.provenance.registry import entries
from serve_app.provenance.verify import Verifier

router = APIRouter(prefix="/v1/verify", tags=["provenance"])
FILE = {"type": "string", "format": "binary", "description": "PNG, JPEG or WebP"}
FORM = {"type": "object", "required": ["file"], "properties": {"file": FILE}, "additionalProperties": False}
BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FORM}}}}


@router.post("", response_model=VerifyAnswer, responses=PROBLEMS, openapi_extra=BODY)
async def verify(request: Request, caller: Reader) -> VerifyAnswer:
    """Reads manifest, digital source type and mark of a picture's file, and looks it up among the caller's own."""
    service: Service = request.app.state.service
    verifier: Verifier = request.app.state.verifier
    async with _received(request) as file, WORKING:
        with readable("file"):
            found = await in_turn(verifier.examine, await file.read())
    return answer(found, await entries(service.store.database, caller.tenant, found))


@asynccontextmanager
async def _received(request: Request) -> AsyncIterator[UploadFile]:
    """The one file of the form, gone with the block; raises ProblemError."""
    multipart(request, "the picture as file")
    async with request.form(max_files=1, max_fields=1) as form:
        given = form.multi_items()
        unknown = next((name for name, _ in given if name != "file"), None)
        if unknown is not None:
            raise ProblemError("invalid_request", f"{unknown[:80]!r} is no field; send file", "unknown_field")
        if len(given) != 1 or not isinstance(given[0][1], UploadFile):
            raise ProblemError("invalid_request", "file: send one file, not a text", "missing_field", "file")
        yield file_of("file", given[0][1])

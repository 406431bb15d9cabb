"""A feed on its way in: a form or an address becomes a file on disk with what was asked for."""

import asyncio
import hashlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, TypeVar
from urllib.parse import unquote, urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from serve_app.api.batch_schemas import BatchForm, BatchRequest
from serve_app.api.errors import ProblemError
from serve_app.outbound import Outbound, OutboundError
from serve_app.sheets import Columns, SheetError, limits

LONGEST_NAME = 200  # characters of a file's name that are kept; its end says the format

Asked = TypeVar("Asked", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Received:
    """`path` is gone with the block that received it; `name` is the sender's, `digest` the content's SHA-256.

    `options` are the story's.
    """

    path: Path
    name: str
    digest: str
    options: dict[str, Any]
    columns: Columns

    def fingerprint(self) -> bytes:
        """The same for a feed that is sent again, whatever the form's boundary."""
        return json.dumps([self.name, self.digest, self.options, self.columns.titles()]).encode()


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[Received]:
    """The feed of a request, never whole in memory; raises ProblemError."""
    with tempfile.TemporaryDirectory(prefix="vitrine-") as folder:
        path = Path(folder) / "feed"
        asked: BatchForm | BatchRequest
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            asked, name = await _uploaded(request, path)
        else:
            asked, name = await _fetched(request, path)
        if path.stat().st_size > limits.FILE_BYTES:
            raise ProblemError("too_large", f"the file is longer than {limits.FILE_BYTES} bytes; split it")
        try:
            columns = Columns.parse(asked.columns)
        except SheetError as wrong:
            raise ProblemError("invalid_request", str(wrong), "invalid_value", "columns") from None
        options = asked.options.story() | ({"dry_run": True} if asked.dry_run else {})
        yield Received(path, name, await asyncio.to_thread(_digest, path), options, columns)


async def _uploaded(request: Request, path: Path) -> tuple[BatchForm, str]:
    async with request.form(max_files=1, max_fields=8) as form:
        fields = {name: value for name, value in form.items() if name != "file"}
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise ProblemError(
                "invalid_request", "file: send the sheet as a file of this name", "missing_field", "file"
            )
        if isinstance(fields.get("options"), str):
            fields["options"] = _json(str(fields["options"]))
        asked = _valid(BatchForm, fields)
        await asyncio.to_thread(_copy, file.file, path)
        return asked, _plain(file.filename.replace("\\", "/"))


async def _fetched(request: Request, path: Path) -> tuple[BatchRequest, str]:
    asked = _valid(BatchRequest, _json((await request.body()).decode("utf-8", "replace")))
    outbound: Outbound = request.app.state.outbound
    try:
        await outbound.download(asked.source_url, path, limits.FILE_BYTES)
    except OutboundError as denied:
        kind = "too_large" if denied.code == "too_large" else "invalid_request"
        raise ProblemError(kind, str(denied), denied.code, "source_url") from None
    return asked, _plain(unquote(urlsplit(asked.source_url).path))


def _valid(kind: type[Asked], given: Any) -> Asked:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProblemError("invalid_request", f"not valid JSON ({str(error)[:80]})", "invalid_json") from None


def _plain(path: str) -> str:
    name = PurePosixPath(path).name.encode("utf-8", "replace").decode()
    return "".join(char for char in name if char.isprintable())[-LONGEST_NAME:]


def _copy(stream: BinaryIO, path: Path) -> None:
    with path.open("wb") as out:
        shutil.copyfileobj(stream, out)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

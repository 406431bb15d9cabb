"""Every error answer of the API: RFC 9457 problem documents with the `error` member that SDKs read."""

import errno
import logging
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from starlette.exceptions import HTTPException

from models.telemetry.metrics import STORE_FAILURES
from serve_app.access.idempotency import IdempotencyKeyError, KeyReusedError
from serve_app.api.document import Api
from serve_app.api.schemas import ProblemDocument
from serve_app.errors import StageError
from serve_app.jobs.admission import OverloadedError
from serve_app.jobs.enqueue import QueueFullError
from serve_app.jobs.objects import ObjectsError

log = logging.getLogger(__name__)
RETRY_S = "5"  # when an answer cannot know better
SHOWN = 80  # characters of a refused value that an answer repeats
# pydantic's type of a fault -> our stable code; every other one is "invalid_value"
CODES = {"extra_forbidden": "unknown_field", "missing": "missing_field", "json_invalid": "invalid_json"}
SILENT = (OperationalError, NoConnectionError, ObjectsError)  # what stands behind the service did not answer
FULL = (errno.ENOSPC, errno.EDQUOT)  # a disk without room, or without room for us
HTTP_KINDS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


AGAIN = {"Retry-After": {"required": True, "schema": {"type": "integer"}, "description": "seconds"}}
HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    429: AGAIN,
    503: AGAIN,
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route documents of the problems that it answers with."""
    return {status: {"model": ProblemDocument, "headers": HEADERS.get(status, {})} for status in statuses}


PROBLEMS = problems(401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 504)


class ProblemError(Exception):
    """Raised by a route: `kind` is a section of problems.toml, `members` are added to the document."""

    def __init__(
        self, kind: str, detail: str, code: str | None = None, param: str | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.code, self.param, self.members = kind, detail, code, param, members


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """Kind -> status, type and titles."""
    return tomllib.loads((Path(__file__).parent / "problems.toml").read_text("utf-8"))


def problem(request: Request, error: ProblemError, headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer for an error."""
    status = kinds()[error.kind]["status"]
    return JSONResponse(document(request, error), status, headers=headers, media_type="application/problem+json")


def document(request: Request, error: ProblemError) -> dict[str, Any]:
    """The problem document, its title in German when the client asks for German first."""
    kind = kinds()[error.kind]
    language = "de" if request.headers.get("accept-language", "").lower().startswith("de") else "en"
    return {
        "type": f"urn:vitrine:problem:{error.kind}",
        "title": kind[language],
        "status": kind["status"],
        "detail": error.detail,
        "instance": request.url.path,
        "request_id": request.scope.get("request_id", ""),
        "error": {
            "message": error.detail,
            "type": kind["type"],
            "code": error.code or error.kind,
            "param": error.param,
        },
        **error.members,
    }


def install(app: Api) -> None:
    """Registers the handlers; whatever a route raises becomes a problem document."""

    @app.exception_handler(ProblemError)
    async def answered(request: Request, error: ProblemError) -> JSONResponse:
        again = kinds()[error.kind]["status"] in (429, 503)
        again_s = str(error.members.get("retry_after", RETRY_S))
        return problem(request, error, {"Retry-After": again_s} if again else None)

    @app.exception_handler(QueueFullError)
    async def _(request: Request, error: QueueFullError) -> JSONResponse:
        return await answered(request, ProblemError("queue_full", str(error)))

    @app.exception_handler(StageError)
    async def _(request: Request, error: StageError) -> JSONResponse:
        return await answered(request, ProblemError(error.code, str(error)))

    @app.exception_handler(OverloadedError)
    async def _(request: Request, error: OverloadedError) -> JSONResponse:
        return problem(request, ProblemError("overloaded", str(error)), {"Retry-After": str(error.retry_after_s)})

    @app.exception_handler(IdempotencyKeyError)
    async def _(request: Request, error: IdempotencyKeyError) -> JSONResponse:
        wrong = ProblemError("invalid_request", str(error), "invalid_value", "Idempotency-Key")
        return await answered(request, wrong)

    @app.exception_handler(KeyReusedError)
    async def _(request: Request, error: KeyReusedError) -> JSONResponse:
        reused = ProblemError("idempotency", str(error), "idempotency_key_reused", "Idempotency-Key")
        return await answered(request, reused)

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [_fault(found) for found in error.errors()]
        message, code, param = faults[0]
        others = [{"message": message, "code": code, "param": param} for message, code, param in faults]
        return problem(request, ProblemError("invalid_request", message, code, param, errors=others))

    async def lost(request: Request, error: Exception) -> JSONResponse:
        return silent(request, error)

    for kind in SILENT:
        app.add_exception_handler(kind, lost)

    @app.exception_handler(OSError)
    async def _(request: Request, error: OSError) -> JSONResponse:
        if error.errno not in FULL:
            raise error
        log.error("a disk has no room", exc_info=error)
        return await answered(request, ProblemError("not_ready", "the service's disk has no room; try again later"))

    @app.exception_handler(DataError)
    async def _(request: Request, error: DataError) -> JSONResponse:
        log.warning("a value does not fit its column", exc_info=error)
        said = "a text or number of the request cannot be stored as it is; leave out control characters"
        return problem(request, ProblemError("invalid_request", said, "invalid_value"))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> JSONResponse:
        kind, headers = HTTP_KINDS.get(error.status_code, "invalid_request"), dict(error.headers or {})
        if kind == "method_not_allowed" and (methods := app.methods(request.url.path)):
            headers["Allow"] = ", ".join(methods)  # Starlette names those of one route only
        return problem(request, ProblemError(kind, f"{request.method} {request.url.path}: {error.detail}"), headers)

    @app.exception_handler(Exception)
    async def _(request: Request, error: Exception) -> JSONResponse:
        log.error("unforeseen failure", exc_info=error)
        return problem(request, ProblemError("internal", "the service failed on this request; its log names the cause"))


def silent(request: Request, error: Exception) -> JSONResponse:
    """The answer when what stands behind the service does not answer: an error of `SILENT`."""
    who = "the object store" if isinstance(error, ObjectsError) else "the database"
    STORE_FAILURES(store=who.removeprefix("the "))
    log.error("%s does not answer", who, exc_info=error)
    lost = ProblemError("not_ready", f"{who} does not answer; try again in a few seconds")
    return problem(request, lost, {"Retry-After": RETRY_S})


def _fault(found: dict[str, Any]) -> tuple[str, str, str | None]:
    """Message, code and parameter ("options.candidates") of one of pydantic's faults."""
    place = ".".join(str(step) for step in found["loc"] if step not in ("body", "path", "query", "header"))
    code = CODES.get(found["type"], "invalid_value")
    if code == "unknown_field":
        return f"{place!r} is not a field of this request; /docs lists the fields", code, place
    if code == "invalid_json":
        return f"the body is not valid JSON ({found.get('ctx', {}).get('error', 'syntax')})", code, None
    if isinstance(found.get("input"), bytes):
        return "the body is not JSON; send it with Content-Type: application/json", "invalid_json", None
    given = "" if code == "missing_field" else f", not {_shown(found.get('input'))}"
    return f"{place or 'body'}: {found['msg']}{given}", code, place or None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"

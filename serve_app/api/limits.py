"""What every request passes first: a name for it, and a cap on its body."""

import re
import uuid

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.api.errors import ProblemError, problem

MAX_BODY = 256 * 1024  # bytes; the longest listing that the intake accepts, in UTF-8, is below half of it
MAX_FEED = 201 * 1024**2  # bytes of POST /v1/batches: 200 MiB of sheet and the form around it
REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


class Limits:
    """Takes the client's X-Request-Id or makes one (Serve returns it as a header), and refuses long bodies with 413."""

    def __init__(self, app: ASGIApp, max_body: int = MAX_BODY) -> None:
        self._app, self._max_body = app, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Request(scope).headers.get("x-request-id", "")
        scope["request_id"] = asked if REQUEST_ID.fullmatch(asked) else uuid.uuid4().hex

        if _is_feed(scope):
            await self._app(scope, _counted(receive), send)
            return
        body = await self._body(receive)
        if body is None:
            detail = f"the body is longer than {self._max_body} bytes"
            await problem(Request(scope), ProblemError("too_large", detail))(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)

    async def _body(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._max_body:
                return None
            if not message.get("more_body", False):
                return bytes(body)


def _is_feed(scope: Scope) -> bool:
    form = Request(scope).headers.get("content-type", "").startswith("multipart/form-data")
    return form and (scope["method"], scope["path"].rstrip("/")) == ("POST", "/v1/batches")


def _counted(receive: Receive) -> Receive:
    """The body as it comes, never held as a whole; raises ProblemError in the route when it is too long."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_FEED:
            raise ProblemError("too_large", f"the body is longer than {MAX_FEED} bytes; split the sheet")
        return message

    return counted


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body as one message, then whatever the server has to say (a disconnect)."""
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay

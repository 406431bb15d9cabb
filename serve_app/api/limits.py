"""What every request passes early: a cap on its body and on the time that it takes to come."""

import asyncio
import time

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.api.errors import ProblemError, problem

MAX_BODY = 256 * 1024  # bytes; the longest listing that the intake accepts, in UTF-8, is below half of it
READ_AWAY = 16 * 1024**2  # bytes of a body that is too long
# Forms are spooled to disk, so they may be longer: 200 MiB of sheet, one to three large photographs, the form around.
LONGER = {"/v1/batches": 201 * 1024**2, "/v1/images/edits": 61 * 1024**2, "/v1/verify": 21 * 1024**2}
LONGER |= dict.fromkeys(("/v1/check", "/v1/finish"), 41 * 1024**2)
BODY_S = 30.0  # for a whole short body; on a telephone's line 256 KB take ten
PAUSE_S = 30.0  # of a form with files, between two pieces of it
FORM_S = 900.0  # for such a form: 201 MiB at 2 Mbit/s
CLOSE = {"Connection": "close"}  # what is still on its way is not read


class Limits:
    """Refuses long bodies with 413, and those that do not come with 408."""

    def __init__(self, app: ASGIApp, max_body: int = MAX_BODY) -> None:
        self._app, self._max_body = app, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (most := _longer(scope)) is not None:
            await self._app(scope, _counted(receive, most), send)
            return
        try:
            async with asyncio.timeout(BODY_S):
                body = await self._body(receive)
        except TimeoutError:
            await problem(Request(scope), _slow(BODY_S), CLOSE)(scope, receive, send)
            return
        except ClientDisconnect:
            return  # half a request is none
        if body is None:
            detail = f"the body is longer than {self._max_body} bytes"
            await problem(Request(scope), ProblemError("too_large", detail), CLOSE)(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)

    async def _body(self, receive: Receive) -> bytes | None:
        """The whole body; None for one that is too long, of which some more is read away: who still sends hears no
        answer."""
        body, size = bytearray(), 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            size += len(message.get("body", b""))
            if size <= self._max_body:
                body += message.get("body", b"")
            if size > self._max_body + READ_AWAY or not message.get("more_body", False):
                return bytes(body) if size <= self._max_body else None


def _longer(scope: Scope) -> int | None:
    """The cap of a form with files; None for every other body."""
    form = Request(scope).headers.get("content-type", "").startswith("multipart/form-data")
    return LONGER.get(scope["path"].rstrip("/")) if form and scope["method"] == "POST" else None


def _counted(receive: Receive, most: int) -> Receive:
    """The body as it comes, never held as a whole; raises ProblemError in the route when it is too long."""
    size, until, whole = 0, time.monotonic() + FORM_S, False

    async def counted() -> Message:
        nonlocal size, whole
        if whole:  # from here on the server tells of a disconnect only
            return await receive()
        try:
            async with asyncio.timeout(min(PAUSE_S, until - time.monotonic())):
                message = await receive()
        except TimeoutError:
            raise _slow(FORM_S) from None
        whole = not message.get("more_body", False)
        size += len(message.get("body", b""))
        if size > most:
            raise ProblemError("too_large", f"the body is longer than {most} bytes; send less at once")
        return message

    return counted


def _slow(seconds: float) -> ProblemError:
    said = f"the body was not here after {seconds:g} s, or nothing of it came for {PAUSE_S:g} s"
    return ProblemError("request_timeout", said)


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

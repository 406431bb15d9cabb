"""What is told of every request: its id, a line of the log, its metrics, and the first span of its trace."""

import logging
import re
import time
import uuid

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.telemetry import traces
from models.telemetry.ids import bound
from models.telemetry.metrics import HTTP_REQUESTS, HTTP_SECONDS

REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"  # of methods and addresses that the service does not have, so that metrics stay few

log = logging.getLogger(__name__)


class Watched:
    """The outermost layer: takes the client's X-Request-Id or makes one (Serve returns it as a header), and goes on
    with the client's `traceparent`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Request(scope).headers
        asked = headers.get("x-request-id", "")
        name = scope["request_id"] = asked if REQUEST_ID.fullmatch(asked) else uuid.uuid4().hex
        began, status = time.perf_counter(), 0
        began_s = 0.0

        async def noted(message: Message) -> None:
            nonlocal status, began_s
            if message["type"] == "http.response.start":
                status, began_s = message["status"], time.perf_counter() - began
            await send(message)

        with bound(request=name), traces.within(headers.get("traceparent")), traces.span("request", request=name):
            try:
                await self._app(scope, receive, noted)
            finally:
                _tell(scope, status, began_s, time.perf_counter() - began)


def _tell(scope: Scope, status: int, began_s: float, ended_s: float) -> None:
    """`status` 0: the client left before an answer began."""
    method = scope["method"] if scope["method"] in METHODS else OTHER
    route = getattr(scope.get("route"), "path", OTHER)
    traces.named(f"{method} {route}", status=status)
    HTTP_REQUESTS(method=method, route=route, status=str(status))
    if status:
        HTTP_SECONDS(began_s, method=method, route=route)
    log.info("%s %s %d in %.0f ms", method, route, status, ended_s * 1000)

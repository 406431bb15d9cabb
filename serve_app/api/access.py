"""Who is calling and how often: API keys, scopes and rate limits at the door of every route."""

import logging
import time
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.access.keys import Keys
from serve_app.access.limits import Limiter
from serve_app.access.principal import SCOPES, Principal
from serve_app.access.principal import Scope as Right
from serve_app.api.errors import SILENT, ProblemError, problem, silent
from serve_app.jobs.store import LOCAL

log = logging.getLogger(__name__)

OPEN = frozenset({"/healthz", "/docs", "/openapi.json", "/docs/oauth2-redirect"})
LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})
PROXIED = ("forwarded", "x-real-ip")  # a proxy on this machine speaks for somebody elsewhere
FORWARDED = "x-forwarded-for"
NOBODY = Principal(LOCAL, "none", frozenset(SCOPES))
KEYS_LOOKED_S = 5.0
SAID_AGAIN_S = 600.0  # an open door is said loudly, and not all the time


BEARER = Security(HTTPBearer(auto_error=False, description="vk_...; `vitrine keys create` makes one"))


class Door:
    """Answers 401 without a valid key and 429 over the rate; without any key in the store only this machine enters."""

    def __init__(self, app: ASGIApp, keys: Keys, limiter: Limiter, proxied: bool) -> None:
        self._app, self._keys, self._limiter, self._proxied = app, keys, limiter, proxied
        self._locked, self._looked_at, self._said_at = False, -KEYS_LOOKED_S, -SAID_AGAIN_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            principal = await self._principal(request)
        except ProblemError as refused:
            await problem(request, refused, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
            return
        except SILENT as lost:  # what the application answers itself, further in
            await silent(request, lost)(scope, receive, send)
            return
        decision = self._limiter.take(principal.key_id)
        headers = self._limiter.headers(decision)
        if not decision.allowed:
            said = f"this key may send {decision.limit} requests at once; {headers['Retry-After']} s until the next"
            await problem(request, ProblemError("rate_limited", said), headers)(scope, receive, send)
            return
        request.state.principal = principal

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = MutableHeaders(scope=message)
                for name, value in headers.items():
                    named[name] = value
            await send(message)

        await self._app(scope, receive, marked)

    async def _principal(self, request: Request) -> Principal:
        # An SDK sends some key even to a service that has none.
        if _from_here(request, self._proxied) and not await self._any_keys():
            return NOBODY
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not given:
            said = "no API key: send Authorization: Bearer vk_...; `vitrine keys create` makes one"
            raise ProblemError("unauthorized", said, "missing_api_key")
        found = await self._keys.find(given)
        if found is None:
            raise ProblemError("unauthorized", "this API key is unknown or revoked", "invalid_api_key")
        return found

    async def _any_keys(self) -> bool:
        """Whether the store has a key that is not revoked; once it had one, the door stays locked."""
        if not self._locked and time.monotonic() - self._looked_at > KEYS_LOOKED_S:
            self._locked, self._looked_at = await self._keys.any(), time.monotonic()
            if not self._locked and self._looked_at - self._said_at > SAID_AGAIN_S:
                self._said_at = self._looked_at
                log.warning("OPEN: the store has no API key, so every process of this machine may do anything here")
        return self._locked


def _from_here(request: Request, proxied: bool) -> bool:
    """Whether a process of this machine asks, to the best of what all proxies on the way say.

    `proxied`: a proxy of ours stands before the application and says who asked.
    """
    client = request.client.host if request.client else ""
    lines = request.headers.getlist(FORWARDED)
    asked = [name.strip() for line in lines for name in line.split(",")]
    if any(name in request.headers for name in PROXIED) or proxied > bool(asked):
        return False
    return {client, *asked} <= LOOPBACK


def may(right: Right) -> object:
    """A dependency: the caller, who has this right; raises ProblemError (403)."""

    async def caller(request: Request, _: Annotated[object, BEARER]) -> Principal:
        principal: Principal = request.state.principal
        if not principal.may(right):
            raise ProblemError("forbidden", f"this key lacks the scope {right!r}", "missing_scope")
        return principal

    return Depends(caller)


Reader = Annotated[Principal, may("jobs:read")]
Writer = Annotated[Principal, may("jobs:write")]
Hooker = Annotated[Principal, may("webhooks")]
Operator = Annotated[Principal, may("admin")]

"""The service over HTTP, as the command line uses it: typed answers, and patience with a service that is busy."""

import asyncio
import random
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from models.errors import VitrineError

TRIES = 6  # with doubled pauses about 15 seconds: a proxy or a model that restarts is back by then
FIRST_PAUSE_S = 0.5
BUSY_PATIENCE_S = 900.0  # a full queue is no fault; one article is never worth more than this wait
LONGEST_PAUSE_S = 30.0
ARTICLE_TIMEOUT_S = 900.0  # a cold service may load models first
BUSY = frozenset({429, 503})


class ClientError(VitrineError):
    """A call to the service gave no result."""


class UnreachableError(ClientError):
    """Nothing answers at the address, or it stopped answering."""


class DeclinedError(ClientError):
    """The service answered with an error: HTTP `status`, stable `code`, and the parameter it is about."""

    def __init__(self, status: int, code: str, message: str, param: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param


@dataclass(frozen=True, slots=True)
class Answer:
    """`records` of one article, several for colourways; each may carry `picture_url`, relative to the service."""

    records: list[dict[str, Any]]


class Client:
    """One connection pool; use it with `async with`."""

    def __init__(self, base_url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        timeout = httpx.Timeout(ARTICLE_TIMEOUT_S, connect=10.0)
        self._http = httpx.AsyncClient(base_url=self._base_url, timeout=timeout, transport=transport)

    async def health(self) -> dict[str, Any]:
        """What `/healthz` says; raises UnreachableError, or DeclinedError while the service is not ready."""
        return _document(_checked(await self._sent("GET", "/healthz")))

    async def article(self, listing: dict[str, str], options: dict[str, Any]) -> Answer:
        """Performs `POST /v1/articles`; raises UnreachableError or DeclinedError.

        A listing that was rejected or failed comes back as its record, like any other.
        """
        response = await self._sent("POST", "/v1/articles", json={**listing, "options": options})
        record = _problem(response).get("record")
        document = record if isinstance(record, dict) else _document(_checked(response))
        others = document.pop("colourways", None) or []
        for other in others:
            other.pop("colourways", None)
        return Answer([document, *others])

    async def adapters(self) -> list[str]:
        """Names of the adapters that the service's models can take."""
        models = _document(_checked(await self._sent("GET", "/v1/models"))).get("data", [])
        return sorted({name for model in models for name in model.get("adapters") or ()})

    async def picture(self, url: str) -> bytes:
        """Bytes of a picture by the `picture_url` of its record; raises UnreachableError or DeclinedError."""
        return _checked(await self._sent("GET", url)).content

    async def _sent(self, method: str, url: str, json: dict[str, Any] | None = None) -> httpx.Response:
        tried, patient_until = 0, time.monotonic() + BUSY_PATIENCE_S
        while True:
            pause = FIRST_PAUSE_S * 2**tried * random.uniform(0.8, 1.2)  # so that four callers do not return at once
            try:
                response = await self._http.request(method, url, json=json)
            except httpx.ReadTimeout:
                raise DeclinedError(504, "timeout", f"no answer within {ARTICLE_TIMEOUT_S:.0f} s; run again") from None
            except httpx.TransportError as error:
                tried += 1
                if tried == TRIES or isinstance(error, httpx.UnsupportedProtocol):
                    raise UnreachableError(f"no answer from {self._base_url} ({type(error).__name__})") from None
            else:
                named = _retry_after(response)
                # Who names a time is busy; who does not has lost something, and may lose it again over this article.
                tried += named is None
                if response.status_code not in BUSY or tried == TRIES or time.monotonic() > patient_until:
                    return response
                pause = pause if named is None else max(named, FIRST_PAUSE_S)
            await asyncio.sleep(min(pause, LONGEST_PAUSE_S))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()


def _retry_after(response: httpx.Response) -> float | None:
    try:
        return float(response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        message = f"{response.url} does not answer like Vitrine's service"
        raise DeclinedError(response.status_code, "not_vitrine", message)
    return body


def _checked(response: httpx.Response) -> httpx.Response:
    """Raises DeclinedError with the words of the problem document (RFC 9457)."""
    if response.is_success:
        return response
    problem = _problem(response)
    error = problem.get("error") or {}
    code = error.get("code") or f"http_{response.status_code}"
    message = problem.get("detail") or response.reason_phrase or code
    raise DeclinedError(response.status_code, str(code), str(message), error.get("param") or "")


def _problem(response: httpx.Response) -> dict[str, Any]:
    if response.is_success:
        return {}
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) and isinstance(body.get("error", {}), dict) else {}

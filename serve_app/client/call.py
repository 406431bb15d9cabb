"""One request to the service and what its answer means; the same for both clients."""

import io
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

import httpx

from .errors import (
    DeclinedError,
    StrangeAnswerError,
    TimedOutError,
    UnreachableError,
    VitrineClientError,
    kind_of,
)
from .retries import Retries, Tries, retry_after

CONNECT_S = 10.0
KEY = "Idempotency-Key"

Answer = TypeVar("Answer")
Outcome = httpx.Response | httpx.TransportError


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form: a path, or its bytes, under the name that says its format."""

    name: str
    source: Path | bytes

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Raises VitrineClientError when the file cannot be read."""
        if isinstance(self.source, bytes):
            yield io.BytesIO(self.source)
            return
        try:
            stream = self.source.open("rb")
        except OSError as error:
            raise VitrineClientError(f"cannot read {self.source}: {error.strerror}") from None
        with stream:
            yield stream


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """`read` makes the answer of a response; `least_s`: the answer may take so long, whatever the client's timeout.

    `repeatable`: that the service did it already does no harm, by its nature or by the key of idempotency;
    `own_key`: that key is not the caller's.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], Answer]
    params: Mapping[str, str | int] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    least_s: float = 0.0
    repeatable: bool = True
    own_key: bool = False

    @contextmanager
    def arguments(self, timeout_s: float) -> Iterator[dict[str, Any]]:
        """What httpx's `request` takes; files are open until the block ends."""
        timeout = httpx.Timeout(max(timeout_s, self.least_s), connect=min(timeout_s, CONNECT_S))
        found = {"params": self.params, "json": self.json, "headers": self.headers, "timeout": timeout}
        if not self.uploads:
            yield found
            return
        with ExitStack() as opened:
            files = {name: (file.name, opened.enter_context(file.opened())) for name, file in self.uploads.items()}
            yield found | {"data": self.form, "files": files}


def keyed(call: Call[Answer], given: str | None) -> Call[Answer]:
    """The call with a key of idempotency: the caller's, or one of its own."""
    return replace(call, headers={**call.headers, KEY: given or uuid.uuid4().hex}, own_key=given is None)


class Attempt(Generic[Answer]):
    """The tries of one call: `call` as it is sent next, `settled` what to make of an outcome."""

    def __init__(self, call: Call[Answer], retries: Retries, base_url: str) -> None:
        self.call, self._base_url = call, base_url
        self._tries = Tries(retries, call.repeatable)

    def settled(self, outcome: Outcome) -> httpx.Response | float:
        """The response to read, or seconds until the next try; raises UnreachableError and TimedOutError."""
        final = job_of(outcome) is not None and not self._renewed(outcome)
        pause = None if final else self._tries.after(outcome)
        if pause is not None:
            return pause
        if isinstance(outcome, httpx.Response):
            return outcome
        raise lost(outcome, self._base_url)

    def _renewed(self, outcome: Outcome) -> bool:
        """A job that ended for want of a model is asked for anew: its old key would give its old end."""
        if not self.call.own_key or not isinstance(outcome, httpx.Response) or outcome.status_code != 503:
            return False
        self.call = keyed(self.call, None)
        return True


def lost(error: httpx.TransportError, base_url: str) -> VitrineClientError:
    """The error of a call that got no response."""
    if isinstance(error, httpx.ReadTimeout):
        return TimedOutError(f"no answer from {base_url} within the time limit; ask again later", code="timeout")
    return UnreachableError(f"no answer from {base_url} ({type(error).__name__})", code="unreachable")


def job_of(outcome: Outcome) -> str | None:
    """The job that an error names."""
    return problem(outcome).get("job") if isinstance(outcome, httpx.Response) else None


def problem(response: httpx.Response) -> dict[str, Any]:
    """The problem document (RFC 9457) of an error; empty when there is none."""
    if response.is_success:
        return {}
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) and isinstance(body.get("error", {}), dict) else {}


def checked(response: httpx.Response) -> httpx.Response:
    """Raises DeclinedError with the words of the problem document."""
    if not response.is_success:
        raise declined(response)
    return response


def declined(response: httpx.Response) -> DeclinedError:
    found = problem(response)
    error = found.get("error") or {}
    code = str(error.get("code") or f"http_{response.status_code}")
    return kind_of(response.status_code)(
        str(found.get("detail") or response.reason_phrase or code),
        status=response.status_code,
        code=code,
        param=error.get("param"),
        request_id=found.get("request_id") or response.headers.get("X-Request-Id"),
        retry_after=retry_after(response),
        job=found.get("job"),
    )


def document(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; raises DeclinedError or StrangeAnswerError."""
    try:
        body = checked(response).json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        message = f"{response.url} does not answer like Vitrine's service"
        raise StrangeAnswerError(message, status=response.status_code, code="not_vitrine")
    return body

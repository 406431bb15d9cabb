"""The blocking client."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from . import routes
from .connection import TIMEOUT_S, Connection
from .decisions import Decisions
from .files import Files
from .publications import Publications
from .resources import Articles, Batches, Jobs, Pictures, Webhooks
from .retries import Retries
from .webhooks import Message, verify_webhook
from .wire import Wire


class Vitrine:
    """The service at `base_url` (`VITRINE_URL`, this machine) as the owner of `api_key` (`VITRINE_API_KEY`).

    Use it with `with`, or `close` it. `timeout`: seconds without a sign of an answer; calls that wait by their nature
    take longer. `max_retries`: further tries after a lost connection or an answer that passes, with growing pauses;
    what is sent again is done once. `patience_s`: for so long a service that is busy and names a time to come back
    costs none of them.
    """

    def __init__(  # noqa: PLR0913 - what differs between callers
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = TIMEOUT_S,
        max_retries: int = 2,
        patience_s: float = 0.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._wire = Wire(Connection.made(base_url, api_key, timeout, Retries(max_retries, patience_s)), transport)
        self.jobs = Jobs(self._wire)
        self.batches = Batches(self._wire)
        self.articles = Articles(self._wire)
        self.decisions = Decisions(self._wire)
        self.pictures = Pictures(self._wire)
        self.files = Files(self._wire)
        self.publications = Publications(self._wire)
        self.webhooks = Webhooks(self._wire)

    def models(self) -> list[dict[str, Any]]:
        """What serves each role: kind, pack, revision, licence, adapters."""
        return self._wire.send(routes.models())

    def operations(self) -> dict[str, Any]:
        """Queue, stages, replicas, verdicts and cost of the last minute; for keys with the scope admin."""
        return self._wire.send(routes.operations())

    def health(self) -> dict[str, Any]:
        """Raises ServiceError while the service is not ready."""
        return self._wire.send(routes.health())

    @staticmethod
    def verify_webhook(body: bytes | str, headers: Mapping[str, str], secret: str) -> Message:
        """The message that came to a webhook; raises SignatureError for one that is not the service's."""
        return verify_webhook(body, headers, secret)

    def close(self) -> None:
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

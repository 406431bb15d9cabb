"""The client of asyncio."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from . import routes
from .async_resources import AsyncArticles, AsyncBatches, AsyncJobs, AsyncPictures, AsyncWebhooks
from .async_wire import AsyncWire
from .connection import TIMEOUT_S, Connection
from .decisions import AsyncDecisions
from .files import AsyncFiles
from .publications import AsyncPublications
from .retries import Retries
from .webhooks import Message, verify_webhook


class AsyncVitrine:
    """The service at `base_url` (`VITRINE_URL`, this machine) as the owner of `api_key` (`VITRINE_API_KEY`).

    Use it with `async with`, or `close` it. `timeout`: seconds without a sign of an answer; calls that wait by their
    nature take longer. `max_retries`: further tries after a lost connection or an answer that passes, with growing
    pauses; what is sent again is done once. `patience_s`: for so long a service that is busy and names a time to come
    back costs none of them.
    """

    def __init__(  # noqa: PLR0913 - what differs between callers
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = TIMEOUT_S,
        max_retries: int = 2,
        patience_s: float = 0.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._wire = AsyncWire(Connection.made(base_url, api_key, timeout, Retries(max_retries, patience_s)), transport)
        self.jobs = AsyncJobs(self._wire)
        self.batches = AsyncBatches(self._wire)
        self.articles = AsyncArticles(self._wire)
        self.decisions = AsyncDecisions(self._wire)
        self.pictures = AsyncPictures(self._wire)
        self.files = AsyncFiles(self._wire)
        self.publications = AsyncPublications(self._wire)
        self.webhooks = AsyncWebhooks(self._wire)

    async def models(self) -> list[dict[str, Any]]:
        """What serves each role: kind, pack, revision, licence, adapters."""
        return await self._wire.send(routes.models())

    async def operations(self) -> dict[str, Any]:
        """Queue, stages, replicas, verdicts and cost of the last minute; for keys with the scope admin."""
        return await self._wire.send(routes.operations())

    async def health(self) -> dict[str, Any]:
        """Raises ServiceError while the service is not ready."""
        return await self._wire.send(routes.health())

    @staticmethod
    def verify_webhook(body: bytes | str, headers: Mapping[str, str], secret: str) -> Message:
        """The message that came to a webhook; raises SignatureError for one that is not the service's."""
        return verify_webhook(body, headers, secret)

    async def close(self) -> None:
        await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

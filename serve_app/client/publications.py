"""What both clients offer for published pictures; every method raises VitrineClientError."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Literal

from . import routes
from .answers import Assignment, Publication
from .async_wire import AsyncWire
from .wire import Wire

Goal = Literal["click", "conversion"]


class Publications:
    """Where pictures are shown, in one or several variants, and what shoppers did."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(
        self,
        article_id: str,
        channel: str,
        variants: Sequence[Mapping[str, object]],
        *,
        goal: Goal = "click",
        idempotency_key: str | None = None,
    ) -> Publication:
        """`variants`: name and picture (SHA-256) of each, and if wanted audience and share."""
        return self._wire.send(routes.create_publication(article_id, channel, variants, goal, idempotency_key))

    def get(self, publication_id: str) -> Publication:
        return self._wire.send(routes.get_publication(publication_id))

    def list(self) -> Iterator[Publication]:
        """The newest first, page by page."""
        return self._wire.pages(routes.list_publications)

    def add(
        self, publication_id: str, events: Sequence[Mapping[str, object]], *, idempotency_key: str | None = None
    ) -> Publication:
        """What happened since: of each variant, kind (impression, click, conversion, return, report), count, note."""
        return self._wire.send(routes.publication_events(publication_id, events, idempotency_key))

    def assign(self, publication_id: str, visitor: str, *, audience: str | None = None) -> Assignment:
        """What a visitor sees, always the same."""
        return self._wire.send(routes.assignment(publication_id, visitor, audience))


class AsyncPublications:
    """Where pictures are shown, in one or several variants, and what shoppers did."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def create(
        self,
        article_id: str,
        channel: str,
        variants: Sequence[Mapping[str, object]],
        *,
        goal: Goal = "click",
        idempotency_key: str | None = None,
    ) -> Publication:
        """`variants`: name and picture (SHA-256) of each, and if wanted audience and share."""
        return await self._wire.send(routes.create_publication(article_id, channel, variants, goal, idempotency_key))

    async def get(self, publication_id: str) -> Publication:
        return await self._wire.send(routes.get_publication(publication_id))

    def list(self) -> AsyncIterator[Publication]:
        """The newest first, page by page."""
        return self._wire.pages(routes.list_publications)

    async def add(
        self, publication_id: str, events: Sequence[Mapping[str, object]], *, idempotency_key: str | None = None
    ) -> Publication:
        """What happened since: of each variant, kind (impression, click, conversion, return, report), count, note."""
        return await self._wire.send(routes.publication_events(publication_id, events, idempotency_key))

    async def assign(self, publication_id: str, visitor: str, *, audience: str | None = None) -> Assignment:
        """What a visitor sees, always the same."""
        return await self._wire.send(routes.assignment(publication_id, visitor, audience))

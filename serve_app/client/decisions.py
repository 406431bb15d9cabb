"""What both clients offer for sellers' decisions; every method raises VitrineClientError."""

from collections.abc import AsyncIterator, Iterator, Sequence

from . import routes
from .answers import Choice, Decision
from .async_wire import AsyncWire
from .wire import Wire


class Decisions:
    """A seller approves or rejects the picture of an article's job; the last decision about a picture stands."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(  # noqa: PLR0913 - the parameters of the route
        self,
        job_id: str,
        decision: Choice,
        *,
        checks: Sequence[str] = (),
        note: str = "",
        article_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Decision:
        """`checks` of a rejection: the verdict's checks whose attribute is wrong, such as colours.

        `article_id`: which picture, where the job drew several colourways.
        """
        call = routes.create_decision(
            job_id, decision, checks=checks, note=note, article_id=article_id, key=idempotency_key
        )
        return self._wire.send(call)

    def list(self, *, job_id: str | None = None) -> Iterator[Decision]:
        """Those that stand, or of a job all that there ever were; the newest first, page by page."""
        return self._wire.pages(lambda cursor: routes.list_decisions(job_id, cursor))


class AsyncDecisions:
    """A seller approves or rejects the picture of an article's job; the last decision about a picture stands."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def create(  # noqa: PLR0913 - the parameters of the route
        self,
        job_id: str,
        decision: Choice,
        *,
        checks: Sequence[str] = (),
        note: str = "",
        article_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Decision:
        """`checks` of a rejection: the verdict's checks whose attribute is wrong, such as colours.

        `article_id`: which picture, where the job drew several colourways.
        """
        call = routes.create_decision(
            job_id, decision, checks=checks, note=note, article_id=article_id, key=idempotency_key
        )
        return await self._wire.send(call)

    def list(self, *, job_id: str | None = None) -> AsyncIterator[Decision]:
        """Those that stand, or of a job all that there ever were; the newest first, page by page."""
        return self._wire.pages(lambda cursor: routes.list_decisions(job_id, cursor))

"""What the client of asyncio offers, by resource; every method raises VitrineClientError."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from . import routes
from .answers import Article, Batch, BatchRow, Endpoint, Event, Format, Job, Lane
from .async_wire import AsyncWire
from .resources import ListingLike, OptionsLike


class AsyncJobs:
    """The native shape of the service: accepted means durable, everything else is looked up."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def create(  # noqa: PLR0913 - the parameters of the route
        self,
        listing: ListingLike,
        options: OptionsLike | None = None,
        *,
        lane: Lane = "interactive",
        wait_s: float = 0.0,
        cancel_after_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Accepts a job; after `wait_s` (at most 60) as it stands then, at once by default."""
        call = routes.create_job(
            listing, options, lane=lane, wait_s=wait_s, cancel_after_s=cancel_after_s, key=idempotency_key
        )
        return await self._wire.send(call)

    async def create_and_wait(
        self,
        listing: ListingLike,
        options: OptionsLike | None = None,
        *,
        lane: Lane = "interactive",
        timeout_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """The job when it is over, whatever its end; raises StillRunningError after `timeout_s`."""
        began, wait_s = time.monotonic(), routes.first_wait(timeout_s)
        job = await self.create(listing, options, lane=lane, wait_s=wait_s, idempotency_key=idempotency_key)
        if job.over:
            return job
        return await self.wait(job.id, None if timeout_s is None else timeout_s - (time.monotonic() - began))

    async def get(self, job_id: str) -> Job:
        return await self._wire.send(routes.get_job(job_id))

    def list(self, *, state: str | None = None) -> AsyncIterator[Job]:
        """All jobs, the newest first, page by page."""
        return self._wire.pages(lambda cursor: routes.list_jobs(state, cursor))

    async def answer(self, job_id: str, answers: Mapping[str, str]) -> Job:
        """Answers the question of a job in state awaiting_answer, which then goes on: {"colours": "navy"}."""
        return await self._wire.send(routes.answer_job(job_id, answers))

    async def cancel(self, job_id: str) -> Job:
        return await self._wire.send(routes.cancel_job(job_id))

    def events(self, job_id: str, *, after: int | None = None) -> AsyncIterator[Event]:
        """What the job tells until it is over, behind the event with the id `after`; survives broken connections."""

        async def is_over() -> bool:
            return (await self.get(job_id)).over

        return self._wire.events(job_id, after, is_over)

    async def wait(self, job_id: str, timeout_s: float | None = None) -> Job:
        """The job when it is over; raises StillRunningError."""

        async def look() -> tuple[Job, bool]:
            job = await self.get(job_id)
            return job, job.over

        return await self._wire.wait(look, timeout_s, job_id)


class AsyncBatches:
    """A sheet or feed in, a job per article, one result file out."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def create(  # noqa: PLR0913 - the parameters of the route
        self,
        source: str | Path | bytes,
        options: OptionsLike | None = None,
        *,
        name: str | None = None,
        columns: str = "",
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> Batch:
        """Sends a file, its bytes with a `name`, or the address of a feed (http or https) that the service fetches.

        `columns`: the sheet's own titles, `name=Titel,model_descr=Text`.
        """
        call = routes.create_batch(source, options, name=name, columns=columns, dry_run=dry_run, key=idempotency_key)
        return await self._wire.send(call)

    async def get(self, batch_id: str) -> Batch:
        return await self._wire.send(routes.get_batch(batch_id))

    def list(self) -> AsyncIterator[Batch]:
        """All batches, the newest first, page by page."""
        return self._wire.pages(routes.list_batches)

    def rows(self, batch_id: str, *, state: str | None = None) -> AsyncIterator[BatchRow]:
        """The rows taken so far, in the order of the feed."""
        return self._wire.pages(lambda cursor: routes.batch_rows(batch_id, state, cursor))

    async def pause(self, batch_id: str) -> Batch:
        return await self._wire.send(routes.change_batch(batch_id, "pause"))

    async def resume(self, batch_id: str) -> Batch:
        return await self._wire.send(routes.change_batch(batch_id, "resume"))

    async def cancel(self, batch_id: str) -> Batch:
        return await self._wire.send(routes.change_batch(batch_id, "cancel"))

    async def result(self, batch_id: str, path: str | Path, *, format: Format | None = None) -> Path:
        """Writes the result file, in the format of its name unless another is given; never whole in memory."""
        path = Path(path)
        await self._wire.download(routes.batch_result(batch_id, routes.format_of(path, format)), path)
        return path

    async def wait(self, batch_id: str, timeout_s: float | None = None) -> Batch:
        """The batch when no row is open any more; raises StillRunningError."""

        async def look() -> tuple[Batch, bool]:
            batch = await self.get(batch_id)
            return batch, batch.over

        return await self._wire.wait(look, timeout_s, batch_id)


class AsyncArticles:
    """Listing in, record out, in one call that waits."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def create(
        self,
        listing: ListingLike,
        options: OptionsLike | None = None,
        *,
        cancel_after_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> Article:
        """The record, also where its status is rejected, failed or needs_answer."""
        return await self._wire.send(routes.create_article(listing, options, cancel_after_s, idempotency_key))

    async def get(self, article_id: str) -> Article:
        """The latest record of an article."""
        return await self._wire.send(routes.get_article(article_id))


class AsyncPictures:
    """Delivered pictures by the hash of their bytes."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def get(self, name: str) -> bytes:
        """PNG bytes, by SHA-256 or by the `picture_url` of a record."""
        return await self._wire.send(routes.get_picture(name))


class AsyncWebhooks:
    """Where the service posts to when a job ends."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def create(self, url: str, events: Sequence[str] = ("*",), *, idempotency_key: str | None = None) -> Endpoint:
        """Registers an address; the answer holds the secret, which is not shown again."""
        return await self._wire.send(routes.create_webhook(url, [*events], idempotency_key))

    async def list(self) -> list[Endpoint]:
        return await self._wire.send(routes.list_webhooks())

    async def get(self, endpoint_id: str) -> Endpoint:
        return await self._wire.send(routes.get_webhook(endpoint_id))

    async def rotate(self, endpoint_id: str, *, idempotency_key: str | None = None) -> Endpoint:
        """A new secret; for 24 hours messages are signed with both."""
        return await self._wire.send(routes.rotate_webhook(endpoint_id, idempotency_key))

    async def enable(self, endpoint_id: str) -> Endpoint:
        return await self._wire.send(routes.enable_webhook(endpoint_id))

    async def delete(self, endpoint_id: str) -> None:
        await self._wire.send(routes.delete_webhook(endpoint_id))

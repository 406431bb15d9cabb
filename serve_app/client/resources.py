"""What the blocking client offers, by resource; every method raises VitrineClientError."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from . import routes
from .answers import Article, Batch, BatchRow, Endpoint, Event, Format, Job, Lane, Listing, Options
from .wire import Wire

ListingLike = Listing | Mapping[str, object]
OptionsLike = Options | Mapping[str, object]


class Jobs:
    """The native shape of the service: accepted means durable, everything else is looked up."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(  # noqa: PLR0913 - the parameters of the route
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
        return self._wire.send(call)

    def create_and_wait(
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
        job = self.create(listing, options, lane=lane, wait_s=wait_s, idempotency_key=idempotency_key)
        if job.over:
            return job
        return self.wait(job.id, None if timeout_s is None else timeout_s - (time.monotonic() - began))

    def get(self, job_id: str) -> Job:
        return self._wire.send(routes.get_job(job_id))

    def list(self, *, state: str | None = None) -> Iterator[Job]:
        """All jobs, the newest first, page by page."""
        return self._wire.pages(lambda cursor: routes.list_jobs(state, cursor))

    def answer(self, job_id: str, answers: Mapping[str, str]) -> Job:
        """Answers the question of a job in state awaiting_answer, which then goes on: {"colours": "navy"}."""
        return self._wire.send(routes.answer_job(job_id, answers))

    def cancel(self, job_id: str) -> Job:
        return self._wire.send(routes.cancel_job(job_id))

    def events(self, job_id: str, *, after: int | None = None) -> Iterator[Event]:
        """What the job tells until it is over, behind the event with the id `after`; survives broken connections."""
        return self._wire.events(job_id, after, lambda: self.get(job_id).over)

    def wait(self, job_id: str, timeout_s: float | None = None) -> Job:
        """The job when it is over; raises StillRunningError."""

        def look() -> tuple[Job, bool]:
            job = self.get(job_id)
            return job, job.over

        return self._wire.wait(look, timeout_s, job_id)


class Batches:
    """A sheet or feed in, a job per article, one result file out."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(  # noqa: PLR0913 - the parameters of the route
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
        return self._wire.send(call)

    def get(self, batch_id: str) -> Batch:
        return self._wire.send(routes.get_batch(batch_id))

    def list(self) -> Iterator[Batch]:
        """All batches, the newest first, page by page."""
        return self._wire.pages(routes.list_batches)

    def rows(self, batch_id: str, *, state: str | None = None) -> Iterator[BatchRow]:
        """The rows taken so far, in the order of the feed."""
        return self._wire.pages(lambda cursor: routes.batch_rows(batch_id, state, cursor))

    def pause(self, batch_id: str) -> Batch:
        return self._wire.send(routes.change_batch(batch_id, "pause"))

    def resume(self, batch_id: str) -> Batch:
        return self._wire.send(routes.change_batch(batch_id, "resume"))

    def cancel(self, batch_id: str) -> Batch:
        return self._wire.send(routes.change_batch(batch_id, "cancel"))

    def result(self, batch_id: str, path: str | Path, *, format: Format | None = None) -> Path:
        """Writes the result file, in the format of its name unless another is given; never whole in memory."""
        path = Path(path)
        self._wire.download(routes.batch_result(batch_id, routes.format_of(path, format)), path)
        return path

    def wait(self, batch_id: str, timeout_s: float | None = None) -> Batch:
        """The batch when no row is open any more; raises StillRunningError."""

        def look() -> tuple[Batch, bool]:
            batch = self.get(batch_id)
            return batch, batch.over

        return self._wire.wait(look, timeout_s, batch_id)


class Articles:
    """Listing in, record out, in one call that waits."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(
        self,
        listing: ListingLike,
        options: OptionsLike | None = None,
        *,
        cancel_after_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> Article:
        """The record, also where its status is rejected, failed or needs_answer."""
        return self._wire.send(routes.create_article(listing, options, cancel_after_s, idempotency_key))

    def get(self, article_id: str) -> Article:
        """The latest record of an article."""
        return self._wire.send(routes.get_article(article_id))


class Pictures:
    """Delivered pictures by the hash of their bytes."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def get(self, name: str) -> bytes:
        """PNG bytes, by SHA-256 or by the `picture_url` of a record."""
        return self._wire.send(routes.get_picture(name))


class Webhooks:
    """Where the service posts to when a job ends."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(self, url: str, events: Sequence[str] = ("*",), *, idempotency_key: str | None = None) -> Endpoint:
        """Registers an address; the answer holds the secret, which is not shown again."""
        return self._wire.send(routes.create_webhook(url, [*events], idempotency_key))

    def list(self) -> list[Endpoint]:
        return self._wire.send(routes.list_webhooks())

    def get(self, endpoint_id: str) -> Endpoint:
        return self._wire.send(routes.get_webhook(endpoint_id))

    def rotate(self, endpoint_id: str, *, idempotency_key: str | None = None) -> Endpoint:
        """A new secret; for 24 hours messages are signed with both."""
        return self._wire.send(routes.rotate_webhook(endpoint_id, idempotency_key))

    def enable(self, endpoint_id: str) -> Endpoint:
        return self._wire.send(routes.enable_webhook(endpoint_id))

    def delete(self, endpoint_id: str) -> None:
        self._wire.send(routes.delete_webhook(endpoint_id))

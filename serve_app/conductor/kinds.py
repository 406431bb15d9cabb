"""What each kind of job does: a row of the queue becomes a story's call, its outcome the job's end."""

from models.errors import VitrineError
from serve_app.catalogue.listing import Listing
from serve_app.conductor.performer import Performer, Tell
from serve_app.conductor.stages import Owner
from serve_app.conductor.worker import Ended
from serve_app.jobs.queue import Job
from serve_app.stories.article import Options

ENDS = {"succeeded": "succeeded", "needs_answer": "awaiting_answer", "rejected": "rejected", "failed": "failed"}


class UnknownKindError(VitrineError):
    """The queue holds a kind of job that this version does not know; a newer worker will."""


async def perform(performer: Performer, job: Job, tell: Tell) -> Ended:
    """Ends of one job; raises StageError for what may succeed later."""
    if job.kind != "article":
        raise UnknownKindError(f"job {job.id} is of kind {job.kind!r}, which this version does not perform")
    owner = Owner(job.tenant, job.id)
    records = await performer.article(owner, Listing(**job.input), Options(**job.options), tell)
    first = records[0]
    fault = first.rejection or first.failure
    return Ended(
        ENDS[first.status],
        {"records": [record.model_dump(mode="json") for record in records]},
        {"code": fault.code, "message": fault.reason} if fault else None,
    )

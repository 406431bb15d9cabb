"""What each kind of job does: a row of the queue becomes a story's call, its outcome the job's end."""

from models.domain import Refusal
from models.errors import VitrineError
from serve_app.catalogue.listing import Listing
from serve_app.conductor.performer import Performer, Tell
from serve_app.conductor.stages import Owner
from serve_app.jobs.job import Ended, Job
from serve_app.stories.article import ORDER_FAULTS, Options
from serve_app.stories.image import ImageOrder

ENDS = {"succeeded": "succeeded", "needs_answer": "awaiting_answer", "rejected": "rejected", "failed": "failed"}


class UnknownKindError(VitrineError):
    """The queue holds a kind of job that this version does not know; a newer worker will."""


async def perform(performer: Performer, job: Job, tell: Tell) -> Ended:
    """Ends of one job; raises StageError for what may succeed later."""
    owner = Owner(job.tenant, job.id)
    if job.kind == "article":
        return await _article(performer, owner, job, tell)
    if job.kind == "image":
        return await _image(performer, owner, job, tell)
    raise UnknownKindError(f"job {job.id} is of kind {job.kind!r}, which this version does not perform")


async def _article(performer: Performer, owner: Owner, job: Job, tell: Tell) -> Ended:
    records = await performer.article(owner, Listing(**job.input), Options(**job.options), tell)
    first = records[0]
    fault = first.rejection or first.failure
    return Ended(
        ENDS[first.status],
        {"records": [record.model_dump(mode="json") for record in records]},
        {"code": fault.code, "message": fault.reason} if fault else None,
    )


async def _image(performer: Performer, owner: Owner, job: Job, tell: Tell) -> Ended:
    size = job.input["size"]
    order = ImageOrder(**(job.input | {"size": tuple(size) if size else None}))
    drawn = await performer.images(owner, order, tell)
    if isinstance(drawn, Refusal):
        state = "rejected" if drawn.code in ORDER_FAULTS | {"unknown_adapter"} else "failed"
        return Ended(state, error={"code": drawn.code, "message": drawn.reason})
    return Ended("succeeded", {"pictures": [{"sha256": digest} for digest in drawn]})

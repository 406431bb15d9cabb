"""What each kind of job does: a row of the queue becomes a story's call, its outcome the job's end."""

from models.domain import Refusal
from models.errors import VitrineError
from serve_app.catalogue.listing import Listing
from serve_app.conductor.foresight import NoTimeError, Wanted
from serve_app.conductor.performer import NOBODY, Performer
from serve_app.conductor.stages import Owner
from serve_app.conductor.told import Audience, Tell
from serve_app.jobs.job import Ended, Job
from serve_app.stories.article import Options
from serve_app.stories.candidates import ORDER_FAULTS
from serve_app.stories.retouching import RETOUCH_FAULTS

PREVIEWS = "previews"  # the option of a job that says how many previews of each picture it tells
ENDS = {
    "succeeded": "succeeded",
    "planned": "succeeded",
    "needs_answer": "awaiting_answer",
    "rejected": "rejected",
    "failed": "failed",
}


class UnknownKindError(VitrineError):
    """The queue holds a kind of job that this version does not know; a newer worker will."""


async def perform(performer: Performer, job: Job, tell: Tell) -> Ended:
    """How one job ends; raises StageError for what may succeed later."""
    try:
        return await _performed(performer, job, tell)
    except NoTimeError as error:
        return Ended("canceled", error={"code": "no_time", "message": str(error), "retry_after": error.later_s})


async def _performed(performer: Performer, job: Job, tell: Tell) -> Ended:
    owner = Owner(job.tenant, job.id)
    if job.kind == "article":
        # Nobody watches ten thousand rows of a catalogue being drawn, and each event is a row of the database.
        watched = Audience(tell, job.options.get(PREVIEWS, 0)) if job.lane == "interactive" else NOBODY
        return await _article(performer, owner, job, watched)
    if job.kind == "image":
        return await _image(performer, owner, job, Audience(tell, job.options.get(PREVIEWS, 0)))
    raise UnknownKindError(f"job {job.id} is of kind {job.kind!r}, which this version does not perform")


async def _article(performer: Performer, owner: Owner, job: Job, audience: Audience) -> Ended:
    chosen = {name: value for name, value in job.options.items() if name != PREVIEWS}
    listing, wanted = Listing(**job.input), _wanted(job)
    records = await performer.article(owner, listing, Options(**chosen), audience, wanted)
    first = records[0]
    fault = first.rejection or first.failure
    return Ended(
        ENDS[first.status],
        {"records": [record.model_dump(mode="json") for record in records]},
        {"code": fault.code, "message": fault.reason} if fault else None,
    )


async def _image(performer: Performer, owner: Owner, job: Job, audience: Audience) -> Ended:
    drawn = await performer.images(owner, job.input, audience, _wanted(job))
    if isinstance(drawn, Refusal):
        state = "rejected" if drawn.code in ORDER_FAULTS | RETOUCH_FAULTS | {"unknown_adapter"} else "failed"
        return Ended(state, error={"code": drawn.code, "message": drawn.reason})
    return Ended("succeeded", {"pictures": [{"sha256": digest} for digest in drawn]})


def _wanted(job: Job) -> Wanted:
    return Wanted.until(job.deadline, urgent=job.lane == "interactive")

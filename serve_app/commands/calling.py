"""What the verbs that call a service share: whom they call, and how they say what it answered."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import VitrineError

if TYPE_CHECKING:
    from serve_app.client import Batch, Job, Vitrine

FAILED, UNREADABLE = 1, 2
HURRIED = 2  # tries after the first
PATIENT = 12  # with growing pauses about four minutes: a service that restarts is back by then

Server = Annotated[
    str | None,
    typer.Option(metavar="URL", envvar="VITRINE_URL", help="The service; default: http://127.0.0.1:8000."),
]
ApiKey = Annotated[
    str | None, typer.Option(metavar="KEY", envvar="VITRINE_API_KEY", help="For a service that has keys.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="job_... or batch_...")]


def service(server: str | None, api_key: str | None, patient: bool = False) -> "Vitrine":
    """A client; a patient one sees a restart of the service through."""
    from serve_app.client import Vitrine

    return Vitrine(server, api_key, max_retries=PATIENT if patient else HURRIED)


def is_batch(found: str) -> bool:
    """Raises VitrineError for what is neither job nor batch."""
    kind = found.partition("_")[0]
    if kind not in ("job", "batch"):
        raise VitrineError(f"{found!r} is no id of a job (job_...) or batch (batch_...)")
    return kind == "batch"


def say(found: "Job | Batch", as_json: bool) -> None:
    """A job or batch on stdout."""
    from serve_app.client import Job

    if as_json:
        print(document(found.raw))
        return
    for line in job_lines(found) if isinstance(found, Job) else batch_lines(found):
        print(plain(line))


def document(raw: dict[str, Any]) -> str:
    return json.dumps(raw, ensure_ascii=False, indent=2)


def job_lines(job: "Job") -> list[str]:
    """The state of a job, what it drew or asks, and what went wrong."""
    place = "" if job.queue_position is None else f", {job.queue_position} before it"
    lines = [f"{job.id}  {job.state}{place}"]
    for article in job.articles:
        score = "" if article.score_10 is None else f"  score {article.score_10:.2f}"
        lines.append(f"  {article.article_id}  {article.status}{score}  {article.picture_url or ''}".rstrip())
        if article.question:
            suggested = ", ".join(article.question["suggestions"])
            lines.append(f"    {article.question['text']['en']} ({article.question['attribute']}: {suggested})")
    if job.error:
        lines.append(f"  {job.error['code']}: {job.error['message']}")
    return lines


def batch_lines(batch: "Batch") -> list[str]:
    """The state of a batch, its rows by state, and the quote of a dry run."""
    total = "" if batch.total is None else f" of {batch.total}"
    lines = [f"{batch.id}  {batch.state}  {batch.done}{total} rows done  {batch.name}".rstrip()]
    if batch.counts:
        lines.append("  " + ", ".join(f"{count} {state}" for state, count in sorted(batch.counts.items())))
    if batch.error:
        lines.append(f"  {batch.error['code']}: {batch.error['message']}")
    if batch.quote:
        quote = batch.quote
        lines.append(f"  {quote['articles']} articles, {quote['pictures']} pictures, {quote['cost_eur']:.2f} EUR")
        lines += [f"    {rests}" for rests in quote["basis"]]
    return lines


def plain(text: str) -> str:
    """Text of others without what steers a terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


def exit_code(found: "Job | Batch") -> int:
    """1 where the system is at fault, 2 for a feed that cannot be read; what was refused or cancelled is neither."""
    from serve_app.client import Job

    if isinstance(found, Job):
        return FAILED if found.state == "failed" else 0
    if found.counts.get("failed") or (found.error or {}).get("code") == "feed_lost":
        return FAILED
    return UNREADABLE if found.state == "failed" else 0

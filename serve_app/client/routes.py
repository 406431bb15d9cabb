"""The routes of the service as calls: what to send, and how to read what comes back."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast, get_args
from urllib.parse import quote

import httpx

from .answers import (
    Article,
    Assignment,
    Batch,
    BatchRow,
    Choice,
    Decision,
    Delivery,
    Endpoint,
    Format,
    Job,
    Lane,
    Page,
    Publication,
    Report,
    Verification,
    article,
    typed,
)
from .call import Call, Upload, checked, document, keyed, problem
from .errors import VitrineClientError

ARTICLE_S = 930.0  # the service itself gives up after 900 s
UPLOAD_S = 300.0  # a sheet is looked into before the answer comes
WAIT_S = 60  # the longest that the service holds a request for a job's end
MARGIN_S = 30.0  # of an answer that was asked to wait
PAGE = 100

Kind = TypeVar("Kind")
Document = Mapping[str, object]


def create_job(  # noqa: PLR0913 - the parameters of the route
    listing: Document,
    options: Document | None,
    *,
    lane: Lane,
    wait_s: float,
    cancel_after_s: float | None,
    key: str | None,
) -> Call[Job]:
    body = {"kind": "article", "input": dict(listing), "options": dict(options or {}), "lane": lane}
    wait = min(int(wait_s), WAIT_S)
    headers = {"Prefer": f"wait={wait}"} if wait > 0 else {}
    headers |= _until(cancel_after_s)
    return keyed(
        Call("POST", "/v1/jobs", _as(Job), json=body, headers=headers, least_s=wait + MARGIN_S if wait else 0.0), key
    )


def _until(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Cancel-After": str(seconds)}


def get_job(job: str) -> Call[Job]:
    return Call("GET", f"/v1/jobs/{_step(job)}", _as(Job))


def cancel_job(job: str) -> Call[Job]:
    return Call("POST", f"/v1/jobs/{_step(job)}/cancel", _as(Job))


def answer_job(job: str, answers: Mapping[str, str]) -> Call[Job]:
    # The second of two would say that no answer is awaited.
    return Call("POST", f"/v1/jobs/{_step(job)}/answers", _as(Job), json={"answers": dict(answers)}, repeatable=False)


def create_decision(  # noqa: PLR0913 - the parameters of the route
    job: str, decision: Choice, *, checks: Sequence[str], note: str, article_id: str | None, key: str | None
) -> Call[Decision]:
    body = _given(decision=decision, checks=list(checks), note=note, article_id=article_id)
    return keyed(Call("POST", f"/v1/jobs/{_step(job)}/decisions", _as(Decision), json=body), key)


def list_decisions(job: str | None, cursor: str | int | None) -> Call[Page[Decision]]:
    path = "/v1/decisions" if job is None else f"/v1/jobs/{_step(job)}/decisions"
    return Call("GET", path, _page(Decision), params=_given(limit=10 * PAGE, cursor=cursor))


def list_jobs(state: str | None, cursor: str | int | None) -> Call[Page[Job]]:
    return Call("GET", "/v1/jobs", _page(Job), params=_given(limit=PAGE, state=state, cursor=cursor))


def job_events(job: str, after: int | None) -> Call[httpx.Response]:
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    return Call("GET", f"/v1/jobs/{_step(job)}/events", checked, headers=headers)


def create_batch(  # noqa: PLR0913 - the parameters of the route
    source: str | Path | bytes,
    options: Document | None,
    *,
    name: str | None,
    columns: str,
    dry_run: bool,
    key: str | None,
) -> Call[Batch]:
    given: dict[str, Any] = _given(columns=columns or None, dry_run=True if dry_run else None)
    options = dict(options or {})
    if isinstance(source, str) and source.startswith(("http://", "https://")):
        body = {"source_url": source, "options": options, **given}
        return keyed(Call("POST", "/v1/batches", _as(Batch), json=body, least_s=UPLOAD_S), key)
    form = {field: str(value).lower() if value is True else str(value) for field, value in given.items()}
    form["options"] = json.dumps(options)
    call = Call("POST", "/v1/batches", _as(Batch), form=form, uploads={"file": _upload(source, name)}, least_s=UPLOAD_S)
    return keyed(call, key)


def get_batch(batch: str) -> Call[Batch]:
    return Call("GET", f"/v1/batches/{_step(batch)}", _as(Batch))


def list_batches(cursor: str | int | None) -> Call[Page[Batch]]:
    return Call("GET", "/v1/batches", _page(Batch), params=_given(limit=PAGE, cursor=cursor))


def batch_rows(batch: str, state: str | None, cursor: str | int | None) -> Call[Page[BatchRow]]:
    params = _given(limit=10 * PAGE, state=state, cursor=cursor)
    return Call("GET", f"/v1/batches/{_step(batch)}/rows", _page(BatchRow), params=params)


def change_batch(batch: str, change: str) -> Call[Batch]:
    """`change`: pause, resume or cancel."""
    return Call("POST", f"/v1/batches/{_step(batch)}/{change}", _as(Batch))


def batch_result(batch: str, format: Format) -> Call[httpx.Response]:
    return Call("GET", f"/v1/batches/{_step(batch)}/result", checked, params={"format": format})


def create_article(
    listing: Document, options: Document | None, cancel_after_s: float | None, key: str | None
) -> Call[Article]:
    body = {**listing, "options": dict(options or {})}
    headers = _until(cancel_after_s)
    return keyed(Call("POST", "/v1/articles", _drawn, json=body, headers=headers, least_s=ARTICLE_S), key)


def get_article(article_id: str) -> Call[Article]:
    return Call("GET", f"/v1/articles/{_step(article_id)}", _as(Article))


def get_picture(name: str) -> Call[bytes]:
    """By its SHA-256 or by the `picture_url` of a record."""
    path = name if name.startswith("/v1/pictures/") else f"/v1/pictures/{_step(name)}.png"
    return Call("GET", path, lambda response: checked(response).content)


def check_file(
    file: str | Path | bytes, profile: str, mask: str | Path | bytes | None, name: str | None
) -> Call[Report]:
    uploads = _picture(file, mask, name)
    return Call("POST", "/v1/check", _as(Report), form={"profile": profile}, uploads=uploads, least_s=UPLOAD_S)


def finish_file(file: str | Path | bytes, profile: str, mask: str | Path | bytes | None) -> Call[Delivery]:
    uploads = _picture(file, mask, None)
    return Call("POST", "/v1/finish", _as(Delivery), form={"profile": profile}, uploads=uploads, least_s=UPLOAD_S)


def verify_file(file: str | Path | bytes) -> Call[Verification]:
    return Call("POST", "/v1/verify", _as(Verification), uploads=_picture(file, None, None), least_s=UPLOAD_S)


def create_publication(
    article_id: str, channel: str, variants: Sequence[Document], goal: str, key: str | None
) -> Call[Publication]:
    body = {"article_id": article_id, "channel": channel, "goal": goal, "variants": [dict(each) for each in variants]}
    return keyed(Call("POST", "/v1/publications", _as(Publication), json=body), key)


def get_publication(publication: str) -> Call[Publication]:
    return Call("GET", f"/v1/publications/{_step(publication)}", _as(Publication))


def list_publications(cursor: str | int | None) -> Call[Page[Publication]]:
    return Call("GET", "/v1/publications", _page(Publication), params=_given(limit=PAGE, cursor=cursor))


def publication_events(publication: str, events: Sequence[Document], key: str | None) -> Call[Publication]:
    body = {"events": [dict(event) for event in events]}
    return keyed(Call("POST", f"/v1/publications/{_step(publication)}/events", _as(Publication), json=body), key)


def assignment(publication: str, visitor: str, audience: str | None) -> Call[Assignment]:
    params = _given(visitor=visitor, audience=audience)
    return Call("GET", f"/v1/publications/{_step(publication)}/assignment", _as(Assignment), params=params)


def create_webhook(url: str, events: list[str], key: str | None) -> Call[Endpoint]:
    body = {"url": url, "events": events}
    return keyed(Call("POST", "/v1/webhooks", _as(Endpoint), json=body), key)


def list_webhooks() -> Call[list[Endpoint]]:
    return Call("GET", "/v1/webhooks", lambda response: _page(Endpoint)(response).items)


def get_webhook(endpoint: str) -> Call[Endpoint]:
    return Call("GET", f"/v1/webhooks/{_step(endpoint)}", _as(Endpoint))


def rotate_webhook(endpoint: str, key: str | None) -> Call[Endpoint]:
    return keyed(Call("POST", f"/v1/webhooks/{_step(endpoint)}/rotate", _as(Endpoint)), key)


def enable_webhook(endpoint: str) -> Call[Endpoint]:
    return Call("POST", f"/v1/webhooks/{_step(endpoint)}/enable", _as(Endpoint))


def delete_webhook(endpoint: str) -> Call[None]:
    # A second delete would say that there is none.
    return Call("DELETE", f"/v1/webhooks/{_step(endpoint)}", _nothing, repeatable=False)


def models() -> Call[list[dict[str, Any]]]:
    return Call("GET", "/v1/models", lambda response: list(document(response).get("data") or ()))


def operations() -> Call[dict[str, Any]]:
    return Call("GET", "/v1/operations", document)


def health() -> Call[dict[str, Any]]:
    return Call("GET", "/healthz", document)


def first_wait(timeout_s: float | None) -> float:
    """Seconds of a client's time that the service itself may wait for a job's end."""
    return float(WAIT_S) if timeout_s is None else max(0.0, min(timeout_s, WAIT_S))


def format_of(path: Path, given: Format | None) -> Format:
    """The format of a result file by its name; raises VitrineClientError."""
    named = given or path.suffix.removeprefix(".").lower()
    for known in get_args(Format):
        if named == known:
            return cast("Format", known)
    raise VitrineClientError(f"{named!r} is no format of a result; choose from {', '.join(get_args(Format))}")


def _as(kind: type[Kind]) -> Callable[[httpx.Response], Kind]:
    return lambda response: typed(kind, document(response))


def _page(kind: type[Kind]) -> Callable[[httpx.Response], Page[Kind]]:
    def read(response: httpx.Response) -> Page[Kind]:
        found = document(response)
        return Page([typed(kind, item) for item in found.get("data") or ()], found.get("next_cursor"))

    return read


def _drawn(response: httpx.Response) -> Article:
    """The record, also of a listing that was rejected or failed: it stands in the error."""
    record = problem(response).get("record")
    return article(record if isinstance(record, dict) else document(response))


def _nothing(response: httpx.Response) -> None:
    checked(response)


def _upload(source: str | Path | bytes, name: str | None) -> Upload:
    if isinstance(source, bytes):
        if name is None:
            raise VitrineClientError("bytes need a name whose end says the format, such as name='sheet.csv'")
        return Upload(name, source)
    return Upload(name or Path(source).name, Path(source))


def _picture(file: str | Path | bytes, mask: str | Path | bytes | None, name: str | None) -> dict[str, Upload]:
    """A picture's file as the form's fields; its format is told by its bytes, so bytes need no name."""
    fields = {"file": _upload(file, name or ("picture" if isinstance(file, bytes) else None))}
    return fields if mask is None else fields | {"mask": _upload(mask, "mask" if isinstance(mask, bytes) else None)}


def _step(name: str) -> str:
    """A name as one step of a path, whatever it holds."""
    return quote(name, safe="")


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}

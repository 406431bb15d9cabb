"""What each call sends, how answers and errors are read, and how lists are paged."""

import inspect
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from either import Either

import serve_app.client as package
from serve_app.client import (
    AsyncVitrine,
    InvalidRequestError,
    StillRunningError,
    StrangeAnswerError,
    Vitrine,
    VitrineClientError,
    errors,
)

JOB = {"id": "job_1", "state": "queued"}
BATCH = {"id": "batch_1", "state": "running"}


def page_of(request: httpx.Request) -> httpx.Response:
    """Five items, two on a page."""
    first = int(request.url.params.get("cursor", 0))
    items = [{"id": f"x_{number}", "row": number, "state": "queued"} for number in range(first, min(first + 2, 5))]
    return httpx.Response(200, json={"data": items, "next_cursor": first + 2 if first + 2 < 5 else None})


@pytest.mark.parametrize(("method", "arguments"), [("jobs.list", ()), ("batches.list", ()), ("batches.rows", ("b",))])
def test_a_list_holds_the_items_of_all_pages(either: Either, method: str, arguments: tuple[str, ...]) -> None:
    either.give(page_of)
    found = either(method, *arguments)
    assert [item.raw["row"] for item in found] == [0, 1, 2, 3, 4]
    assert [request.url.params.get("cursor") for request in either.asked] == [None, "2", "4"]


def test_a_page_is_asked_for_when_it_is_reached() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return page_of(request)

    with Vitrine("http://vitrine", transport=httpx.MockTransport(answer)) as vitrine:
        jobs = vitrine.jobs.list(state="queued")
        assert [next(jobs).id for _ in range(2)] == ["x_0", "x_1"]
        assert len(asked) == 1
        assert asked[0].url.params["state"] == "queued"


def test_a_job_is_sent_with_all_that_was_asked(either: Either) -> None:
    either.give(httpx.Response(202, json=JOB | {"queue_position": 3, "new_field": 1}))
    listing, options = {"name": "Hemd"}, {"seed": 7}
    job = either("jobs.create", listing, options, lane="catalogue", wait_s=90, cancel_after_s=5)
    (request,) = either.asked
    assert json.loads(request.content) == {
        "kind": "article", "input": listing, "options": options, "lane": "catalogue",
    }  # fmt: skip
    assert (request.headers["Prefer"], request.headers["Cancel-After"]) == ("wait=60", "5")
    assert (job.queue_position, job.over, job.raw["new_field"]) == (3, False, 1)


def test_a_file_is_sent_whole_each_time_with_its_name_and_options(either: Either, tmp_path: Path) -> None:
    path = tmp_path / "herbst.csv"
    path.write_bytes(b"name\n" + b"Hemd\n" * 50_000)
    either.give(httpx.ReadError("broken"), httpx.Response(202, json=BATCH))
    either("batches.create", path, {"policy": "skip"}, columns="name=Titel", dry_run=True)
    first, second = [request.content for request in either.asked]
    for body in (first, second):
        assert path.read_bytes() in body
        for part in (b'filename="herbst.csv"', b'{"policy": "skip"}', b"name=Titel", b'name="dry_run"\r\n\r\ntrue'):
            assert part in body, part


def test_a_feed_is_an_address_and_bytes_need_a_name(either: Either) -> None:
    either.give(httpx.Response(202, json=BATCH))
    either("batches.create", "https://shop.example/feed.csv", dry_run=True)
    assert json.loads(either.asked[0].content) == {
        "source_url": "https://shop.example/feed.csv", "options": {}, "dry_run": True,
    }  # fmt: skip
    either("batches.create", b"name\nHemd\n", name="feed.csv")
    assert b'filename="feed.csv"' in either.asked[1].content
    with pytest.raises(VitrineClientError, match="need a name"):
        either("batches.create", b"name\n")
    with pytest.raises(VitrineClientError, match="cannot read"):
        either("batches.create", Path("missing.csv"))


def test_a_result_is_a_whole_file_or_none(either: Either, tmp_path: Path) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=_Broken(), request=_)

    either.give(broken, httpx.Response(200, content=b"row,state\n"))
    assert either("batches.result", "batch_1", tmp_path / "out.csv").read_bytes() == b"row,state\n"
    assert either.asked[1].url.params["format"] == "csv"
    either.give(broken)
    either.asked.clear()
    with pytest.raises(VitrineClientError):
        either("batches.result", "batch_1", tmp_path / "other.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    with pytest.raises(VitrineClientError, match="'pdf' is no format"):
        either("batches.result", "batch_1", tmp_path / "out.pdf")


class _Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body whose connection is lost on the way."""

    def __iter__(self) -> Any:
        yield b"row,st"
        raise httpx.ReadError("broken")

    async def __aiter__(self) -> Any:
        yield b"row,st"
        raise httpx.ReadError("broken")


def test_an_error_keeps_the_words_of_the_problem_document(either: Either) -> None:
    problem = {
        "detail": "too many", "request_id": "r7", "error": {"code": "invalid_value", "param": "options.candidates"},
    }  # fmt: skip
    either.give(httpx.Response(422, json=problem))
    with pytest.raises(InvalidRequestError, match="too many") as refused:
        either("jobs.create", {}, {"candidates": 99})
    error = refused.value
    assert (error.status, error.code, error.param, error.request_id) == (
        422, "invalid_value", "options.candidates", "r7",
    )  # fmt: skip


def test_every_error_of_the_tree_is_drawn_in_it() -> None:
    drawn = errors.__doc__ or ""
    missing = [name for name in vars(errors) if name.endswith("Error") and name not in drawn]
    assert missing == []
    assert [name for name in package.__all__ if name.endswith("Error") and name not in drawn] == []


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(200, json=[])])
def test_another_program_on_the_port_is_told_from_the_service(either: Either, answer: httpx.Response) -> None:
    either.give(answer)
    with pytest.raises(StrangeAnswerError, match="does not answer like Vitrine's service"):
        either("health")


def test_an_answer_without_what_every_version_has_is_strange(either: Either) -> None:
    either.give(httpx.Response(200, json={"state": "queued"}))
    with pytest.raises(StrangeAnswerError, match="no 'id'"):
        either("jobs.get", "job_1")


def test_a_rejected_listing_is_its_record_and_colourways_are_records(either: Either) -> None:
    either.give(httpx.Response(422, json={"detail": "empty", "record": {"article_id": "a", "status": "rejected"}}))
    assert either("articles.create", {}).status == "rejected"
    others = [{"article_id": "a-navy", "status": "succeeded"}]
    either.give(httpx.Response(200, json={"article_id": "a", "status": "succeeded", "colourways": others}))
    assert [other.article_id for other in either("articles.create", {}, cancel_after_s=2.5).colourways] == ["a-navy"]
    assert [request.headers.get("Cancel-After") for request in either.asked] == [None, "2.5"]


def test_a_name_stays_one_step_of_the_path(either: Either) -> None:
    either.give(httpx.Response(404, json={"detail": "no"}))
    with pytest.raises(VitrineClientError):
        either("jobs.get", "job_1/../../keys?x=1")
    assert either.asked[0].url.raw_path == b"/v1/jobs/job_1%2F..%2F..%2Fkeys%3Fx%3D1"


def test_waiting_ends_with_the_job_or_with_its_time(either: Either) -> None:
    running = httpx.Response(200, json=JOB | {"state": "running"})
    over = httpx.Response(200, json=JOB | {"state": "failed", "error": {"code": "internal"}})
    either.give(httpx.Response(202, json=JOB), running, running, over)
    assert either("jobs.create_and_wait", {"name": "Hemd"}).state == "failed"
    either.give(httpx.Response(202, json=JOB), running)
    with pytest.raises(StillRunningError, match="job_1 is not over within the time given"):
        either("jobs.wait", "job_1", 0.05)


def test_address_and_key_come_from_the_environment(either: Either, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_URL", "https://vitrine.example/base/")
    monkeypatch.setenv("VITRINE_API_KEY", "vk_here")
    either.give(httpx.Response(200, json={}))
    either("health", client={"base_url": None})
    either("health", client={"base_url": "http://other", "api_key": "vk_given"})
    assert [str(request.url) for request in either.asked] == [
        "https://vitrine.example/base/healthz", "http://other/healthz",
    ]  # fmt: skip
    assert [request.headers["Authorization"] for request in either.asked] == ["Bearer vk_here", "Bearer vk_given"]
    assert either.asked[0].headers["User-Agent"].startswith("vitrine-client/")


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://host", "http://", "http://x:port"])
def test_what_is_no_address_is_said(address: str) -> None:
    with pytest.raises(VitrineClientError, match="is no address of a service"):
        Vitrine(address)


def test_a_key_with_other_characters_is_said_without_showing_it() -> None:
    with pytest.raises(VitrineClientError, match="copy it again") as said:
        Vitrine("http://vitrine", api_key="vk_\u2026secret")
    assert "secret" not in str(said.value)


@pytest.mark.parametrize("resource", ["jobs", "batches", "articles", "pictures", "webhooks", None])
def test_both_clients_have_the_same_methods_with_the_same_parameters(resource: str | None) -> None:
    blocking, awaited = Vitrine("http://vitrine"), AsyncVitrine("http://vitrine")
    one, other = [getattr(client, resource) if resource else client for client in (blocking, awaited)]
    assert signatures(one) == signatures(other)
    blocking.close()


def signatures(holder: object) -> dict[str, list[inspect.Parameter]]:
    names = [name for name in dir(holder) if not name.startswith("_") and callable(getattr(holder, name))]
    return {name: list(inspect.signature(getattr(holder, name)).parameters.values()) for name in names}

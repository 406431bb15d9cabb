"""The events of a job over connections that break: none lost, none twice, the end seen."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from either import Either

from serve_app.client import Event, NotFoundError, StrangeAnswerError, UnreachableError

TOLD = ["running", "stage", "stage", "stage", "succeeded"]
RUNNING = {"id": "job_1", "state": "running"}
OVER = httpx.Response(200, json={"id": "job_1", "state": "succeeded"})


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Blocks of events, then the end of the body or a lost connection."""

    def __init__(self, blocks: list[bytes], breaks: Exception | None) -> None:
        self._blocks, self._breaks = blocks, breaks

    def __iter__(self) -> Any:
        yield from self._blocks
        if self._breaks is not None:
            raise self._breaks

    async def __aiter__(self) -> Any:
        for block in self:
            yield block


def telling(until: int, breaks: Exception | None = None) -> Callable[[httpx.Request], httpx.Response]:
    """Tells the events after `Last-Event-ID`, up to number `until`, between places in the queue that have no number."""

    def answer(request: httpx.Request) -> httpx.Response:
        seen = int(request.headers.get("Last-Event-ID", 0))
        blocks = [b'event: queued\ndata: {"queue_position": 2}\n\n', b": ping\n\n"]
        for number, kind in list(enumerate(TOLD, 1))[seen:until]:
            blocks.append(f"id: {number}\nevent: {kind}\ndata: {json.dumps({'n': number})}\n\n".encode())
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Stream(blocks, breaks))

    return answer


def numbered(events: list[Event]) -> list[tuple[int, str]]:
    return [(event.id, event.kind) for event in events if event.id is not None]


@pytest.mark.parametrize("breaks", [httpx.ReadError("reset"), httpx.ReadTimeout("silence"), None])
def test_a_broken_stream_goes_on_behind_the_last_event(either: Either, breaks: Exception | None) -> None:
    still_running = [httpx.Response(200, json=RUNNING)] if breaks is None else []
    either.give(
        telling(2, breaks), *still_running, httpx.Response(503), telling(4, breaks),
        *still_running, telling(5),
    )  # fmt: skip
    found = either("jobs.events", "job_1")
    assert numbered(found) == list(enumerate(TOLD, 1))
    assert next(event.data for event in found if event.id is None) == {"queue_position": 2}
    followed = [request for request in either.asked if request.url.path.endswith("/events")]
    assert [request.headers.get("Last-Event-ID") for request in followed] == [None, "2", "2", "4"]


def test_a_stream_that_opens_again_and_again_is_followed_for_longer_than_the_retries(either: Either) -> None:
    either.give(*[telling(1, httpx.ReadError("reset"))] * 12, telling(5))
    assert numbered(either("jobs.events", "job_1")) == list(enumerate(TOLD, 1))


def test_a_service_that_stays_away_ends_the_following(either: Either) -> None:
    either.give(telling(2, httpx.ReadError("reset")), httpx.ConnectError("refused"))
    with pytest.raises(UnreachableError, match="ConnectError"):
        either("jobs.events", "job_1")
    assert len(either.asked) == 3, "the lost stream and two connections that were refused"


def test_the_events_of_a_job_that_is_over_end_although_there_are_none_left(either: Either) -> None:
    either.give(telling(5), OVER, telling(5))
    assert numbered(either("jobs.events", "job_1", after=5)) == []
    assert len(either.asked) == 3


def test_what_a_job_told_between_a_stream_s_end_and_its_own_is_fetched(either: Either) -> None:
    either.give(telling(2), OVER, telling(5))
    assert numbered(either("jobs.events", "job_1")) == list(enumerate(TOLD, 1))
    either.asked.clear()
    either.give(telling(2), OVER, telling(3, httpx.ReadError("reset")), telling(5))
    assert numbered(either("jobs.events", "job_1")) == list(enumerate(TOLD, 1))


def test_an_earlier_end_of_a_job_that_went_on_ends_nothing(either: Either, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("test_client_events.TOLD", ["running", "awaiting_answer", "running", "succeeded"])
    either.give(telling(3), httpx.Response(200, json=RUNNING), telling(4))
    assert [kind for _, kind in numbered(either("jobs.events", "job_1"))] == TOLD


def test_a_job_that_is_not_there_and_another_program_are_told_apart(either: Either) -> None:
    either.give(httpx.Response(404, json={"detail": "there is no job"}))
    with pytest.raises(NotFoundError, match="there is no job"):
        either("jobs.events", "job_1")
    stream = {"content-type": "text/event-stream"}
    for strange in (httpx.Response(200, text="<html>"), httpx.Response(200, headers=stream, text="data: <html>\n\n")):
        either.give(strange)
        with pytest.raises(StrangeAnswerError, match="the address of Vitrine's service"):
            either("jobs.events", "job_1")

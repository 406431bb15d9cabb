"""What is sent again, under which key, after which pause, and what is not."""

import random
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from either import Either

from serve_app.client import BusyError, DeclinedError, ServiceError, TimedOutError, UnreachableError
from serve_app.client.retries import Retries, Tries

JOB = {"id": "job_1", "state": "queued"}
LISTING = {"name": "Hemd"}


def keys(either: Either) -> list[str | None]:
    return [request.headers.get("Idempotency-Key") for request in either.asked]


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_an_answer_that_passes_is_asked_for_again(either: Either, status: int) -> None:
    either.give(httpx.Response(status), httpx.ConnectError("refused"), httpx.Response(200, json=JOB))
    assert either("jobs.get", "job_1").id == "job_1"
    assert len(either.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500])
def test_an_answer_that_stays_is_raised_at_once(either: Either, status: int) -> None:
    either.give(httpx.Response(status, json={"detail": "no"}, headers={"Content-Type": "application/problem+json"}))
    with pytest.raises(DeclinedError, match="no"):
        either("jobs.get", "job_1")
    assert len(either.asked) == 1


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "text/html", "application/json", None])
def test_a_500_of_somebody_else_than_the_service_is_asked_for_again(either: Either, kind: str | None) -> None:
    broken = httpx.Response(500, content=b"Internal Server Error", headers={"Content-Type": kind} if kind else {})
    either.give(broken, broken, httpx.Response(202, json=JOB))
    assert either("jobs.create", LISTING).id == "job_1"
    first, *others = keys(either)
    assert first is not None
    assert others == [first, first], "the first may have been accepted"
    either.asked.clear()
    either.give(broken)
    with pytest.raises(ServiceError, match="Internal Server Error"):
        either("jobs.create", LISTING)
    assert len(either.asked) == 3


def test_two_retries_are_the_default_and_their_number_can_be_chosen(either: Either) -> None:
    either.give(httpx.ConnectError("refused"))
    for retries, expected in ((None, 3), (0, 1), (4, 5)):
        either.asked.clear()
        with pytest.raises(UnreachableError, match=r"no answer from http://vitrine \(ConnectError\)"):
            either("health", client={} if retries is None else {"max_retries": retries})
        assert len(either.asked) == expected


def test_a_post_that_is_sent_again_has_the_key_of_the_first(either: Either) -> None:
    either.give(httpx.ReadError("broken"), httpx.Response(502), httpx.Response(202, json=JOB))
    either("jobs.create", LISTING)
    first, *others = keys(either)
    assert first is not None
    assert others == [first, first]
    either.asked.clear()
    either("jobs.create", LISTING)
    assert keys(either)[0] not in (None, first), "another call is another order"


def test_the_key_of_the_caller_is_sent_as_it_is(either: Either) -> None:
    either.give(httpx.ReadError("broken"), httpx.Response(202, json=JOB))
    either("jobs.create", LISTING, idempotency_key="row 12")
    assert keys(either) == ["row 12", "row 12"]


def test_a_job_that_ended_for_want_of_a_model_is_ordered_anew(either: Either) -> None:
    lost = httpx.Response(
        503, json={"detail": "the renderer was lost", "error": {"code": "stage_lost"}, "job": "job_1"}
    )
    drawn = httpx.Response(200, json={"article_id": "a", "status": "succeeded"})
    either.give(lost, drawn)
    either("articles.create", LISTING)
    assert len(set(keys(either))) == 2
    either.asked.clear()
    with pytest.raises(ServiceError, match="was lost") as declined:
        either("articles.create", LISTING, idempotency_key="mine")
    assert (len(either.asked), declined.value.job) == (1, "job_1"), "the caller's key would give the same end again"


def test_a_wait_that_was_too_short_is_not_waited_for_again(either: Either) -> None:
    either.give(httpx.Response(504, json={"detail": "goes on", "error": {"code": "deadline"}, "job": "job_1"}))
    with pytest.raises(ServiceError) as declined:
        either("articles.create", LISTING)
    assert (len(either.asked), declined.value.job) == (1, "job_1")


def test_silence_is_no_lost_connection(either: Either) -> None:
    either.give(httpx.ReadTimeout("silence"))
    with pytest.raises(TimedOutError, match="within the time limit"):
        either("jobs.create", LISTING)
    assert len(either.asked) == 1


@pytest.mark.parametrize(
    ("outcome", "asked"),
    [
        (httpx.ReadError("broken"), 1),
        (httpx.Response(500), 1),
        (httpx.Response(502), 1),
        (httpx.ConnectError("no"), 3),
        (httpx.Response(429), 3),
    ],
)
@pytest.mark.parametrize(
    ("method", "arguments"), [("jobs.answer", ("job_1", {"colours": "navy"})), ("webhooks.delete", ("we_1",))]
)
def test_what_has_no_key_is_sent_again_only_when_it_was_not_received(
    either: Either, outcome: Any, asked: int, method: str, arguments: tuple[Any, ...]
) -> None:
    either.give(outcome)
    with pytest.raises((UnreachableError, DeclinedError)):
        either(method, *arguments)
    assert (len(either.asked), set(keys(either))) == (asked, {None})


@pytest.mark.parametrize(
    ("method", "argument"), [("webhooks.create", "https://shop.example"), ("webhooks.rotate", "we")]
)
def test_a_webhook_and_its_new_secret_are_made_once(either: Either, method: str, argument: str) -> None:
    made = httpx.Response(201, json={"id": "we", "url": "https://shop.example"})
    either.give(httpx.ReadError("broken"), httpx.Response(502), made)
    either(method, argument)
    assert (len(keys(either)), len(set(keys(either))), None in keys(either)) == (3, 1, False)
    either.asked.clear()
    either(method, argument, idempotency_key="hook-1")
    assert keys(either) == ["hook-1"] * 3


def test_with_patience_a_busy_service_costs_no_retry(either: Either) -> None:
    busy = [httpx.Response(503, headers={"Retry-After": "0"})] * 20
    either.give(*busy, httpx.Response(200, json={"status": "ok"}))
    assert either("health", client={"patience_s": 60.0}) == {"status": "ok"}
    assert len(either.asked) == 21
    either.asked.clear()
    either.give(httpx.Response(503))
    with pytest.raises(ServiceError):
        either("health", client={"patience_s": 60.0})
    assert len(either.asked) == 3, "who names no time has lost something"


def test_a_proxy_without_its_service_is_tried_again_and_a_missing_job_is_not(either: Either) -> None:
    either.give(httpx.Response(404, text="Path '/v1/jobs' not found."), httpx.Response(200, json=JOB))
    assert either("jobs.get", "job_1").id == "job_1"
    assert len(either.asked) == 2


def pause_after(header: str, retries: Retries | None = None) -> float | None:
    return Tries(retries or Retries()).after(httpx.Response(429, headers={"Retry-After": header}))


def test_the_pause_is_the_one_that_the_service_names() -> None:
    assert (pause_after("20") or 0.0) >= 20.0
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 25.0 < (pause_after(date) or 0.0) <= 31.0
    assert (pause_after("nonsense") or 9.0) <= 0.6
    assert pause_after("3600") is None, "nobody waits an hour unasked"
    assert (pause_after("120", Retries(patience_s=900.0)) or 0.0) >= 120.0


def test_pauses_grow_and_are_spread() -> None:
    random.seed(3)
    tries = [Tries(Retries(most=10)) for _ in range(20)]
    first, second, *_, last = [[one.after(httpx.ConnectError("no")) or 0.0 for one in tries] for _ in range(10)]
    assert 0.4 <= min(first) < max(first) <= 0.6
    assert min(second) >= 0.8
    assert max(last) <= 36.0
    assert len(set(first)) == len(tries)


def test_a_busy_service_that_stays_so_is_an_error_with_its_time(either: Either) -> None:
    either.give(httpx.Response(429, headers={"Retry-After": "3600"}, json={"detail": "too many"}))
    began = time.monotonic()
    with pytest.raises(BusyError) as busy:
        either("jobs.create", LISTING)
    assert (busy.value.retry_after, len(either.asked)) == (3600.0, 1)
    assert time.monotonic() - began < 5.0

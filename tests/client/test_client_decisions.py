"""What both clients send for decisions, and how they read what comes back."""

import json

import httpx
import pytest
from either import Either

from serve_app.client import ConflictError

MADE = {"id": "dec_1", "job": "job_1", "article_id": "a1", "decision": "rejected", "checks": ["colours"], "new": 1}


def test_a_decision_is_sent_with_its_reasons_under_a_key_of_its_own(either: Either) -> None:
    either.give(httpx.ReadError("broken"), httpx.Response(201, json=MADE))
    made = either("decisions.create", "job_1", "rejected", checks=["colours"], note="dark", article_id="a1")
    first, second = either.asked
    assert first.url.path == "/v1/jobs/job_1/decisions"
    assert json.loads(first.content) == {
        "decision": "rejected", "checks": ["colours"], "note": "dark", "article_id": "a1",
    }  # fmt: skip
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert (made.decision, made.checks, made.raw["new"]) == ("rejected", ["colours"], 1)


def test_decisions_are_listed_page_by_page_all_or_those_of_a_job(either: Either) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        last = request.url.params.get("cursor") == "dec_1"
        found = MADE | {"id": "dec_0" if last else "dec_1"}
        return httpx.Response(200, json={"data": [found], "next_cursor": None if last else "dec_1"})

    either.give(page)
    assert [one.id for one in either("decisions.list")] == ["dec_1", "dec_0"]
    assert [one.id for one in either("decisions.list", job_id="job/1")] == ["dec_1", "dec_0"]
    assert [request.url.raw_path.split(b"?")[0] for request in either.asked[::2]] == [
        b"/v1/decisions", b"/v1/jobs/job%2F1/decisions",
    ]  # fmt: skip


def test_a_job_without_a_picture_is_a_conflict(either: Either) -> None:
    problem = {"detail": "no picture", "error": {"code": "nothing_to_decide"}, "job": "job_1"}
    either.give(httpx.Response(409, json=problem))
    with pytest.raises(ConflictError, match="no picture"):
        either("decisions.create", "job_1", "approved")

"""A seller's decision over HTTP: what it may say, what it keeps, and what it leaves alone."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from asking import problem
from bench import SHIRT

from serve_app.api.app import create_app
from serve_app.api.service import Service


class Desk:
    """A client of the service, and what the service said of each decision."""

    def __init__(self, service: Service) -> None:
        self.heard: list[tuple[str, str]] = []
        app = create_app(service, decided=lambda decision, verdict: self.heard.append((decision, verdict)))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://vitrine")

    async def job(self, listing: dict[str, Any] = SHIRT, **options: Any) -> dict[str, Any]:
        order = {"input": listing, "options": {"candidates": 1, "size": 128, **options}}
        made = await self.client.post("/v1/jobs", json=order, headers={"Prefer": "wait=30"})
        found: dict[str, Any] = made.json()
        return found

    async def decide(self, job: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/jobs/{job}/decisions", json=body, headers=headers)


@pytest.fixture
async def desk(service: Service) -> AsyncIterator[Desk]:
    desk = Desk(service)
    async with desk.client:
        yield desk


async def test_a_decision_answers_with_the_verdict_that_it_is_about(desk: Desk) -> None:
    job = await desk.job()
    (record,) = job["result"]["records"]
    answer = await desk.decide(job["id"], decision="rejected", checks=["colours", "colours"], note="zu dunkel")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["job"], made["article_id"], made["decision"]) == (job["id"], record["article_id"], "rejected")
    assert (made["checks"], made["note"], made["decided_by"]) == (["colours"], "zu dunkel", "none")
    assert made["picture_url"] == f"/v1/pictures/{record['sha256']}.png"
    for name, finding in record["verdict"].items():
        assert made["verdict"][name] == {key: finding[key] for key in ("state", "value", "threshold", "expected")}
    assert (made["clip_score"], made["score_10"]) == (record["clip_score"], record["score_10"])
    assert made["models"]["scorer"] == record["models"]["scorer"]["digest"]


async def test_a_decision_leaves_the_job_and_its_record_as_they_are(desk: Desk) -> None:
    job = await desk.job()
    await desk.decide(job["id"], decision="rejected")
    assert (await desk.client.get(f"/v1/jobs/{job['id']}")).json() == job


async def test_the_last_decision_is_listed_and_all_are_with_their_job(desk: Desk) -> None:
    job = (await desk.job())["id"]
    first = (await desk.decide(job, decision="approved")).json()
    second = (await desk.decide(job, decision="rejected", checks=["sleeve"])).json()
    listed = (await desk.client.get("/v1/decisions")).json()
    assert ([one["id"] for one in listed["data"]], listed["next_cursor"]) == ([second["id"]], None)
    history = (await desk.client.get(f"/v1/jobs/{job}/decisions", params={"limit": 1})).json()
    assert history["data"] == [second]
    older = await desk.client.get(f"/v1/jobs/{job}/decisions", params={"cursor": history["next_cursor"]})
    assert older.json()["data"] == [first | {"replaced_by": second["id"]}]


async def test_the_service_hears_what_verdict_and_seller_said(desk: Desk) -> None:
    job = await desk.job()
    verdict = job["result"]["records"][0]["verdict"].values()
    said = "fail" if any(finding["state"] == "fail" for finding in verdict) else "pass"
    for decision in ("approved", "rejected"):
        await desk.decide(job["id"], decision=decision)
    assert desk.heard == [("approved", said), ("rejected", said)]


async def test_each_colourway_has_a_decision_of_its_own(desk: Desk) -> None:
    job = await desk.job({"name": "Herren-Hemd", "description": "Freizeithemd, langarm"}, policy="colourways=2")
    names = [record["article_id"] for record in job["result"]["records"]]
    document = problem(await desk.decide(job["id"], decision="approved"), 422, "invalid_value")
    assert document["error"]["param"] == "article_id"
    assert all(name in document["detail"] for name in names)
    for name, decision in zip(names, ("approved", "rejected"), strict=True):
        assert (await desk.decide(job["id"], decision=decision, article_id=name)).status_code == 201
    standing = (await desk.client.get("/v1/decisions")).json()["data"]
    assert {one["article_id"]: one["decision"] for one in standing} == dict(
        zip(names, ("approved", "rejected"), strict=True)
    )


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "invalid_value", "decision"),
        ({"decision": "approve"}, "invalid_value", "decision"),
        ({"decision": "rejected", "checks": ["colour"]}, "invalid_value", "checks"),
        ({"decision": "rejected", "checks": ["../x"]}, "invalid_value", "checks.0"),
        ({"decision": "approved", "checks": ["colours"]}, "invalid_value", "checks"),
        ({"decision": "rejected", "note": "x" * 2001}, "invalid_value", "note"),
        ({"decision": "rejected", "note": "a\0b"}, "invalid_value", "note"),
        ({"decision": "rejected", "article_id": "0123456789abcdef"}, "invalid_value", "article_id"),
        ({"decision": "rejected", "reason": "dark"}, "unknown_field", "reason"),
    ],
)
async def test_what_is_no_decision_is_refused_by_name(desk: Desk, body: dict[str, Any], code: str, param: str) -> None:
    job = (await desk.job())["id"]
    answer = await desk.client.post(f"/v1/jobs/{job}/decisions", json=body)
    document = problem(answer, 422, answer.json()["error"]["code"] if body == {} else code)
    assert document["error"]["param"] == param
    assert (await desk.client.get("/v1/decisions")).json()["data"] == []


async def test_only_a_picture_of_an_article_can_be_decided_about(desk: Desk) -> None:
    asking = await desk.job({"name": "Herren-Hemd", "description": "Freizeithemd, langarm"})
    problem(await desk.decide(asking["id"], decision="approved"), 409, "nothing_to_decide")
    drawn = await desk.client.post("/v1/images/generations", json={"prompt": "a shirt", "size": "128x128"})
    assert drawn.status_code == 200
    (image,) = [job for job in (await desk.client.get("/v1/jobs")).json()["data"] if job["kind"] == "image"]
    problem(await desk.decide(image["id"], decision="approved"), 409, "nothing_to_decide")
    problem(await desk.decide("job_" + "0" * 26, decision="approved"), 404, "not_found")


async def test_a_decision_that_is_sent_twice_is_taken_once(desk: Desk) -> None:
    job, key = (await desk.job())["id"], {"Idempotency-Key": "click-1"}
    first, again = [await desk.decide(job, key, decision="approved") for _ in range(2)]
    assert first.json() == again.json()
    problem(await desk.decide(job, key, decision="rejected"), 422, "idempotency_key_reused")
    assert len((await desk.client.get(f"/v1/jobs/{job}/decisions")).json()["data"]) == 1

"""Jobs over HTTP: accepted once, looked up, followed, cancelled, and nobody else's."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from asking import client_of, ended, problem
from bench import SHIRT, Bench
from in_process import serving

from serve_app.access.keys import Keys
from serve_app.api.service import Service

ORDER = {"kind": "article", "input": SHIRT, "options": {"candidates": 1}}


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as client:
        yield client


async def test_a_job_is_accepted_and_ends_by_itself(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/jobs", json=ORDER)
    assert answer.status_code == 202, answer.text
    accepted = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{accepted['id']}"
    assert accepted["state"] in ("queued", "running", "succeeded")
    job = await ended(client, accepted["id"])
    (record,) = job["result"]["records"]
    assert (job["state"], record["status"]) == ("succeeded", "succeeded")
    assert (await client.get(record["picture_url"])).content.startswith(b"\x89PNG")


async def test_prefer_wait_answers_with_the_end(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/jobs", json=ORDER, headers={"Prefer": "respond-async, wait=30"})
    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded"), answer.text
    assert answer.headers["preference-applied"] == "wait=30"


async def test_a_listing_without_a_colour_awaits_its_answer(client: httpx.AsyncClient) -> None:
    order = {"input": {"name": "Herren-Hemd", "description": "Freizeithemd, langarm"}}
    job = (await client.post("/v1/jobs", json=order, headers={"Prefer": "wait=30"})).json()
    assert job["state"] == "awaiting_answer"
    assert job["result"]["records"][0]["question"]["attribute"] == "colours"


async def test_an_answer_lets_the_job_go_on_under_its_own_id(client: httpx.AsyncClient) -> None:
    order = {"input": {"name": "Herren-Hemd", "description": "Freizeithemd, langarm"}, "options": {"candidates": 1}}
    job = (await client.post("/v1/jobs", json=order, headers={"Prefer": "wait=30"})).json()["id"]
    answered = await client.post(f"/v1/jobs/{job}/answers", json={"answers": {"colours": "dunkelblau"}})
    assert (answered.status_code, answered.json()["id"]) == (202, job), answered.text
    (record,) = (await ended(client, job))["result"]["records"]
    assert record["status"] == "succeeded"
    assert record["attributes"]["colours"] == [{"value": "dark blue", "role": "base"}]
    assert any(claim["witness"] == "seller" for claim in record["ledger"] if claim["attribute"] == "colours")
    again = await client.post(f"/v1/jobs/{job}/answers", json={"answers": {"colours": "rot"}})
    problem(again, 409, "not_awaiting_answer")


async def test_an_answer_outside_the_vocabulary_is_refused_with_what_to_do(client: httpx.AsyncClient) -> None:
    order = {"input": {"name": "Herren-Hemd", "description": "Freizeithemd, langarm"}}
    job = (await client.post("/v1/jobs", json=order, headers={"Prefer": "wait=30"})).json()["id"]
    wrong = await client.post(f"/v1/jobs/{job}/answers", json={"answers": {"colours": "wie auf dem Foto"}})
    problem(wrong, 422, "unknown_answer")
    assert (await client.get(f"/v1/jobs/{job}")).json()["state"] == "awaiting_answer"


async def test_fifty_requests_with_one_key_are_one_job_and_another_body_is_refused(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "sheet-7 row 12"}
    answers = await asyncio.gather(*(client.post("/v1/jobs", json=ORDER, headers=headers) for _ in range(50)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await client.get("/v1/jobs")).json()["data"]) == 1
    other = await client.post("/v1/jobs", json=ORDER | {"lane": "catalogue"}, headers=headers)
    problem(other, 422, "idempotency_key_reused")


async def test_the_events_of_a_job_tell_its_stages_and_its_end(client: httpx.AsyncClient) -> None:
    job = (await client.post("/v1/jobs", json=ORDER)).json()["id"]
    told = await events(client, job)
    kinds = [event["event"] for event in told if event["event"] != "queued"]
    assert (kinds[0], kinds[-1]) == ("running", "succeeded")
    stages = [json.loads(event["data"])["stage"] for event in told if event["event"] == "stage"]
    assert stages == ["translate", "extract", "render", "score", "segment"] or set(stages) == {
        "translate", "extract", "render", "score", "segment",
    }  # fmt: skip
    assert json.loads(told[-1]["data"])["result"]["records"][0]["status"] == "succeeded"
    numbered = [event for event in told if "id" in event]
    rest = await events(client, job, {"Last-Event-ID": numbered[2]["id"]})
    assert [event["id"] for event in rest] == [event["id"] for event in numbered[3:]]


async def test_the_renderers_steps_are_told_with_a_preview(tmp_path: Path) -> None:
    bench = Bench(renderer={"delay_s": 0.4})
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service) as client:
        told = await events(client, (await client.post("/v1/jobs", json=ORDER)).json()["id"])
    steps = [json.loads(event["data"]) for event in told if event["event"] == "step"]
    assert [(step["step"], step["of"]) for step in steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    (preview,) = [json.loads(event["data"]) for event in told if event["event"] == "preview"]
    assert base64.b64decode(preview["b64_json"]).startswith(b"\xff\xd8\xff")


async def test_rows_of_a_catalogue_tell_their_end_only(client: httpx.AsyncClient) -> None:
    told = await events(client, (await client.post("/v1/jobs", json=ORDER | {"lane": "catalogue"})).json()["id"])
    assert {event["event"] for event in told} <= {"queued", "running", "succeeded"}


async def test_a_running_job_is_cancelled(tmp_path: Path) -> None:
    slow = Bench(renderer={"delay_s": 20.0})
    async with serving(tmp_path, slow.steps(), slow.fleet()) as service, client_of(service) as client:
        job = (await client.post("/v1/jobs", json=ORDER)).json()["id"]
        while not slow.rendered:
            await asyncio.sleep(0.02)
        answer = await client.post(f"/v1/jobs/{job}/cancel")
        assert answer.json()["state"] in ("running", "canceled")
        assert (await ended(client, job))["state"] == "canceled"


async def test_cancel_after_cancels_what_takes_too_long(tmp_path: Path) -> None:
    slow = Bench(renderer={"delay_s": 20.0})
    async with serving(tmp_path, slow.steps(), slow.fleet()) as service, client_of(service) as client:
        job = (await client.post("/v1/jobs", json=ORDER, headers={"Cancel-After": "1"})).json()["id"]
        over = await ended(client, job)
        assert (over["state"], over["error"]["code"]) == ("canceled", "deadline")


async def test_lists_page_through_all_jobs(client: httpx.AsyncClient) -> None:
    ids = [(await client.post("/v1/jobs", json=ORDER)).json()["id"] for _ in range(5)]
    first = (await client.get("/v1/jobs?limit=2")).json()
    second = (await client.get(f"/v1/jobs?limit=100&cursor={first['next_cursor']}")).json()
    assert [job["id"] for job in first["data"] + second["data"]] == ids[::-1]
    assert second["next_cursor"] is None


async def test_with_keys_the_door_is_locked_and_tenants_see_their_own_jobs_only(service: Service) -> None:
    keys = Keys(service.store.database)
    (_, ours), (_, theirs) = [await keys.create(tenant, "shop", ["jobs:read", "jobs:write"]) for tenant in ("a", "b")]
    (_, reader) = await keys.create("a", "viewer", ["jobs:read"])
    async with client_of(service) as client:
        problem(await client.get("/v1/jobs"), 401, "missing_api_key")
        problem(await client.get("/v1/jobs", headers={"Authorization": "Bearer vk_wrong"}), 401, "invalid_api_key")
        mine, other, looking = ({"Authorization": f"Bearer {secret}"} for secret in (ours, theirs, reader))
        job = (await client.post("/v1/jobs", json=ORDER, headers=mine | {"Prefer": "wait=30"})).json()
        picture = job["result"]["records"][0]["picture_url"]
        article = f"/v1/articles/{job['result']['records'][0]['article_id']}"
        for path in (f"/v1/jobs/{job['id']}", f"/v1/jobs/{job['id']}/events", picture, article):
            assert (await client.get(path, headers=mine)).status_code == 200, path
            problem(await client.get(path, headers=other), 404, "not_found")
        problem(await client.post(f"/v1/jobs/{job['id']}/cancel", headers=other), 404, "not_found")
        assert (await client.get("/v1/jobs", headers=other)).json()["data"] == []
        problem(await client.post("/v1/jobs", json=ORDER, headers=looking), 403, "missing_scope")
        assert (await client.get("/healthz")).status_code == 200


async def test_without_keys_only_this_machine_enters(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/jobs")).status_code == 200
    # A client may claim to be here; the proxy that it reached adds the truth behind it.
    for others in (["203.0.113.7"], ["127.0.0.1, 203.0.113.7"], ["127.0.0.1", "203.0.113.7"], ["here"]):
        asked = await client.get("/v1/jobs", headers=[("X-Forwarded-For", other) for other in others])
        problem(asked, 401, "missing_api_key")


async def test_behind_a_proxy_only_those_enter_whom_it_names(service: Service) -> None:
    async with client_of(service, proxied=True) as client:
        problem(await client.get("/v1/jobs"), 401, "missing_api_key")
        assert (await client.get("/v1/jobs", headers={"X-Forwarded-For": "127.0.0.1"})).status_code == 200


async def test_every_answer_says_how_much_is_left(client: httpx.AsyncClient) -> None:
    first, second = [await client.get("/v1/jobs") for _ in range(2)]
    assert first.headers["ratelimit-policy"].startswith('"default";q=')
    assert first.headers["ratelimit"] != second.headers["ratelimit"] or "r=" in second.headers["ratelimit"]


async def events(client: httpx.AsyncClient, job: str, headers: dict[str, str] | None = None) -> list[dict[str, str]]:
    """The server-sent events of a job, until the stream ends."""
    answer = await client.get(f"/v1/jobs/{job}/events", headers=headers or {})
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block for block in answer.text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    lines = [[line.split(": ", 1) for line in block.splitlines() if not line.startswith(":")] for block in blocks]
    return [dict(block) for block in lines if block]

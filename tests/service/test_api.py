"""The HTTP face over doubles: answers, error documents, limits."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import client_of, problem
from bench import ROLES, SHIRT, Bench
from in_process import serving

from serve_app.api.app import create_app
from serve_app.api.errors import kinds
from serve_app.api.service import Service
from serve_app.jobs import queue
from serve_app.stories.steps import Steps


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as client:
        yield client


async def test_a_listing_becomes_a_record_with_a_picture(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/articles", json=SHIRT | {"options": {"seed": 3, "candidates": 1, "size": 128}})
    assert answer.status_code == 200, answer.text
    record = answer.json()
    assert record["status"] == "succeeded"
    assert record["picture_url"] == f"/v1/pictures/{record['sha256']}.png"
    picture = await client.get(record["picture_url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert picture.content.startswith(b"\x89PNG")
    read = await client.get(f"/v1/articles/{record['article_id']}")
    assert read.json()["sha256"] == record["sha256"]


async def test_a_listing_without_a_colour_is_answered_with_one_question(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/articles", json={"name": "Herren-Hemd", "description": "Freizeithemd, langarm"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "needs_answer"
    assert answer.json()["question"]["attribute"] == "colours"
    assert answer.json()["picture_url"] is None


async def test_colourways_come_as_one_answer_with_ids_of_their_own(client: httpx.AsyncClient) -> None:
    listing = {"name": "Herren-Hemd", "description": "Freizeithemd, langarm", "options": {"policy": "colourways=2"}}
    first = (await client.post("/v1/articles", json=listing)).json()
    assert len(first["colourways"]) == 1
    second = first["colourways"][0]
    assert second["picture_url"] != first["picture_url"]
    read = (await client.get(f"/v1/articles/{second['article_id']}")).json()
    assert read["sha256"] == second["sha256"]


async def test_an_unusable_listing_is_refused_with_its_record(client: httpx.AsyncClient) -> None:
    document = problem(await client.post("/v1/articles", json={}), 422, "empty")
    assert document["record"]["status"] == "rejected"


async def test_an_unknown_field_is_named(client: httpx.AsyncClient) -> None:
    document = problem(await client.post("/v1/articles", json=SHIRT | {"colour": "red"}), 422, "unknown_field")
    assert document["error"]["param"] == "colour"
    document = problem(await client.post("/v1/articles", json={"options": {"stepz": 4}}), 422, "unknown_field")
    assert document["error"]["param"] == "options.stepz"


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"candidates": 0}, "options.candidates"),
        ({"candidates": 99}, "options.candidates"),
        ({"seed": -1}, "options.seed"),
        ({"size": 100_000}, "options.size"),
        ({"size": 100}, "options.size"),
        ({"policy": "guess"}, "options.policy"),
        ({"adapter": "../../etc/passwd"}, "options.adapter"),
    ],
)
async def test_an_impossible_option_is_refused(client: httpx.AsyncClient, options: Any, param: str) -> None:
    document = problem(await client.post("/v1/articles", json=SHIRT | {"options": options}), 422, "invalid_value")
    assert document["error"]["param"] == param


async def test_a_long_value_is_not_sent_back(client: httpx.AsyncClient) -> None:
    document = problem(await client.post("/v1/articles", json={"name": "x" * 40_000}), 422, "invalid_value")
    assert len(document["detail"]) < 300


@pytest.mark.parametrize(
    ("content", "headers"), [(b"{", {"content-type": "application/json"}), (b"name=x", {}), (b"", {})]
)
async def test_a_body_that_is_not_json_is_refused(
    client: httpx.AsyncClient, content: bytes, headers: dict[str, str]
) -> None:
    answer = await client.post("/v1/articles", content=content, headers=headers)
    problem(answer, 422, answer.json()["error"]["code"])


async def test_a_long_body_is_refused_before_it_is_parsed(client: httpx.AsyncClient) -> None:
    problem(await client.post("/v1/articles", content=b" " * 300_000), 413, "too_large")


async def test_what_is_not_there_is_a_404(client: httpx.AsyncClient) -> None:
    problem(await client.get("/v1/nothing"), 404, "not_found")
    problem(await client.get("/v1/articles/0123456789abcdef"), 404, "not_found")
    problem(await client.get(f"/v1/pictures/{'0' * 64}.png"), 404, "not_found")
    problem(await client.delete("/v1/articles"), 405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/v1/pictures/..%2f..%2fvitrine.sqlite.png", "/v1/articles/..%2fx"])
async def test_a_path_that_is_no_identifier_is_refused(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code in (404, 422)


async def test_a_german_client_reads_german(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/nothing", headers={"Accept-Language": "de-DE,de;q=0.9"})
    assert answer.json()["title"] == kinds()["not_found"]["de"]


async def test_the_clients_request_id_is_kept_when_it_is_harmless(client: httpx.AsyncClient) -> None:
    kept = await client.get("/v1/nothing", headers={"X-Request-Id": "order-17"})
    replaced = await client.get("/v1/nothing", headers={"X-Request-Id": "<script>"})
    assert kept.json()["request_id"] == "order-17"
    assert replaced.json()["request_id"] != "<script>"


async def test_an_unforeseen_failure_tells_nothing_of_its_inside(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Any) -> Any:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(queue, "RETRY_S", 0.0)
    steps = Steps(broken, broken, broken, broken, broken)
    async with serving(tmp_path, steps, bench.fleet()) as service, client_of(service) as client:
        answer = await client.post("/v1/articles", json=SHIRT)
    problem(answer, 500, "internal")
    assert "secret" not in answer.text


async def test_health_and_models_say_what_serves(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    served = (await client.get("/v1/models")).json()["data"]
    assert [facts["role"] for facts in served] == list(ROLES)
    assert {facts["kind"] for facts in served} == {"double"}


async def test_the_openapi_document_names_every_route(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert set(paths) == {
        "/v1/articles",
        "/v1/articles/{article_id}",
        "/v1/batches",
        "/v1/batches/{batch_id}",
        "/v1/batches/{batch_id}/rows",
        "/v1/batches/{batch_id}/result",
        "/v1/batches/{batch_id}/pause",
        "/v1/batches/{batch_id}/resume",
        "/v1/batches/{batch_id}/cancel",
        "/v1/jobs",
        "/v1/jobs/{job_id}",
        "/v1/jobs/{job_id}/answers",
        "/v1/jobs/{job_id}/cancel",
        "/v1/jobs/{job_id}/events",
        "/v1/jobs/{job_id}/decisions",
        "/v1/decisions",
        "/v1/images/edits",
        "/v1/images/generations",
        "/v1/webhooks",
        "/v1/webhooks/{endpoint_id}",
        "/v1/webhooks/{endpoint_id}/enable",
        "/v1/webhooks/{endpoint_id}/rotate",
        "/v1/pictures/{sha256}.jpg",
        "/v1/pictures/{sha256}.png",
        "/v1/models",
        "/v1/operations",
        "/v1/verify",
        "/v1/check",
        "/v1/finish",
        "/v1/publications",
        "/v1/publications/{publication_id}",
        "/v1/publications/{publication_id}/events",
        "/v1/publications/{publication_id}/assignment",
        "/healthz",
    }
    assert (await client.get("/docs")).status_code == 200


async def test_half_a_body_is_no_request(service: Service) -> None:
    parts = [
        {"type": "http.request", "body": b'{"name": "Hemd", "model_descr": "rot"', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/jobs", "headers": [], "query_string": b"", "client": None}
    await create_app(service)(scope, receive, send)
    assert sent == []
    assert await service.queue.jobs("local", 10) == []

"""Batches over HTTP and the doubles: a sheet in, its rows followed, its result out in every format."""

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from asking import HEADER, OPTIONS, client_of, finished, post, problem
from openpyxl import load_workbook

from serve_app.access.keys import Keys
from serve_app.api import limits
from serve_app.api.service import Service

ARTICLES = Path(__file__).parents[2] / "examples" / "articles.csv"


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as client:
        yield client


async def test_the_example_sheet_becomes_rows_jobs_and_results(client: httpx.AsyncClient) -> None:
    answer = await post(client, ARTICLES.read_bytes(), "articles.csv")
    assert answer.status_code == 202, answer.text
    batch = answer.json()["id"]
    done = await finished(client, batch)
    with ARTICLES.open(newline="") as stream:
        names = [line["name"] for line in csv.DictReader(stream)]
    assert (done["state"], done["total"], done["taken"]) == ("finished", len(names), len(names))
    assert sum(done["counts"].values()) == len(names)
    assert done["counts"]["succeeded"] >= 1
    first = (await client.get(f"/v1/batches/{batch}/rows?limit=3")).json()
    rest = (await client.get(f"/v1/batches/{batch}/rows?cursor={first['next_cursor']}")).json()
    rows = first["data"] + rest["data"]
    assert [row["row"] for row in rows] == list(range(1, len(names) + 1))
    assert rest["next_cursor"] is None
    assert (await client.get(f"/v1/jobs/{rows[0]['job']}")).json()["batch"] == batch

    where = f"/v1/batches/{batch}/result?format="
    lines = [json.loads(line) for line in (await client.get(f"{where}jsonl")).text.splitlines()]
    assert [(line["row"], line["state"]) for line in lines] == [(row["row"], row["state"]) for row in rows]
    assert [line["name"] for line in lines] == [name.strip() for name in names]
    table = list(csv.DictReader(io.StringIO((await client.get(f"{where}csv")).content.decode("utf-8-sig"))))
    assert [line["article_id"] for line in table] == [line["article_id"] for line in lines]
    sheet = load_workbook(io.BytesIO((await client.get(f"{where}xlsx")).content)).active
    assert [line[0].value for line in sheet.iter_rows(min_row=2)] == [line["row"] for line in lines]
    with zipfile.ZipFile(io.BytesIO((await client.get(f"{where}zip")).content)) as packed:
        assert packed.testzip() is None
        whole = [json.loads(line) for line in packed.read("records.jsonl").splitlines()]
        drawn = {line["picture_url"] for line in lines if line["picture_url"]}
        assert {f"/v1/{name}" for name in packed.namelist()[1:]} == drawn
        assert [len(line["records"]) for line in whole] == [1] * len(names)
        for address in drawn:
            assert packed.read(address.removeprefix("/v1/")) == (await client.get(address)).content


async def test_a_name_that_is_a_formula_is_text_in_every_spreadsheet(client: httpx.AsyncClient) -> None:
    content = HEADER + b'"=HYPERLINK(""http://x"")",Freizeithemd,,rot\n@SUM(A1),Hemd,,rot\n'
    batch = (await post(client, content)).json()["id"]
    await finished(client, batch)
    want = ['\'=HYPERLINK("http://x")', "'@SUM(A1)"]
    text = (await client.get(f"/v1/batches/{batch}/result?format=csv")).content.decode("utf-8-sig")
    assert [line["name"] for line in csv.DictReader(io.StringIO(text))] == want
    book = load_workbook(io.BytesIO((await client.get(f"/v1/batches/{batch}/result?format=xlsx")).content))
    cells = [line[4] for line in book.active.iter_rows(min_row=2)]
    assert [(found.value, found.data_type) for found in cells] == [(name, "s") for name in want]


async def test_a_key_makes_one_batch_of_a_feed_that_is_sent_twice(client: httpx.AsyncClient, tmp_path: Path) -> None:
    headers = {"Idempotency-Key": "monday"}
    content = HEADER + b"Hemd,,,rot\n"
    first, second = [(await post(client, content, headers=headers)).json()["id"] for _ in range(2)]
    assert first == second
    assert [each["id"] for each in (await client.get("/v1/batches")).json()["data"]] == [first]
    problem(await post(client, content + b"Hose,,,rot\n", headers=headers), 422, "idempotency_key_reused")
    assert len(list((tmp_path / "objects").rglob("*.part"))) == 1, "a refused upload left its parts"


async def test_feeds_that_cannot_be_read_are_refused_with_what_to_do(client: httpx.AsyncClient) -> None:
    problem(await post(client, b"MZ", "feed.exe"), 422, "unknown_format")
    problem(await post(client, b"title\nHemd\n"), 422, "missing_columns")
    problem(await post(client, b""), 422, "empty_sheet")
    problem(await client.post("/v1/batches", data=OPTIONS, files={"other": b"x"}), 422, "missing_field")
    file = {"file": ("feed.csv", HEADER)}
    problem(await client.post("/v1/batches", files=file, data={"options": "{"}), 422, "invalid_json")
    problem(await client.post("/v1/batches", files=file, data={"options": '{"sed": 1}'}), 422, "unknown_field")
    problem(await client.post("/v1/batches", files=file, data={"dry_run": "perhaps"}), 422, "invalid_value")
    problem(await client.post("/v1/batches", json={"source_url": "http://127.0.0.1/a.csv"}), 422, "denied_address")
    assert (await client.get("/v1/batches")).json()["data"] == []


async def test_an_upload_above_the_cap_is_refused(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.LONGER, "/v1/batches", 1 << 20)
    problem(await post(client, HEADER + b"x" * (1 << 20)), 413, "too_large")
    assert (await post(client, HEADER + b"Hemd,,,rot\n" * 40_000)).status_code == 202


async def test_a_batch_is_paused_resumed_and_cancelled(client: httpx.AsyncClient) -> None:
    content = HEADER + b"".join(b"Hemd %d,Freizeithemd,,rot\n" % number for number in range(300))
    batch = (await post(client, content)).json()["id"]
    assert (await client.post(f"/v1/batches/{batch}/pause")).json()["state"] == "paused"
    assert (await client.post(f"/v1/batches/{batch}/resume")).json()["state"] == "running"
    assert (await client.post(f"/v1/batches/{batch}/cancel")).json()["state"] == "canceled"
    done = await finished(client, batch)
    assert (done["state"], done["taken"]) == ("canceled", sum(done["counts"].values()))


async def test_another_tenants_batch_is_not_there(service: Service) -> None:
    keys = Keys(service.store.database)
    (_, ours), (_, theirs) = [await keys.create(tenant, "shop", ["jobs:read", "jobs:write"]) for tenant in ("a", "b")]
    mine, other = ({"Authorization": f"Bearer {secret}"} for secret in (ours, theirs))
    async with client_of(service) as client:
        batch = (await post(client, HEADER + b"Hemd,,,rot\n", headers=mine)).json()["id"]
        for path in ("", "/rows", "/result", "/result?format=zip"):
            assert (await client.get(f"/v1/batches/{batch}{path}", headers=mine)).status_code == 200, path
            problem(await client.get(f"/v1/batches/{batch}{path}", headers=other), 404, "not_found")
        for verb in ("pause", "resume", "cancel"):
            problem(await client.post(f"/v1/batches/{batch}/{verb}", headers=other), 404, "not_found")
        assert (await client.get("/v1/batches", headers=other)).json()["data"] == []
        problem(await client.get("/v1/batches"), 401, "missing_api_key")


async def test_the_document_of_the_api_describes_both_bodies(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    body = document["paths"]["/v1/batches"]["post"]["requestBody"]["content"]
    assert set(body) == {"multipart/form-data", "application/json"}
    assert "ArticleOptions" in document["components"]["schemas"]

"""An article that names a marketplace is delivered twice: as its picture, and as the file for the marketplace."""

import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import client_of, problem
from bench import SHIRT, Bench
from in_process import serving
from PIL import Image

from serve_app.delivery.checks import check
from serve_app.delivery.profile import profile
from serve_app.delivery.subject import read
from serve_app.provenance.identity import identity
from serve_app.provenance.seal import Seal
from serve_app.settings import Environment


@pytest.fixture
async def client(bench: Bench, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    seal = Seal(identity(Environment(profile="development"), tmp_path))
    async with serving(tmp_path, bench.steps(), bench.fleet(), seal=seal) as service, client_of(service) as client:
        yield client


async def drawn_for(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    answer = await client.post(
        "/v1/articles", json=SHIRT | {"options": {"candidates": 1, "size": 256, "profile": name}}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_file_of_a_marketplace_is_the_one_that_its_verdict_is_about(client: httpx.AsyncClient) -> None:
    record = await drawn_for(client, "zalando")
    delivery = record["delivery"]
    file = await client.get(delivery["url"])
    assert (file.status_code, file.headers["content-type"]) == (200, "image/jpeg")
    assert (hashlib.sha256(file.content).hexdigest(), len(file.content)) == (delivery["sha256"], delivery["bytes"])
    with Image.open(io.BytesIO(file.content)) as image:
        assert list(image.size) == delivery["size"]
    again = {ruling.rule: ruling.state for ruling in check(read(file.content), profile("zalando")).rulings}
    told = {ruling["rule"]: ruling["state"] for ruling in delivery["rulings"]}
    assert {rule: told[rule] for rule in ("format", "width", "height", "aspect", "background")} == {
        rule: again[rule] for rule in ("format", "width", "height", "aspect", "background")
    }
    assert record["sha256"] != delivery["sha256"]


async def test_a_generated_picture_says_so_and_is_refused_where_synthesis_is_forbidden(
    client: httpx.AsyncClient,
) -> None:
    delivery = (await drawn_for(client, "amazon.main"))["delivery"]
    assert not delivery["passes"]
    told = {ruling["rule"]: ruling for ruling in delivery["rulings"]}
    assert (told["synthesis"]["state"], told["synthesis"]["value"]) == ("fail", "trainedAlgorithmicMedia")


async def test_an_unknown_marketplace_is_refused_with_the_known_ones(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/articles", json=SHIRT | {"options": {"profile": "zalanda"}})
    assert "zalando" in str(problem(answer, 422, "invalid_value")), answer.text


async def test_without_a_marketplace_there_is_one_file(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/articles", json=SHIRT | {"options": {"candidates": 1, "size": 128}})
    assert answer.json()["delivery"] is None

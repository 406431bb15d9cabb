"""Adapters by name and weight through the API."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import HEADER, client_of, problem
from bench import ROLES, SHIRT, Bench
from in_process import serving

from models.domain import WeightedAdapter
from models.recipes import about
from serve_app.calls import Line
from serve_app.errors import StageLostError
from serve_app.fleet import Fleet

ADAPTERS = {"sketch": {"trigger": "pencil sketch"}, "room": {"trigger": "in a room", "backdrop": "own"}}
SHEET = HEADER + b"Herren-Hemd,Freizeithemd aus Baumwolle,,rot kariert\n"


class Adapted(Bench):
    """Doubles whose renderer announces adapters, or does not answer."""

    silent = False

    def fleet(self) -> Fleet:
        async def facts(role: Any) -> dict[str, Any]:
            if self.silent:
                raise StageLostError(role, 1)
            return about(role, self.chosen[role]) | ({"adapters": ADAPTERS} if role == "renderer" else {})

        return Fleet({role: (Line(role, 1, 5.0), lambda role=role: facts(role)) for role in ROLES})


@pytest.fixture
def bench() -> Adapted:
    return Adapted()


@pytest.fixture
async def client(bench: Adapted, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service) as client:
        yield client


def job(adapter: str) -> dict[str, Any]:
    return {"kind": "article", "input": SHIRT, "options": {"candidates": 1, "adapter": adapter}}


async def test_a_job_draws_with_the_adapters_and_weights_that_it_names(
    client: httpx.AsyncClient, bench: Adapted
) -> None:
    answer = await client.post("/v1/jobs", json=job("sketch:0.6+room"), headers={"Prefer": "wait=30"})
    assert answer.json()["state"] == "succeeded", answer.text
    assert bench.rendered[0].adapters == (WeightedAdapter("room", 1.0), WeightedAdapter("sketch", 0.6))
    assert answer.json()["result"]["records"][0]["adapter"] == "sketch:0.6+room"


async def test_pictures_of_a_prompt_take_adapters_in_the_models_name(client: httpx.AsyncClient, bench: Adapted) -> None:
    order = {"prompt": "a navy shirt", "model": "vitrine:room:0.5"}
    assert (await client.post("/v1/images/generations", json=order)).status_code == 200
    assert bench.rendered[0].adapters == (WeightedAdapter("room", 0.5),)


async def test_an_unknown_adapter_is_refused_before_the_job_is_accepted(client: httpx.AsyncClient) -> None:
    document = problem(await client.post("/v1/jobs", json=job("sketch+oil")), 422, "unknown_adapter")
    assert document["error"]["param"] == "options.adapter"
    assert "no adapter 'oil'; it holds: room, sketch" in document["detail"]
    assert (await client.get("/v1/jobs")).json()["data"] == []
    sheet = {"files": {"file": ("feed.csv", SHEET)}, "data": {"options": '{"adapter": "oil"}'}}
    problem(await client.post("/v1/batches", **sheet), 422, "unknown_adapter")


@pytest.mark.parametrize(
    "adapter", ["", "+", "sketch:", "sketch:3", "sketch:0.6+", "sketch:nan", "sketch room", "a:1:1"]
)
async def test_adapters_that_cannot_be_read_are_refused(client: httpx.AsyncClient, adapter: str) -> None:
    document = problem(await client.post("/v1/jobs", json=job(adapter)), 422, "invalid_value")
    assert document["error"]["param"] == "options.adapter"


async def test_a_job_is_accepted_while_the_models_do_not_answer(client: httpx.AsyncClient, bench: Adapted) -> None:
    bench.silent = True
    assert (await client.post("/v1/jobs", json=job("sketch"))).status_code == 202

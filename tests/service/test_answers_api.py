"""Answers over HTTP: every attribute of a question can be answered; what is not understood is a 422 that says so."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import client_of, problem
from bench import ROLES, Bench
from in_process import serving

from models.recipes import about
from serve_app.calls import Line
from serve_app.catalogue.completeness.visible import ATTRIBUTES
from serve_app.fleet import Fleet


class French(Bench):
    """Doubles whose translator reads French."""

    def fleet(self) -> Fleet:
        async def facts(role: Any) -> dict[str, Any]:
            told = about(role, self.chosen[role])
            return told | ({"options": {"source_language": "fr"}} if role == "translator" else {})

        return Fleet({role: (Line(role, 1, 5.0), lambda role=role: facts(role)) for role in ROLES})


@pytest.fixture(params=[Bench, French])
def bench(request: pytest.FixtureRequest) -> Bench:
    found: Bench = request.param()
    return found


@pytest.fixture
async def client(bench: Bench, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service) as client:
        yield client


async def asking_job(client: httpx.AsyncClient, listing: dict[str, str]) -> str:
    order = {"input": listing, "options": {"candidates": 1}}
    job = (await client.post("/v1/jobs", json=order, headers={"Prefer": "wait=30"})).json()
    assert job["state"] == "awaiting_answer", job
    return str(job["id"])


@pytest.mark.parametrize("bench", [Bench], indirect=True)
async def test_one_answer_may_say_more_than_was_asked(client: httpx.AsyncClient) -> None:
    job = await asking_job(client, {"name": "Herren-T-Shirt", "description": "Kurzarm."})
    said = {"colours": "navy", "neckline": "round neck", "pattern": "gestreift"}
    answered = await client.post(f"/v1/jobs/{job}/answers", json={"answers": said})
    assert answered.status_code == 202, answered.text
    done = (await client.get(f"/v1/jobs/{job}/events", headers={"Accept": "text/event-stream"})).text
    record = (await client.get(f"/v1/jobs/{job}")).json()["result"]["records"][0]
    assert record["status"] == "succeeded", done
    assert {"navy", "crew neck", "striped"} <= set(record["generation_prompt"].replace(" t-shirt", "").split(", "))
    open_ = [one["attribute"] for one in record["completeness"]["open"]]
    assert not {"colours", "neckline", "pattern"} & set(open_)


@pytest.mark.parametrize("bench", [French], indirect=True)
async def test_answers_are_read_in_the_language_of_the_models(client: httpx.AsyncClient) -> None:
    job = await asking_job(client, {"name": "T-shirt pour homme", "description": "Manches courtes."})
    assert (await client.post(f"/v1/jobs/{job}/answers", json={"answers": {"colours": "bleu"}})).status_code == 202


@pytest.mark.parametrize("bench", [Bench], indirect=True)
@pytest.mark.parametrize(
    ("given", "named"),
    [({"colours": "bleu pétrole clair"}, "'bleu pétrole clair'"), ({"sleeve": "Sattelschulter"}, "known: sleeveless")],
)
async def test_a_value_that_is_not_understood_is_a_422_that_names_it_and_the_known_ones(
    client: httpx.AsyncClient, given: dict[str, str], named: str
) -> None:
    job = await asking_job(client, {"name": "Herren-T-Shirt", "description": "Kurzarm."})
    told = problem(await client.post(f"/v1/jobs/{job}/answers", json={"answers": given}), 422, "unknown_answer")
    assert named in told["detail"], told
    assert (await client.get(f"/v1/jobs/{job}")).json()["state"] == "awaiting_answer"


@pytest.mark.parametrize("bench", [Bench], indirect=True)
async def test_the_document_lists_what_can_be_answered(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    answers = document["components"]["schemas"]["AnswersRequest"]["properties"]["answers"]
    assert answers["propertyNames"]["enum"] == list(ATTRIBUTES)

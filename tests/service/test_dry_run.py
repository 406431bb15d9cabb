"""A dry run over HTTP and the doubles: every row says what would be drawn, nothing is, and a quote sums it up."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import HEADER, client_of, finished, problem
from bench import SHIRT, Bench
from in_process import serving

from serve_app.api.service import Service
from serve_app.catalogue.listing import Listing

RED, BARE = b"Herren-Hemd,Freizeithemd aus Baumwolle,,rot kariert\n", b"Damen-Bluse,Bluse mit V-Ausschnitt,,\n"
FEED = HEADER + RED + BARE + RED + b",,,\nDamen-Hose,Sommerhose,,blau\n"


async def post(
    client: httpx.AsyncClient, options: dict[str, Any], content: bytes = FEED, **more: Any
) -> dict[str, Any]:
    fields = {"options": json.dumps(options), "dry_run": "true"}
    answer = await client.post("/v1/batches", files={"file": ("feed.csv", content)}, data=fields, **more)
    assert answer.status_code == 202, answer.text
    return await finished(client, answer.json()["id"])


async def test_every_row_says_what_would_be_drawn_and_nothing_is(service: Service, bench: Bench) -> None:
    async with client_of(service) as client:
        done = await post(client, {"candidates": 2})
        assert bench.rendered == []
        assert (done["dry_run"], done["state"]) == (True, "finished")
        assert done["counts"] == {"succeeded": 3, "awaiting_answer": 1, "rejected": 1}
        where = f"/v1/batches/{done['id']}/result?format="
        lines = [json.loads(line) for line in (await client.get(f"{where}jsonl")).text.splitlines()]
        table = csv.DictReader(io.StringIO((await client.get(f"{where}csv")).content.decode("utf-8-sig")))
        job = (await client.get(f"/v1/jobs/{lines[0]['job']}")).json()
    (record,) = job["result"]["records"]
    assert (record["status"], record["sha256"], record["candidates"]) == ("planned", None, [])
    assert {claim["attribute"] for claim in record["ledger"]} >= {"product_type", "colours", "pattern"}
    assert "red" in record["generation_prompt"]
    assert [line["prompt"] for line in lines] == [
        record["generation_prompt"],
        None,
        *[lines[n]["prompt"] for n in (2, 3, 4)],
    ]
    assert (lines[1]["question"], lines[3]["error"]) == ("Which base colour does the article have?", "empty")
    assert [line["prompt"] for line in table] == [line["prompt"] or "" for line in lines]
    scores = [line["completeness"] for line in lines]
    assert (scores[0], scores[3]) == (record["completeness"]["score"], None)
    assert 0 < scores[1] < scores[0] < 1, scores
    assert (lines[1]["best_asked"], "colours" in lines[1]["open"]) == (lines[1]["question"], True)
    assert {line["picture_url"] for line in lines} == {None}


async def test_the_quote_counts_each_article_once_with_its_colourways_and_candidates(service: Service) -> None:
    async with client_of(service) as client:
        quote = (await post(client, {"candidates": 2, "policy": "colourways=3"}))["quote"]
        assert (quote["rows"], quote["articles"], quote["pictures"]) == (5, 3, 2 * (1 + 3 + 1))
        assert (quote["seconds"], quote["cost_eur"]) == (None, pytest.approx(10 * 0.002))
        assert "no article was drawn here yet" in quote["basis"][0]
        assert "assumption" in quote["basis"][1]


async def test_the_quote_goes_by_what_was_drawn_and_by_the_price_that_was_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITRINE_EUR_PER_PICTURE", "0.5")
    slow = Bench(renderer={"delay_s": 0.8})
    async with serving(tmp_path, slow.steps(), slow.fleet()) as service, client_of(service) as client:
        four = {"candidates": 4, "cascade": False, "budget": {"pictures": 4}}
        drawn = (await client.post("/v1/articles", json=SHIRT | {"options": four})).json()
        quote = (await post(client, {"candidates": 2}))["quote"]
        (listed,) = (await client.get("/v1/batches")).json()["data"]
    assert listed["quote"] == quote
    # What is stored cannot know yet how long that took.
    took = sum(seconds for stage, seconds in drawn["timings"].items() if stage != "store")
    assert took > 0.8
    assert quote["seconds"] == pytest.approx(4 * took / 4, rel=0.1)
    assert quote["cost_eur"] == 4 * 0.5
    assert quote["basis"][0] == f"seconds: {took / 4:.2g} s a picture, as articles were drawn here lately"
    assert "VITRINE_EUR_PER_PICTURE says" in quote["basis"][1]


async def test_a_dry_run_is_none_of_an_articles_results_and_answers_no_real_order(
    service: Service, bench: Bench
) -> None:
    article = Listing("Herren-Hemd", "Freizeithemd aus Baumwolle", "", "rot kariert")
    async with client_of(service) as client:
        await post(client, {"candidates": 1}, HEADER + RED)
        problem(await client.get(f"/v1/articles/{article.article_id}"), 404, "not_found")
        order = dict(article.columns()) | {"options": {"candidates": 1}}
        assert (await client.post("/v1/articles", json=order)).json()["status"] == "succeeded"
        assert len(bench.rendered) == 1
        await post(client, {"candidates": 1}, HEADER + RED)
        assert (await client.get(f"/v1/articles/{article.article_id}")).json()["status"] == "succeeded"
    assert len(bench.rendered) == 1


async def test_a_key_of_a_dry_run_does_not_open_the_real_one(service: Service) -> None:
    key = {"Idempotency-Key": "monday"}
    async with client_of(service) as client:
        done = await post(client, {}, headers=key)
        files = {"file": ("feed.csv", FEED)}
        problem(await client.post("/v1/batches", files=files, headers=key), 422, "idempotency_key_reused")
        real = (await client.post("/v1/batches", files=files)).json()
    assert (real["dry_run"], real["quote"], real["id"] == done["id"]) == (False, None, False)

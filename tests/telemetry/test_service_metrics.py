"""What a running service writes of metrics, and what it tells of itself from them."""

import asyncio
from pathlib import Path

import pytest
from asking import client_of
from bench import SHIRT, Bench
from in_process import serving
from telemetry_written import written

from models.telemetry.metrics import (
    BUDGETS_EXHAUSTED,
    COST,
    DISK_FREE,
    HTTP_REQUESTS,
    HTTP_SECONDS,
    JOB_SECONDS,
    JOB_WAIT,
    JOBS_ENDED,
    PICTURES_APPROVED,
    PICTURES_DRAWN,
    QUEUE_AGE,
    QUEUE_JOBS,
    SCORES,
    STAGE_FAULTS,
    STAGE_SECONDS,
    VERDICTS,
)
from serve_app.access.keys import Keys
from serve_app.conductor.gauges import tell
from serve_app.jobs.job import Order

ARTICLE = SHIRT | {"options": {"candidates": 1}}


async def test_an_article_is_counted_once_in_every_respect(tmp_path: Path) -> None:
    bench = Bench()
    with written() as told:
        async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service) as client:
            record = (await client.post("/v1/articles", json=ARTICLE)).json()
            again = (await client.post("/v1/articles", json=ARTICLE)).json()
    assert again["sha256"] == record["sha256"]
    assert told.of(JOBS_ENDED) == [(1.0, {"kind": "article", "lane": "interactive", "state": "succeeded"})] * 2
    assert len(told.of(JOB_SECONDS)) == len(told.of(JOB_WAIT)) == 2
    drawn = {(tags["check"], tags["state"]) for _, tags in told.of(VERDICTS)}
    assert drawn == {(check, finding["state"]) for check, finding in record["verdict"].items()}
    assert len(told.of(VERDICTS)) == len(drawn), "the second answer came from the store and was judged once"
    assert [value for value, _ in told.of(SCORES)] == [record["score_10"]]
    assert sum(value for value, _ in told.of(PICTURES_DRAWN)) == record["cost"]["pictures"] == 1
    assert [value for value, _ in told.of(COST)] == [0.002]
    failed = [finding for finding in record["verdict"].values() if finding["state"] == "fail"]
    assert len(told.of(PICTURES_APPROVED)) == (0 if failed else 1)
    assert len(told.of(BUDGETS_EXHAUSTED)) == (1 if failed else 0)
    stages = {tags["stage"] for _, tags in told.of(STAGE_SECONDS)}
    assert {"translate", "render", "score", "segment"} <= stages


async def test_a_stage_without_a_result_is_counted_with_its_code(tmp_path: Path) -> None:
    bench = Bench(translator={"refuse": "Zirkon"})
    with written() as told:
        async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service) as client:
            broken = SHIRT | {"description": "Freizeithemd Zirkon aus Baumwolle, langarm"}
            assert (await client.post("/v1/articles", json=broken)).status_code == 500
    assert told.of(STAGE_FAULTS) == [(1.0, {"stage": "translate", "code": "double_refused"})]
    assert told.of(JOBS_ENDED)[0][1]["state"] == "failed"


async def test_requests_are_counted_by_route_and_never_by_what_clients_write(tmp_path: Path) -> None:
    bench = Bench()
    with written() as told:
        async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service) as client:
            await client.get("/v1/jobs/job_" + "0" * 26)
            await client.get("/v1/jobs/job_" + "1" * 26)
            for number in range(3):
                await client.get(f"/wp-admin/{number}")
            await client.request("BREW", "/healthz")
    tags = [found for _, found in told.of(HTTP_REQUESTS)]
    assert tags[:2] == [{"method": "GET", "route": "/v1/jobs/{job_id}", "status": "404"}] * 2
    assert tags[2:5] == [{"method": "GET", "route": "other", "status": "404"}] * 3
    assert tags[5]["method"] == "other"
    assert len(told.of(HTTP_SECONDS)) == 6


async def test_gauges_tell_what_waits_and_for_how_long(tmp_path: Path) -> None:
    bench = Bench()
    async with serving(tmp_path, bench.steps(), bench.fleet(), slots=0) as service:
        await service.queue.submit([Order("shop", "article", {}) for _ in range(3)])
        await asyncio.sleep(0.3)
        with written() as told:
            await tell(service.queue, tmp_path)
    assert {tags["lane"]: value for value, tags in told.of(QUEUE_JOBS)} == {"interactive": 3, "catalogue": 0}
    ages = {tags["lane"]: value for value, tags in told.of(QUEUE_AGE)}
    assert 0.25 < ages["interactive"] < 60
    assert ages["catalogue"] == 0.0
    assert told.of(DISK_FREE)[0][0] > 0


async def test_operations_tell_of_the_last_minute_to_admins_only(tmp_path: Path) -> None:
    bench = Bench()
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service:
        async with client_of(service) as client:
            record = (await client.post("/v1/articles", json=ARTICLE)).json()
            found = (await client.get("/v1/operations")).json()
        keys = Keys(service.store.database)
        _, reader = await keys.create("shop", "reads", ["jobs:read", "jobs:write", "webhooks"])
        _, admin = await keys.create("shop", "runs it", ["admin"])
        async with client_of(service) as client:
            statuses = [
                (await client.get("/v1/operations", headers={"Authorization": f"Bearer {secret}"})).status_code
                for secret in (reader, admin)
            ]
    assert statuses == [403, 200]
    assert found["ended"] == {"succeeded": 1}
    assert found["lanes"]["interactive"]["waiting"] == 0
    assert found["lanes"]["interactive"]["ended"] == 1
    assert found["stages"]["render"]["calls"] == 1
    assert 0 < found["stages"]["render"]["p50_s"] <= found["stages"]["render"]["p95_s"] < 300
    assert found["pictures"]["drawn"] == 1
    assert found["pictures"]["mean_score"] == pytest.approx(record["score_10"], abs=0.01)
    assert found["replicas"] == {"conductor": {"running": 1, "target": 1}}
    assert found["verdicts"].keys() == record["verdict"].keys()

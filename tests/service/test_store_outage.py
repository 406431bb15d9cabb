"""A place for pictures that is away, and a disk that is full: who asks hears it, and what was accepted waits."""

import asyncio
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import HEADER, client_of, ended, post, problem
from bench import SHIRT, Bench
from in_process import serving

from loadtests.nodes.stores import Bucket, empty, fill, may_mount, small_disk
from serve_app.api.service import Service
from serve_app.conductor.patience import PatientObjects
from serve_app.jobs import objects
from serve_app.jobs.objects import ObjectKeyError, Objects, ObjectsError

NO_ROOM = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    made = Bucket()
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(objects, "AGAIN_S", 0.2)
    yield made
    made.stop()


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A data folder on a small disk of its own."""
    if not may_mount():
        pytest.skip("this process may not mount a disk in memory")
    with small_disk(tmp_path / "small"):
        yield tmp_path / "small"


async def asked(client: httpx.AsyncClient, seed: int) -> httpx.Response:
    return await client.post("/v1/jobs", json={"kind": "article", "input": SHIRT, "options": {"seed": seed}})


def sent_away(response: httpx.Response, who: str) -> None:
    assert who in problem(response, 503, "not_ready")["detail"]
    assert int(response.headers["Retry-After"]) > 0


async def test_an_outage_of_the_bucket_costs_a_job_no_attempt_and_no_second_drawing(
    bucket: Bucket, bench: Bench, tmp_path: Path
) -> None:
    place = bucket.environment["VITRINE_OBJECTS"]
    async with serving(tmp_path, bench.steps(), bench.fleet(), objects=place) as service, client_of(service) as client:
        before = await ended(client, (await asked(client, 1)).json()["id"], looks=400)
        drawn = len(bench.rendered)
        bucket.stop()
        job = (await asked(client, 2)).json()["id"]
        sent_away(await client.get(before["result"]["records"][0]["picture_url"]), "object store")
        sent_away(await post(client, HEADER + b"Herren-Hemd,Freizeithemd,,rot kariert\n"), "object store")
        await asyncio.sleep(2.0)
        assert (await client.get(f"/v1/jobs/{job}")).json()["state"] == "running"
        bucket.listen()
        after = await ended(client, job, looks=400)
        assert (after["state"], after["attempts"]) == ("succeeded", 1)
        assert len(bench.rendered) == 2 * drawn


async def test_a_full_disk_loses_nothing_and_says_when_to_come_back(full: Path) -> None:
    bench = Bench(renderer={"delay_s": 1.0})
    async with serving(full, bench.steps(), bench.fleet()) as service, client_of(service) as client:
        job = (await asked(client, 1)).json()["id"]
        await asyncio.sleep(0.3)
        fill(full)
        await asyncio.sleep(3.0)
        sent_away(await asked(client, 2), "database")
        assert (await client.get(f"/v1/jobs/{job}")).json()["state"] == "running"
        empty(full)
        again = (await asked(client, 2)).json()["id"]
        assert [(await ended(client, each, looks=400))["state"] for each in (job, again)] == ["succeeded"] * 2


@pytest.mark.parametrize(("fault", "status", "code"), [(NO_ROOM, 503, "not_ready"), (OSError("odd"), 500, "internal")])
async def test_a_disk_without_room_is_no_fault_of_the_request_and_every_other_fault_of_the_system_is_ours(
    service: Service, monkeypatch: pytest.MonkeyPatch, fault: OSError, status: int, code: str
) -> None:
    async def fails(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(service.store, "picture", fails)
    async with client_of(service) as client:
        answer = await client.get(f"/v1/pictures/{'0' * 64}.png")
    problem(answer, status, code)
    assert ("Retry-After" in answer.headers) == (status == 503)


async def test_a_disk_that_finds_no_room_when_it_settles_is_an_outage_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Path) -> None:
        raise NO_ROOM

    monkeypatch.setattr(objects, "sync", fails)
    with pytest.raises(ObjectsError, match="No space left"):
        await Objects.open(tmp_path).put("a", "job_1", b"picture", "png")


async def test_patience_ends_where_waiting_helps_nobody(tmp_path: Path) -> None:
    patient = PatientObjects.over(Objects.open(tmp_path))
    with pytest.raises(ObjectKeyError, match="no key"):
        await patient.put("A tenant", "job_1", b"picture", "png")
    assert await patient.get(f"a/job_1/{'0' * 64}.png") is None

"""Objects in a bucket behind a server that speaks S3: written once, read in parts, a whole batch with its result."""

import asyncio
import io
import json
import logging
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import obstore
import pytest
from asking import HEADER, client_of, finished, post
from bench import Bench
from in_process import serving
from moto.server import ThreadedMotoServer
from obstore.exceptions import AlreadyExistsError

from serve_app.jobs.objects import ObjectGoneError, Objects, ObjectsError

MISSING = f"a/job_1/{'0' * 64}.png"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line per request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket, with the environment that leads there."""
    for name, value in {
        "AWS_ENDPOINT_URL": server, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    httpx.post(f"{server}/moto-api/reset").raise_for_status()
    httpx.put(f"{server}/pictures").raise_for_status()
    return "s3://pictures/vitrine"


async def test_an_object_is_written_once_and_read_whole_and_in_parts(bucket: str) -> None:
    objects, content = Objects.open(bucket), os.urandom(20 << 20)
    key, digest = await objects.put("a", "batch_1", content, "part")
    assert (key, digest) == await objects.put("a", "batch_1", content, "part")
    assert await objects.get(key) == content
    parts = [part async for part in objects.stream(key)]
    assert b"".join(parts) == content
    assert len(parts) > 1


async def test_of_thirty_writers_of_one_key_one_writes(bucket: str) -> None:
    store = Objects.open(bucket)._store

    async def write(number: int) -> bool:
        try:
            await obstore.put_async(store, MISSING, str(number).encode(), mode="create")
        except AlreadyExistsError:
            return False
        return True

    wrote = await asyncio.gather(*(write(number) for number in range(30)))
    assert wrote.count(True) == 1
    assert await Objects.open(bucket).get(MISSING) == str(wrote.index(True)).encode()


async def test_what_is_not_there_is_told_apart_from_a_store_that_does_not_answer(bucket: str) -> None:
    objects = Objects.open(bucket)
    assert await objects.get(MISSING) is None
    with pytest.raises(ObjectGoneError, match="no object"):
        await anext(objects.stream(MISSING))
    key, _ = await objects.put("a", "job_1", b"picture", "png")
    await objects.delete([key, MISSING])
    assert await objects.get(key) is None
    with pytest.raises(ObjectsError, match="cannot store"):
        await Objects.open("s3://nobody/vitrine").put("a", "job_1", b"picture", "png")


async def test_a_whole_batch_lives_in_the_bucket_with_its_result(bucket: str, bench: Bench, tmp_path: Path) -> None:
    rows = b"".join(b"Herren-Hemd %d,Freizeithemd,,rot kariert\n" % number for number in range(4))
    async with serving(tmp_path, bench.steps(), bench.fleet(), objects=bucket) as service, client_of(service) as client:
        done = await finished(client, (await post(client, HEADER + rows)).json()["id"])
        assert done["counts"] == {"succeeded": 4}
        result = await client.get(f"/v1/batches/{done['id']}/result?format=zip")
        with zipfile.ZipFile(io.BytesIO(result.content)) as packed:
            records = [json.loads(line) for line in packed.read("records.jsonl").splitlines()]
            pictures = {name: packed.read(name) for name in packed.namelist()[1:]}
        drawn = {f"pictures/{record['records'][0]['sha256']}.png" for record in records}
        assert pictures.keys() == drawn
        for name, content in pictures.items():
            assert content == (await client.get(f"/v1/{name}")).content
    kept = {found["path"] for page in obstore.list(Objects.open(bucket)._store) for found in page}
    assert {path.rpartition("/")[2].partition(".")[2] for path in kept} == {"png", "part"}
    assert not (tmp_path / "objects").exists()

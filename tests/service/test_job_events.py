"""What the events of a job carry: their own data, and the job's document with the one that ended it."""

import json
from pathlib import Path

from asking import client_of
from bench import SHIRT, Bench
from in_process import serving


async def test_the_document_of_a_job_comes_with_its_end_only(tmp_path: Path) -> None:
    bench = Bench(renderer={"delay_s": 0.8})
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service) as client:
        job = (await client.post("/v1/jobs", json={"input": SHIRT, "options": {"candidates": 1}})).json()["id"]
        answer = await client.get(f"/v1/jobs/{job}/events")  # followed from the start, so the job runs meanwhile
    blocks = [block.splitlines() for block in answer.text.replace("\r\n", "\n").split("\n\n")]
    events = [dict(line.split(": ", 1) for line in block if line[:1] not in ("", ":")) for block in blocks]
    with_document = [event["event"] for event in events if "lane" in json.loads(event.get("data", "{}"))]
    assert "running" in {event.get("event") for event in events}
    assert with_document == ["succeeded"]

"""Whether a tenant that sends single requests is held up by another one that has sent a catalogue.

`python -m loadtests.fairness`. One tenant posts a sheet of 10,000 rows; while it is worked off, the other one sends one
request after the other. Compared is what the same requests took before, alone: `wait` from acceptance to the moment at
which a conductor begins, `total` to the end. Ingress, store and conductor are the real ones on a real Ray; the models
sleep their cost table: *simulated models*.
"""

import argparse
import asyncio
import datetime as dt
import itertools
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import httpx

from loadtests.api_load import CONFIG, SHIRT
from loadtests.feed import write
from loadtests.place import place
from serve_app import embedded
from serve_app.access.keys import Keys
from serve_app.jobs.database import Database, sqlite_url

IN_WORK = 200  # rows of the catalogue that are done before the single requests begin
SEEDS = itertools.count(1)


async def keys(home: Path) -> tuple[str, str]:
    database = Database.open(sqlite_url(home))
    made = [await Keys(database).create(tenant, "load", ["jobs:read", "jobs:write"]) for tenant in ("large", "small")]
    await database.close()
    return made[0][1], made[1][1]


async def singles(small: httpx.AsyncClient, count: int) -> list[dict[str, float]]:
    """Seconds of wait and in total of requests that follow each other."""
    seen = []
    for _ in range(count):
        order = {"input": SHIRT, "options": {"seed": next(SEEDS), "candidates": 1}}
        answer = await small.post("/v1/jobs", json=order, headers={"Prefer": "wait=60"})
        job = answer.raise_for_status().json()
        assert job["state"] == "succeeded", job
        created, started, finished = (
            dt.datetime.fromisoformat(job[name]) for name in ("created_at", "started_at", "finished_at")
        )
        seen.append({"wait": (started - created).total_seconds(), "total": (finished - created).total_seconds()})
    return seen


async def busy(large: httpx.AsyncClient, rows: int) -> str:
    """Posts the catalogue and returns its batch when it is well under way."""
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "catalogue.csv"
        write(sheet, rows)
        options = json.dumps({"policy": "neutral", "candidates": 1})
        files = {"file": ("catalogue.csv", sheet.read_bytes())}
        answer = await large.post("/v1/batches", files=files, data={"options": options})
    batch: str = answer.raise_for_status().json()["id"]
    while (await state(large, batch))["done"] < IN_WORK:
        await asyncio.sleep(1.0)
    return batch


async def state(large: httpx.AsyncClient, batch: str) -> dict[str, int]:
    found = (await large.get(f"/v1/batches/{batch}")).raise_for_status().json()
    queued = found["counts"].get("queued", 0)
    return {"queued": queued, "taken": found["taken"], "done": found["taken"] - queued}


def p95(seen: list[dict[str, float]], name: str) -> float:
    return statistics.quantiles((each[name] for each in seen), n=20, method="inclusive")[-1] * 1000


async def run(url: str, secrets: tuple[str, str], args: argparse.Namespace) -> dict[str, Any]:
    headers = [{"Authorization": f"Bearer {secret}"} for secret in secrets]
    async with (
        httpx.AsyncClient(base_url=url, headers=headers[0], timeout=120, trust_env=False) as large,
        httpx.AsyncClient(base_url=url, headers=headers[1], timeout=120, trust_env=False) as small,
    ):
        await singles(small, 5)  # warm
        alone = await singles(small, args.requests)
        batch = await busy(large, args.rows)
        before = await state(large, batch)
        beside = await singles(small, args.requests)
        after = await state(large, batch)
        assert after["queued"], f"the catalogue was over too early: {after}; give more --rows"
        await large.post(f"/v1/batches/{batch}/cancel")
    result: dict[str, Any] = {"catalogue_before": before, "catalogue_after": after}
    for name in ("wait", "total"):
        result[f"{name}_alone_p95_ms"] = round(p95(alone, name), 1)
        result[f"{name}_beside_p95_ms"] = round(p95(beside, name), 1)
        result[f"{name}_ratio"] = round(p95(beside, name) / p95(alone, name), 2)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=60)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as home:
        secrets = asyncio.run(keys(Path(home)))
        with embedded.running(CONFIG, port=0, home=Path(home)) as url:
            result = asyncio.run(run(url, secrets, args))
    for name, value in result.items():
        print(f"{name:<24}{value!s:>60}")
    print(json.dumps(result | {"models": "simulated"} | vars(args) | place()))


if __name__ == "__main__":
    main()

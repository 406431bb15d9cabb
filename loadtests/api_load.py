"""What the API bears on this machine: latencies under planned load, and what happens at three times its capacity.

`python -m loadtests.api_load`. Ingress, store and conductor are the real ones, on a real Ray with full fsync; the
models sleep their cost table (cost_table.yaml), so the figures are of the service around them: *simulated models*.
Arrivals are open-loop (Poisson), a latency counts from the moment at which its request was due.
"""

import argparse
import asyncio
import itertools
import json
import math
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from loadtests.place import place
from serve_app import embedded
from serve_app.access.keys import Keys
from serve_app.jobs.database import Database, sqlite_url

CONFIG = Path(__file__).parent / "cost_table.yaml"
# The lexicon does not know the brand, so the extractor is asked.
SHIRT = {
    "name": "Herren-Hemd", "description": "Freizeithemd von Velano aus Baumwolle, langarm", "model_descr": "rot kariert"
}  # fmt: skip
TENANTS = 24  # keys among which the load is spread: one key may send 50 requests a second
GETS_PER_POST = 5
POST_MS, GET_MS, REFUSAL_MS = 200.0, 100.0, 50.0  # the limits that are to hold, at the 99th percentile
SEEDS = itertools.count()


@dataclass
class Seen:
    """Latencies in ms by kind of request, answers by status, and the ids of the jobs that were accepted."""

    ms: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    jobs: list[tuple[str, str]] = field(default_factory=list)  # (key, job)
    without_retry_after: int = 0

    def p99(self, kind: str) -> float:
        found = sorted(self.ms.get(kind, []))
        return found[math.ceil(0.99 * len(found)) - 1] if found else 0.0

    def p50(self, kind: str) -> float:
        found = sorted(self.ms.get(kind, []))
        return found[len(found) // 2] if found else 0.0


class Load:
    """Requests of many tenants against one service."""

    def __init__(self, http: httpx.AsyncClient, keys: list[str]) -> None:
        self._http, self._keys = http, keys

    async def post(self, seen: Seen, due: float, wait_s: int = 0) -> None:
        key = random.choice(self._keys)
        order = {"input": SHIRT, "options": {"seed": next(SEEDS), "candidates": 1}}
        headers = _bearer(key) | ({"Prefer": f"wait={wait_s}"} if wait_s else {})
        answer = await self._http.post("/v1/jobs", json=order, headers=headers)
        kind = "post" if answer.is_success else "refused"
        self._note(seen, kind, answer, due)
        if answer.is_success:
            seen.jobs.append((key, answer.json()["id"]))
        elif "retry-after" not in answer.headers:
            seen.without_retry_after += 1

    async def get(self, seen: Seen, due: float) -> None:
        if not seen.jobs:
            return
        key, job = random.choice(seen.jobs[-200:])
        path = random.choice([f"/v1/jobs/{job}"] * 4 + ["/v1/jobs?limit=20"])
        self._note(seen, "get", await self._http.get(path, headers=_bearer(key)), due)

    async def ended(self, key: str, job: str, within_s: float) -> str:
        until = time.monotonic() + within_s
        while True:
            found = (await self._http.get(f"/v1/jobs/{job}", headers=_bearer(key))).json()
            if found.get("finished_at") or time.monotonic() > until:
                return str(found.get("state"))
            await asyncio.sleep(0.5)

    @staticmethod
    def _note(seen: Seen, kind: str, answer: httpx.Response, due: float) -> None:
        seen.ms.setdefault(kind, []).append((time.perf_counter() - due) * 1000)
        seen.statuses[f"{kind} {answer.status_code}"] += 1


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def arrivals(per_s: float, seconds: float, act: Callable[[float], Coroutine[Any, Any, None]]) -> None:
    """Calls `act(due)` at Poisson times, without waiting for it; returns when all are answered."""
    tasks, due, until = set[asyncio.Task[None]](), time.perf_counter(), time.perf_counter() + seconds
    while (due := due + random.expovariate(per_s)) < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.add(asyncio.create_task(act(due)))
    await asyncio.gather(*tasks)


async def planned(load: Load, rate: float, seconds: float) -> Seen:
    """`rate` POSTs and five times as many GETs a second."""
    seen = Seen()
    await asyncio.gather(
        arrivals(rate, seconds, lambda due: load.post(seen, due)),
        arrivals(GETS_PER_POST * rate, seconds, lambda due: load.get(seen, due)),
    )
    for key, job in seen.jobs:
        assert await load.ended(key, job, 60) == "succeeded", job
    return seen


async def capacity(load: Load, seconds: float, at_once: int = 48) -> float:
    """Jobs that end per second while `at_once` clients each wait for theirs."""
    until, done = time.perf_counter() + seconds, 0

    async def client() -> None:
        nonlocal done
        seen = Seen()
        while time.perf_counter() < until:
            await load.post(seen, time.perf_counter(), wait_s=60)
        done += seen.statuses["post 200"] - 1  # those that ended; the last one did so after the time

    await asyncio.gather(*(client() for _ in range(at_once)))
    return done / seconds


async def overload(load: Load, peak: float, seconds: float) -> dict[str, Any]:
    """Three times the peak; what was accepted, refused and ended."""
    seen, began = Seen(), time.perf_counter()
    await arrivals(3 * peak, seconds, lambda due: load.post(seen, due))
    offered_s = time.perf_counter() - began
    # In order, so that looking is no load of its own: when the last one is asked for, the others are over.
    states = Counter([await load.ended(key, job, 300) for key, job in seen.jobs])
    drained_s = time.perf_counter() - began
    return {
        "offered_per_s": round(3 * peak, 1), "accepted": len(seen.jobs), "refused": len(seen.ms.get("refused", [])),
        "ended": dict(states), "goodput_of_peak": round(states["succeeded"] / drained_s / peak, 2),
        "refused_p50_ms": round(seen.p50("refused"), 1), "refused_p99_ms": round(seen.p99("refused"), 1),
        "refused_without_retry_after": seen.without_retry_after, "offered_s": round(offered_s, 1),
        "statuses": dict(seen.statuses),
    }  # fmt: skip


async def prepared(home: Path) -> list[str]:
    """A key for each of the tenants."""
    database = Database.open(sqlite_url(home))
    secrets = []
    for number in range(TENANTS):
        _, secret = await Keys(database).create(f"shop{number}", "load", ["jobs:read", "jobs:write"])
        secrets.append(secret)
    await database.close()
    return secrets


async def run(url: str, keys: list[str], args: argparse.Namespace) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, trust_env=False) as http:
        load = Load(http, keys)
        await planned(load, 4.0, 5.0)  # warm
        rates, best = [], 0.0
        for rate in args.rates:
            seen = await planned(load, rate, args.seconds)
            quick = seen.p99("post") <= POST_MS and seen.p99("get") <= GET_MS
            holds = quick and set(seen.statuses) == {"post 202", "get 200"}
            found = {"post_per_s": rate, "get_per_s": GETS_PER_POST * rate, "holds": holds}
            found |= {f"{kind}_p99_ms": round(seen.p99(kind), 1) for kind in ("post", "get")}
            found |= {f"{kind}_p50_ms": round(seen.p50(kind), 1) for kind in ("post", "get")}
            rates.append(found | {"statuses": dict(seen.statuses)})
            print(f"{rate:>5} POST/s {found}", flush=True)
            if not holds:
                break
            best = rate
        peak = await capacity(load, args.seconds)
        print(f"peak {peak:.1f} jobs/s", flush=True)
        return {"best_post_per_s": best, "rates": rates, "peak_per_s": round(peak, 1)} | {
            "overload": await overload(load, peak, 2 * args.seconds)
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=[5, 10, 15, 20, 25, 30])
    parser.add_argument("--seconds", type=float, default=20.0, help="of each rate")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as home:
        keys = asyncio.run(prepared(Path(home)))
        with embedded.running(CONFIG, port=0, home=Path(home)) as url:
            result = asyncio.run(run(url, keys, args))
    print(json.dumps(result["overload"], indent=1))
    print(json.dumps(result | {"models": "simulated"} | place()))


if __name__ == "__main__":
    main()

"""A step in load from one client to eight on one deployment: who grows, how soon, and what is lost on the way down.

Clients ask for one picture, wait for it, look at it for as long as it takes one replica to draw one, and ask again.
"""

import asyncio
import itertools
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from loadtests.scaling.watching import Watching
from serve_app import embedded

CONFIG = Path(__file__).parent / "cost_table.yaml"
BEFORE_S, AFTER_S = 15.0, 20.0  # one client alone; eight of them
DOWN_S = 60.0  # in which the replicas have to be gone again
LOOKS_S = 1.0
CLIENTS = 8
GROWS = "renderer"
SEEDS = itertools.count()


@dataclass
class Asked:
    """Answers by status, and seconds of those that came."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


async def client(http: httpx.AsyncClient, asked: Asked, over: asyncio.Event, looks_s: float = LOOKS_S) -> None:
    """Asks for one picture after the other, each of its own."""
    while not over.is_set():
        began = time.monotonic()
        order = {"prompt": f"a red shirt, number {next(SEEDS)}", "size": "256x256", "seed": next(SEEDS)}
        try:
            answer = await http.post("/v1/images/generations", json=order)
            asked.statuses[str(answer.status_code)] += 1
        except httpx.HTTPError as error:
            asked.statuses[type(error).__name__] += 1
        asked.seconds.append(time.monotonic() - began)
        await asyncio.sleep(looks_s)


async def step(url: str, watching: Watching) -> dict[str, Any]:
    """One client, then eight, then one until the replicas are gone."""
    asked, first, others = Asked(), asyncio.Event(), asyncio.Event()
    async with httpx.AsyncClient(base_url=url, timeout=120, trust_env=False) as http, asyncio.TaskGroup() as group:
        group.create_task(client(http, asked, first))
        await asyncio.sleep(BEFORE_S)
        before = watching.now(GROWS)
        stepped = time.monotonic()
        for _ in range(CLIENTS - 1):
            group.create_task(client(http, asked, others))
        await asyncio.sleep(AFTER_S)
        others.set()
        left = time.monotonic()
        while watching.now(GROWS) > before and time.monotonic() < left + DOWN_S:
            await asyncio.sleep(0.2)
        down_s = time.monotonic() - left
        await asyncio.sleep(2 * LOOKS_S)
        first.set()
    asked_s, second_s = watching.first(GROWS, before + 1, stepped)
    return {
        "replicas_before": before,
        "second_asked_for_s": asked_s and round(asked_s, 2),
        "second_replica_s": second_s and round(second_s, 2),
        "most_replicas": watching.most(stepped),
        "back_after_s": round(down_s, 1),
        "requests": sum(asked.statuses.values()),
        "failed": sum(count for status, count in asked.statuses.items() if status != "200"),
        "statuses": dict(asked.statuses),
        "slowest_s": round(max(asked.seconds), 2),
    }


def measured() -> dict[str, Any]:
    """On a service of its own."""
    with (
        tempfile.TemporaryDirectory() as home,
        embedded.running(CONFIG, port=0, home=Path(home)) as url,
        Watching() as watching,
    ):
        return asyncio.run(step(url, watching))

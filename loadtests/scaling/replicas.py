"""Throughput of N renderers that sleep what a picture costs, ingress and conductors scaled alongside.

One picture costs so much that the machine's two cores bear 32 replicas: what is measured is whether the arrangement
keeps every replica busy, and which of its parts takes the cores. The capacity twin says beforehand what it expects.
"""

import asyncio
import copy
import math
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml

from loadtests.scaling.step import CONFIG, Asked, client
from loadtests.scaling.watching import Watching
from models.doubles.vision import Draughtsman
from serve_app import embedded
from serve_app.capacity import configuration
from serve_app.capacity.costs import waited
from serve_app.capacity.twin import saturation

SIZES = (1, 2, 4, 8, 16, 32)
BATCH_S = 30.0  # of a renderer, for as many pictures as one step takes: four pictures a second from 32 of them
IN_HAND = 2 * Draughtsman.together  # pictures per renderer: one batch at work, the next in line
PER_CONDUCTOR = 32  # pictures in hand, half of its places
PER_INGRESS = 64  # clients that wait
WINDOW_S = 3 * BATCH_S
READY_S = 400.0
FORETOLD_S = 10 * BATCH_S  # of the twin's time, after as much in which its replicas fill
EVERYTHING = "vitrine"
EVERYBODY = httpx.Limits(max_connections=None)


def measured(sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """One service that grows from size to size; pictures per second of each, and what share of all it could draw."""
    with tempfile.TemporaryDirectory() as folder:
        home, config = Path(folder) / "home", Path(folder) / "replicas.yaml"
        config.write_text(yaml.safe_dump(sized(sizes[0])))
        with embedded.running(config, port=0, home=home) as url:
            found = [asyncio.run(_at(size, url, home)) for size in sizes]
    return {"batch_s": BATCH_S, "together": Draughtsman.together, "sizes": found}


def sized(renderers: int) -> dict[str, Any]:
    """The cost table's service with fixed numbers of replicas."""
    document: dict[str, Any] = yaml.safe_load(CONFIG.read_text())
    application = document["applications"][0]
    del application["autoscaling_policy"]
    counts = _counts(renderers)
    for deployment in application["deployments"]:
        deployment.pop("autoscaling_config", None)
        deployment["num_replicas"] = counts.get(deployment["name"], 1)
        if deployment["name"] == "renderer":
            deployment["user_config"] = {"kind": "double", "delay_s": BATCH_S}
    return document


def _counts(renderers: int) -> dict[str, int]:
    clients = renderers * IN_HAND
    conductors, ingresses = math.ceil(clients / PER_CONDUCTOR), math.ceil(clients / PER_INGRESS)
    return {"renderer": renderers, "conductor": conductors, "ingress": ingresses}


async def _at(renderers: int, url: str, home: Path) -> dict[str, Any]:
    counts = _counts(renderers)
    await asyncio.to_thread(_deploy, renderers, home)
    await _ready(counts)
    asked, over = Asked(), asyncio.Event()
    async with httpx.AsyncClient(base_url=url, timeout=600, trust_env=False, limits=EVERYBODY) as http:
        clients = [asyncio.create_task(client(http, asked, over, 0.0)) for _ in range(renderers * IN_HAND)]
        await asyncio.sleep(2 * BATCH_S)  # until every renderer has the next batch in line
        drawn, cores, began = asked.statuses["200"], _cores(), time.monotonic()
        await asyncio.sleep(WINDOW_S)
        drawn, seconds = asked.statuses["200"] - drawn, time.monotonic() - began
        used = {name: value - cores.get(name, 0.0) for name, value in _cores().items()}
        over.set()
        for one in clients:
            one.cancel()
        await asyncio.wait(clients)
    foretold = _foretold(renderers)
    return counts | {
        "pictures_per_s": round(drawn / seconds, 3),
        "foretold_per_s": round(foretold, 3),
        "foretold_error": round(foretold / (drawn / seconds) - 1, 3) if drawn else None,
        "of_ideal": round(drawn / seconds / (renderers * Draughtsman.together / BATCH_S), 3),
        "failed": sum(count for status, count in asked.statuses.items() if status != "200"),
        "core_ms_per_picture": {name: round(1000 * value / max(drawn, 1), 1) for name, value in _most(used).items()},
        "cores_busy": round(1 - used["idle"] / (seconds * (psutil.cpu_count() or 1)), 2),
    }


def _foretold(renderers: int) -> float:
    """Pictures per second that the capacity twin expects of the same config and clients."""
    document = sized(renderers)
    given = waited(document), configuration.of(document["applications"][0]), "article", renderers * IN_HAND
    filled, all_of_it = (seconds * saturation(*given, seconds) for seconds in (FORETOLD_S, 2 * FORETOLD_S))
    return (all_of_it - filled) / FORETOLD_S


async def _ready(counts: dict[str, int]) -> None:
    """Until so many replicas run; afterwards nobody looks, for looking takes a quarter of a core."""
    until = time.monotonic() + READY_S
    with Watching() as watching:
        while any(watching.now(name) != count for name, count in counts.items()):
            if time.monotonic() > until:
                raise SystemExit(f"there are {watching.seen[-1:]} instead of {counts} after {READY_S:g} s")
            await asyncio.sleep(0.5)


def _deploy(renderers: int, home: Path) -> None:
    """Numbers of replicas change in place, as long as nothing else does."""
    from ray.serve.context import _get_global_client
    from ray.serve.schema import ServeDeploySchema

    document = copy.deepcopy(sized(renderers))
    document["applications"][0]["args"] = {"home": str(home.absolute())}
    _get_global_client().deploy_apps(ServeDeploySchema.model_validate(document))


def _cores() -> dict[str, float]:
    """Core seconds so far of this service's processes by what they are, and of the machine's idleness."""
    used = defaultdict[str, float](float, idle=psutil.cpu_times().idle, client=sum(psutil.Process().cpu_times()[:2]))
    for process in psutil.Process().children(recursive=True):
        try:
            title, times = " ".join(process.cmdline()[:1]) or process.name(), process.cpu_times()
        except psutil.Error:
            continue
        used[title.removeprefix(f"ray::ServeReplica:{EVERYTHING}:").split("/")[-1]] += times.user + times.system
    return used


def _most(used: dict[str, float]) -> dict[str, float]:
    """The six that took most of the cores, the first one first."""
    parts = {name: value for name, value in used.items() if name != "idle"}
    return dict(sorted(parts.items(), key=lambda part: -part[1])[:6])

"""Nodes that come and go: each stage grows on its own pool from nothing, the other unmoved, and back to nothing.

The real deployments of renderer and scorer over doubles, the real policy, Serve and autoscaler, pretended nodes.
"""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from ray import serve
from ray.serve import Application
from ray.serve.handle import DeploymentHandle

from deployments import renderer, scorer
from loadtests.scaling.fake_nodes import ENVIRONMENT, HEAD, cluster
from loadtests.scaling.watching import Watching
from models.domain import Picture, RenderOrder, ScoreOrder

CONFIG = Path(__file__).with_suffix(".yaml")
POOLS = {
    "large": {"resources": {"CPU": 2, "GPU": 1, "large": 1}, "max_workers": 3},
    "small": {"resources": {"CPU": 2, "GPU": 1, "small": 1}, "max_workers": 2},
}
CALLERS = 24  # three replicas with four pictures each and as many in line
WITHIN_S = 150.0  # a step of the scene, on a machine that does something else as well
SEEDS = itertools.count()


class Door:
    """What holds the application together; the scene calls the stages by their own handles."""

    def __init__(self, **stages: DeploymentHandle[Any]) -> None:
        self._stages = stages


def build(_: dict[str, Any]) -> Application:
    door = serve.deployment(name="door")(Door)
    return door.bind(renderer=renderer.deployment.bind(), scorer=scorer.deployment.bind())


def measured() -> dict[str, Any]:
    """The whole scene; seconds of each step."""
    with cluster(POOLS) as address:
        command = [sys.executable, "-m", "loadtests.scaling.nodes", address]
        played = subprocess.run(  # noqa: S603
            command, env=os.environ | ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=False
        )
    if played.returncode:
        raise SystemExit(f"the scene ended with {played.returncode}")
    said: dict[str, Any] = json.loads(played.stdout.splitlines()[-1])
    return said


def scene(address: str) -> dict[str, Any]:
    import ray
    from ray.serve.context import _get_global_client
    from ray.serve.schema import ServeDeploySchema

    ray.init(address=address, log_to_driver=False, logging_level="error")
    try:
        serve.start(proxy_location="Disabled")
        _get_global_client().deploy_apps(ServeDeploySchema.model_validate(yaml.safe_load(CONFIG.read_text())))
        with Watching("nodes") as watching:
            return asyncio.run(Scene(watching).played())
    finally:
        ray.shutdown()


class Scene:
    def __init__(self, watching: Watching) -> None:
        self._watching = watching
        self._answered = 0

    async def played(self) -> dict[str, Any]:
        await self._until(lambda: self._watching.now("door") == 1)
        said: dict[str, Any] = {"nodes_at_first": _nodes()}
        said["first_picture_s"] = await self._timed(self._draw())
        began, over = time.monotonic(), asyncio.Event()
        callers = [asyncio.create_task(self._calling(over)) for _ in range(CALLERS)]
        said["three_replicas_s"] = await self._until(lambda: self._watching.now("renderer") == 3)
        said["nodes_under_load"], said["scorers_under_load"] = _nodes(), self._watching.most(began).get("scorer", 0)
        over.set()
        await asyncio.gather(*callers)
        said["pictures"], left = self._answered, time.monotonic()
        said["no_replicas_s"] = await self._until(lambda: self._watching.now("renderer") == 0)
        said["no_nodes_s"] = await self._until(lambda: not _nodes(), left)
        began = time.monotonic()
        said["first_score_s"] = await self._timed(self._score())
        said["nodes_of_the_scorer"], said["renderers_meanwhile"] = _nodes(), self._watching.most(began)["renderer"]
        return said

    async def _calling(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self._draw()

    async def _draw(self) -> None:
        order = RenderOrder("a red shirt", seed=next(SEEDS), width=64, height=64)
        picture = await serve.get_deployment_handle("renderer", "nodes").render.remote(order)
        assert isinstance(picture, Picture), picture
        self._answered += 1

    async def _score(self) -> None:
        order = ScoreOrder(Picture(np.full((64, 64, 3), 200, np.uint8)), ("a red shirt",))
        (score,) = await serve.get_deployment_handle("scorer", "nodes").score.remote(order)
        assert score > 0, score

    async def _timed(self, work: Awaitable[None]) -> float:
        began = time.monotonic()
        await asyncio.wait_for(work, WITHIN_S)
        return round(time.monotonic() - began, 1)

    async def _until(self, holds: Callable[[], bool], since: float | None = None) -> float:
        began = since or time.monotonic()
        while not holds():
            if time.monotonic() - began > WITHIN_S:
                raise SystemExit(f"after {WITHIN_S:g} s there are {_nodes()} and {self._watching.seen[-1:]}")
            await asyncio.sleep(0.2)
        return round(time.monotonic() - began, 1)


def _nodes() -> dict[str, int]:
    """Pool -> nodes that are alive; the head belongs to none."""
    import ray

    alive = [node["Resources"] for node in ray.nodes() if node["Alive"] and node["NodeID"] != HEAD]
    count = {pool: sum(pool in resources for resources in alive) for pool in POOLS}
    return {pool: nodes for pool, nodes in count.items() if nodes}


if __name__ == "__main__":
    print(json.dumps(scene(sys.argv[1])))

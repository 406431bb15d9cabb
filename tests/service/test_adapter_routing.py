"""Calls with the same adapters go to the same of several renderers on a real Ray."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.domain import Picture, RenderOrder, WeightedAdapter
from serve_app import embedded

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]
CALLS = 12
HEARD_S = 3.0  # replicas tell the router once a second what they hold
DOUBLES = Path(__file__).parent / "doubles.yaml"


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The handle of two replicas."""
    config = yaml.safe_load(DOUBLES.read_text("utf-8"))
    deployments = config["applications"][0]["deployments"]
    (chosen,) = [one for one in deployments if one["name"] == "renderer"]
    chosen.pop("autoscaling_config", None)
    chosen |= {"num_replicas": 2, "user_config": {"kind": "double"}}
    folder = tmp_path_factory.mktemp("routing")
    (folder / "two.yaml").write_text(yaml.safe_dump(config), "utf-8")
    with embedded.running(folder / "two.yaml", port=0, home=folder / "home"):
        from ray import serve

        yield serve.get_deployment_handle("renderer", config["applications"][0]["name"])


def draw(renderer: Any, name: str, seed: int) -> None:
    order = RenderOrder("a navy shirt", seed, 64, 64, adapters=(WeightedAdapter(name),))
    drawn = renderer.options(multiplexed_model_id=name).render.remote(order).result(timeout_s=60)
    assert isinstance(drawn, Picture), drawn


def test_each_of_two_replicas_keeps_its_adapter(renderer: Any) -> None:
    for seed, name in enumerate("ab"):
        draw(renderer, name, seed)
        time.sleep(HEARD_S)
    for seed in range(CALLS):
        draw(renderer, "ab"[seed % 2], seed)
    work = renderer.broadcast("work").results()
    assert sum(one["pictures"] for one in work) == CALLS + 2, work
    # In turn on one replica each of them would be a swap; a busy machine routes one or the other elsewhere.
    assert sum(one["swaps"] for one in work) <= CALLS // 3, work

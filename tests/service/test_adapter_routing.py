"""Calls with the same adapters go to the same of several renderers on a real Ray."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.domain import Picture, RenderOrder, WeightedAdapter
from serve_app import embedded

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]
CALLS = 12
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


def test_each_of_two_replicas_keeps_its_adapter(renderer: Any) -> None:
    for number in range(CALLS):
        name = "ab"[number % 2]
        order = RenderOrder("a navy shirt", number, 64, 64, adapters=(WeightedAdapter(name),))
        drawn = renderer.options(multiplexed_model_id=name).render.remote(order).result(timeout_s=60)
        assert isinstance(drawn, Picture), drawn
    work = renderer.broadcast("work").results()
    assert sorted(one["pictures"] for one in work) == [CALLS // 2, CALLS // 2], work
    assert [one["swaps"] for one in work] == [1, 1], work

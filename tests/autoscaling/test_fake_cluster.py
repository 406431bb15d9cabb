"""Serve, the real policy and the real autoscaler over pretended nodes: each stage grows on its own pool."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]  # some 70 s on idle cores
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scene() -> dict[str, Any]:
    command = [sys.executable, "-m", "loadtests.scaling", "nodes"]
    played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stderr[-4000:]
    found: dict[str, Any] = json.loads(played.stdout.splitlines()[-1])["rounds"][0]
    return found


def test_a_first_call_brings_a_node_and_a_replica_from_nothing(scene: dict[str, Any]) -> None:
    assert scene["nodes_at_first"] == {}
    assert scene["first_picture_s"] > 0


def test_load_on_one_stage_grows_its_pool_and_leaves_the_other_at_nothing(scene: dict[str, Any]) -> None:
    assert scene["nodes_under_load"] == {"large": 3}
    assert scene["scorers_under_load"] == 0
    assert scene["pictures"] > 3


def test_without_load_replicas_go_and_then_their_nodes(scene: dict[str, Any]) -> None:
    assert scene["no_replicas_s"] < scene["no_nodes_s"]


def test_the_other_stage_comes_on_its_own_node_and_moves_nobody(scene: dict[str, Any]) -> None:
    assert scene["nodes_of_the_scorer"] == {"small": 1}
    assert scene["renderers_meanwhile"] == 0


def test_nothing_of_the_cluster_is_left(scene: dict[str, Any]) -> None:
    left = [process.pid for process in psutil.process_iter(["cmdline"]) if _pretended(process.info["cmdline"])]
    assert not left, f"{left} outlived the scene of {scene['first_picture_s']} s"


def _pretended(command: list[str] | None) -> bool:
    return any("vitrine-nodes-" in part for part in command or ())

"""A Ray cluster on this machine whose nodes are pretended and come and go by the real autoscaler (version 2).

A node is a raylet with resources that it says it has. Own port, own folder, own processes: no other Ray is touched, as
`ray.cluster_utils.AutoscalingCluster` would, which stops every one of the machine.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import yaml

from loadtests.processes import ROOT
from serve_app.ports import free_port

HEAD = "f" * 51 + "00000"  # the id that the provider gives the head
HEAD_CPUS = 4
IDLE_MINUTES = 0.1  # a node without work is given back after it
START_S, STOP_S = 120.0, 30.0
PROVIDER = "ray.autoscaler._private.fake_multi_node.node_provider.FakeMultiNodeProvider"
COMMANDS = (
    "initialization_commands", "setup_commands", "head_setup_commands", "worker_setup_commands",
    "head_start_ray_commands", "worker_start_ray_commands",
)  # fmt: skip
ENVIRONMENT = {
    "AUTOSCALER_UPDATE_INTERVAL_S": "1",
    "RAY_FAKE_CLUSTER": "1",
    "RAY_enable_autoscaler_v2": "1",
    "RAY_CLOUD_INSTANCE_ID": HEAD,
    "RAY_OVERRIDE_NODE_ID_FOR_TESTING": HEAD,
    "RAY_AUTH_MODE": "token",  # the head listens to the network
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",  # its 15 starves replicas on a busy machine
    "PYTHONPATH": str(ROOT),  # Serve imports the application in a worker
}


@contextlib.contextmanager
def cluster(pools: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The address of a head without GPU. `pools`: node type -> `resources` and `max_workers`; none of them runs yet.

    Who connects needs ENVIRONMENT, in a process of its own: Ray ends a process whose node is lost.
    """
    from ray.util import get_node_ip_address

    port, host = free_port(), get_node_ip_address()
    folder = Path(tempfile.mkdtemp(prefix="vitrine-nodes-", dir="/tmp"))  # Unix sockets allow 107 characters
    config = folder / "autoscaler.yaml"
    config.write_text(yaml.safe_dump(_config(pools, f"{host}:{port}")))
    command = [
        str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", f"--port={port}",
        f"--node-ip-address={host}", f"--autoscaling-config={config}", f"--temp-dir={folder}",
        f"--num-cpus={HEAD_CPUS}", "--num-gpus=0", "--include-dashboard=false", "--include-log-monitor=false",
        f"--ray-client-server-port={free_port()}",
        f"--object-store-memory={128 * 1024**2}",
    ]  # fmt: skip
    with (folder / "head.log").open("wb") as log:
        head = subprocess.Popen(  # noqa: S603
            command, env=os.environ | ENVIRONMENT, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait(head, folder / "head.log")
        yield f"{host}:{port}"
    finally:
        _stop(head, folder)


def _config(pools: dict[str, dict[str, Any]], address: str) -> dict[str, Any]:
    head = {"resources": {"CPU": HEAD_CPUS}, "node_config": {}, "min_workers": 0, "max_workers": 0}
    types = {name: {"node_config": {}, "min_workers": 0} | pool for name, pool in pools.items()}
    return {
        "cluster_name": "pretended",
        "max_workers": sum(pool["max_workers"] for pool in pools.values()),
        "idle_timeout_minutes": IDLE_MINUTES,
        "upscaling_speed": 1.0,
        "provider": {
            "type": "external",
            "module": PROVIDER,
            "use_node_id_as_ip": True,
            "disable_node_updaters": True,
            "disable_launch_config_check": True,
            "launch_multiple": True,
            "head_node_id": HEAD,
            "gcs_address": address,
        },
        "available_node_types": types | {"ray.head.default": head},
        "head_node_type": "ray.head.default",
        # Not read here, but looked for.
        **{kind: [] for kind in COMMANDS},
        "cluster_synced_files": [],
        "file_mounts": {},
        "auth": {},
        "docker": {},
    }


def _wait(head: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and head.poll() is None:
        if b"Ray runtime started" in log.read_bytes():
            return
        time.sleep(0.2)
    raise SystemExit(f"the cluster did not start:\n{log.read_text(errors='replace')[-4000:]}")


def _stop(head: "subprocess.Popen[bytes]", folder: Path) -> None:
    """What was started here and what that started, by their ids."""
    with contextlib.suppress(psutil.NoSuchProcess):
        ours = [psutil.Process(head.pid), *psutil.Process(head.pid).children(recursive=True)]
        ours += [found for found in psutil.process_iter() if found not in ours and _names(found, folder)]
        head.terminate()
        _, left = psutil.wait_procs(ours, STOP_S)
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
    head.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _names(process: psutil.Process, folder: Path) -> bool:
    """Whether a process was given our folder, which no other has."""
    try:
        return any(str(folder) in part for part in process.cmdline())
    except psutil.Error:
        return False

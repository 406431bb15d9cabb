"""A Ray cluster of several nodes on this machine, each a raylet with workers of its own that can be killed at once.

HAProxy on the head stands before the ingress replicas of all nodes, as `vitrine serve` and the manifests have it; on
one machine a replica takes the first port that no other node's has. A config with `proxy_location: EveryNode` has
Serve's own proxies, which share a port; HAProxies of several nodes on one machine have not been tried.
"""

import contextlib
import random
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loadtests.processes import kill, tree
from serve_app import embedded, haproxy
from serve_app.ports import free_port
from serve_app.serve_config import checked

CPUS = 4  # of a node; a replica takes a tenth, so any two nodes hold the whole service
STORE = 128 * 1024**2  # bytes of shared memory of a node: some hundred pictures
HEAD = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE}
# As k8s/base/environment.env has them: a dead node is noticed after three seconds instead of fifteen.
NOTICED = {
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_health_check_timeout_ms": "5000",
}


class Nodes:
    """The head, which holds no replica, and `count` nodes that do."""

    def __init__(self, cluster: Any, base_url: str, document: dict[str, Any], rng: random.Random) -> None:
        self.base_url, self.cluster = base_url, cluster
        self._document, self._rng = document, rng

    def lose_one(self) -> int:
        """kill -9 of every process of a node at once, and a fresh node in its place; how many processes died."""
        node = self._rng.choice(sorted(self.cluster.worker_nodes, key=id))
        dead = tree(node.all_processes["raylet"][0].process.pid)
        kill(dead)
        self.cluster.remove_node(node, allow_graceful=False)
        self.add()
        return len(dead)

    def add(self) -> None:
        self.cluster.add_node(num_cpus=CPUS, object_store_memory=STORE, wait=False)

    def update(self, change: Any) -> None:
        """Deploys the changed config and waits until it runs; `change` gets the config's one application."""
        change(self._document["applications"][0])
        embedded.deployed(self._document)
        embedded.ready(self.base_url, len(self._document["applications"][0]["deployments"]), lambda _: None)


@contextlib.contextmanager
def nodes(config: Path, count: int, home: Path, database_url: str, seed: int = 0) -> Iterator[Nodes]:
    """Runs the service; everything that it starts ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="vitrine-", dir="/tmp"))
    port = free_port()
    (folder / "ray").mkdir()  # where a cluster of this kind leaves its address
    own = {
        "RAY_TMPDIR": str(folder),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "VITRINE_DATABASE_URL": database_url,
    }
    document = checked(config.read_text("utf-8"))
    if document["proxy_location"] != "EveryNode":
        own |= haproxy.environment(folder)
    document["http_options"]["port"] = port
    document["applications"][0]["args"] |= {"home": str(home)}
    with embedded.environment(embedded.FOR_RAY | NOTICED | own):
        import ray
        from ray.cluster_utils import Cluster

        cluster = Cluster(initialize_head=True, head_node_args=HEAD | {"gcs_server_port": free_port()})
        try:
            made = Nodes(cluster, f"http://127.0.0.1:{port}", document, random.Random(seed))
            for _ in range(count):
                made.add()
            ray.init(address=cluster.address, logging_level="error", log_to_driver=False)
            embedded.deployed(document)
            embedded.ready(made.base_url, len(document["applications"][0]["deployments"]), lambda _: None)
            yield made
        finally:
            ray.shutdown()
            cluster.shutdown()
            shutil.rmtree(folder, ignore_errors=True)

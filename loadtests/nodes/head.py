"""The head of a cluster whose tables lie in Redis: all its processes die at once, and another head takes its place."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psutil

from loadtests import redis_server
from loadtests.nodes.cluster import HEAD, Nodes
from loadtests.processes import kill, tree

# What KubeRay gives workers whose head keeps its tables in Redis: they wait for a head this long, not for a minute.
WAITS_S = 600
STARTS = 3  # Ray gives a head's processes 30 s to come up, which a busy machine may need twice


@contextlib.contextmanager
def tables() -> Iterator[dict[str, str]]:
    """A Redis for the head's tables, as the environment that leads there."""
    with redis_server.running() as address:
        yield {"RAY_REDIS_ADDRESS": address, "RAY_gcs_rpc_server_reconnect_timeout_s": str(WAITS_S)}


class Head:
    """The head of running nodes; this process may hang on none of it when it dies, so it leaves the cluster."""

    def __init__(self, running: Nodes) -> None:
        self._running = running
        self._port = int(running.cluster.gcs_address.rsplit(":", 1)[1])  # where the other nodes look for it

    def lose(self) -> int:
        """kill -9 of GCS, raylet, Serve's controller and whatever else runs there; how many processes died."""
        import ray

        ray.shutdown()
        cluster = self._running.cluster
        dead = _processes(cluster.head_node)
        kill(dead)
        cluster.remove_node(cluster.head_node, allow_graceful=False)
        return len(dead)

    def start(self) -> None:
        """Another head at the same address, and this process back in the cluster."""
        import ray

        for left in reversed(range(STARTS)):
            before = set(psutil.Process().children(recursive=True))
            try:
                self._running.cluster.add_node(**HEAD, gcs_server_port=self._port)
            except Exception:  # what Ray raises here is a bare Exception
                kill([child for child in psutil.Process().children(recursive=True) if child not in before])
                if not left:
                    raise
            else:
                break
        ray.init(address=self._running.cluster.address, logging_level="error", log_to_driver=False)


def _processes(node: Any) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for started in (one for many in node.all_processes.values() for one in many):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += tree(started.process.pid)
    return found

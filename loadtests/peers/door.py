"""An application on a Ray of its own until the process is told to end."""

import argparse
import contextlib
import os
import shutil
import signal
import tempfile
import threading
from typing import Any


def port_of(about: str | None) -> int:
    """The one argument of a peer."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    return port


def serve_until_told(application: Any, port: int) -> None:
    """Stock Ray Serve on loopback; only the dashboard is left out, which serves nobody here."""
    import ray
    from ray import serve
    from ray.exceptions import RayError

    folder = tempfile.mkdtemp(prefix="peer-", dir="/tmp")  # Unix sockets allow 107 characters
    told = threading.Event()
    try:
        ray.init(
            address="local", num_cpus=max(4, os.cpu_count() or 1), include_dashboard=False, log_to_driver=False,
            _temp_dir=folder,
        )  # fmt: skip
        signal.signal(signal.SIGTERM, lambda *_: told.set())
        with contextlib.suppress(RayError):  # the controller starts a proxy again that was not ready in time
            serve.start(http_options={"host": "127.0.0.1", "port": port})
        serve.run(application, name="peer", route_prefix="/")
        while not told.wait(0.5):
            pass
    finally:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)

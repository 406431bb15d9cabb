"""The service that a load test starts for itself, in a session of its own."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from loadtests.processes import serving
from serve_app.ports import free_port

START_S = 600.0


@contextlib.contextmanager
def service(config: Path, home: Path) -> Iterator[tuple[str, int]]:
    """URL and session of a running service, which ends with the block."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "serve_app.cli", "serve", "--port", str(port), "--config", str(config)]
    with serving("the service", [*command, "--home", str(home)], f"{url}/healthz", START_S) as session:
        yield url, session

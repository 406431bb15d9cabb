"""The service that a load test starts for itself, in a session of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from loadtests.place import free_port

ROOT = Path(__file__).parents[2]
START_S, STOP_S = 600.0, 60.0


@contextlib.contextmanager
def service(config: Path, home: Path) -> Iterator[tuple[str, int]]:
    """URL and session of a running service, which ends with the block."""
    port = free_port()
    url, log = f"http://127.0.0.1:{port}", home / "service.log"
    command = [sys.executable, "-m", "serve_app.cli", "serve", "--port", str(port), "--config", str(config)]
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603
            [*command, "--home", str(home)], cwd=ROOT, stdout=written, stderr=written, start_new_session=True
        )
        try:
            _wait(url, process, log)
            yield url, process.pid
        finally:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a session of our own: nobody else's process is in it


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/healthz", timeout=10, trust_env=False).is_success:
                return
        time.sleep(0.5)
    raise SystemExit(f"the service did not start within {START_S:g} s:\n{log.read_text('utf-8', 'replace')[-4000:]}")

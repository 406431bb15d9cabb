"""Processes that a load test starts: in a session of their own, found, and ended."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parents[1]
STOP_S = 60.0
NOTHING: Mapping[str, str] = {}


@contextlib.contextmanager
def serving(
    name: str, command: Sequence[str], health: str, starts_in_s: float, environment: Mapping[str, str] = NOTHING
) -> Iterator[int]:
    """The session of a server, once the URL `health` answers; raises SystemExit with its last lines if it does not.

    Asked to end first: a Ray ends what it started only then.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env=os.environ | environment
        )
        try:
            if not _answers(health, process, starts_in_s):
                log.seek(0)
                said = log.read()[-4000:].decode(errors="replace")
                raise SystemExit(f"{name} did not start within {starts_in_s:g} s:\n{said}")
            yield process.pid
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a session of our own: nobody else's process is in it
            process.wait()


def living(session: int) -> Iterator[psutil.Process]:
    """The processes of a session: whatever a service started stays in the one that it was started in."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def tree(pid: int) -> list[psutil.Process]:
    """A process and all that it started, itself last; raises psutil.NoSuchProcess."""
    process = psutil.Process(pid)
    return [*process.children(recursive=True), process]


def kill(processes: Sequence[psutil.Process]) -> None:
    """kill -9; who has ended meanwhile has ended."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _answers(health: str, process: "subprocess.Popen[bytes]", starts_in_s: float) -> bool:
    until = time.monotonic() + starts_in_s
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(health, timeout=10, trust_env=False).is_success:
                return True
        time.sleep(0.5)
    return False

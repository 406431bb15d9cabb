"""The service as a process tree of its own, whose processes can be found by name and killed."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil

from loadtests.processes import ROOT, kill, living
from serve_app.ports import free_port

HEAD = ("gcs_server", "raylet")
LOOK_S = 0.5  # how often the supervisor looks after the head


class Supervisor:
    """Starts the service, and again whenever its head has died: what systemd or a container's runtime does.

    Everything that the service starts stays in its session, so no other process can be hit.
    """

    def __init__(self, config: Path, folder: Path, database_url: str) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "service.log"
        self.starts = 0
        command = ["serve", "--port", str(self.port), "--config", str(config), "--home", str(folder / "home")]
        self._command = [sys.executable, "-m", "serve_app.cli", *command]
        self._environment = os.environ | {"VITRINE_DATABASE_URL": database_url}
        self._folders: set[Path] = set()  # Ray's own, which nobody removes after a kill -9
        self._stopping = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._process = self._started()

    def pids(self, name: str) -> set[int]:
        """Living processes of the service by the title that Ray gives them, or by the name of their program."""
        return {process.pid for process in living(self._process.pid) if _named(process, name)}

    def kill(self, names: tuple[str, ...]) -> set[int]:
        """kill -9 of all processes of these names; which they were."""
        pids = set().union(*(self.pids(name) for name in names))
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return pids

    def _started(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own command
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def _watch(self) -> None:
        headed = False  # whether this start has come as far as a head
        while not self._stopping.wait(LOOK_S):
            whole = all(self.pids(name) for name in HEAD)
            if whole and not headed:
                self._folders |= {folder for pid in self.pids("gcs_server") for folder in _ray_folder(pid)}
            if (headed and not whole) or self._process.poll() is not None:
                self._end()
                self._process, headed = self._started(), False
            headed = headed or whole

    def _end(self) -> None:
        while left := list(living(self._process.pid)):
            kill(left)
            psutil.wait_procs(left, timeout=1)
        self._process.wait()

    def __enter__(self) -> "Supervisor":
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._watching.join()
        self._end()
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)


def _ray_folder(pid: int) -> Iterator[Path]:
    """Where the head with this gcs_server keeps sockets and logs: /tmp/vitrine-X of /tmp/vitrine-X/session_Y/logs."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for word in psutil.Process(pid).cmdline():
            if word.startswith("--log_dir="):
                yield Path(word.removeprefix("--log_dir=")).parents[1]


def _named(process: psutil.Process, name: str) -> bool:
    """A replica at work has its method behind its title."""
    with contextlib.suppress(psutil.NoSuchProcess):
        words = process.cmdline()
        return bool(words) and (words[0].split(".")[0] == name or Path(words[0]).name == name)
    return False

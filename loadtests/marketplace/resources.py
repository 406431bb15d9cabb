"""What the processes of a service hold: memory, descriptors, pages of the object store; Linux only."""

import contextlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from loadtests.processes import living

ROLES = ("ingress", "conductor", "translator", "extractor", "renderer", "scorer", "segmenter", "retoucher")
RAYS = ("gcs_server", "raylet", "ServeController", "HAProxyManager", "haproxy")  # of the rest, what may grow


@dataclass(frozen=True)
class Sample:
    """`at_s` from the first sample; bytes of anonymous memory per part and in all, descriptors, bytes of the object
    store that were ever touched (Ray keeps them until it ends). Pages of files are no growth: the kernel takes them
    back, and how many of them count depends on who else reads the same files."""

    at_s: float
    memory: dict[str, int]
    descriptors: int
    object_store: int

    @property
    def whole(self) -> int:
        return sum(self.memory.values())


class Sampler:
    """Looks every `every_s` seconds at all processes of a session, in a thread of its own."""

    def __init__(self, session: int, every_s: float) -> None:
        self._session, self._every_s = session, every_s
        self.samples: list[Sample] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Sampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        began = time.monotonic()
        while True:
            self.samples.append(looked(self._session, time.monotonic() - began))
            if self._stopping.wait(self._every_s):
                return


def looked(session: int, at_s: float) -> Sample:
    """All processes of a session as they stand."""
    memory, descriptors, store = dict.fromkeys((*ROLES, *RAYS, "rest"), 0), 0, 0
    for process in living(session):
        with contextlib.suppress(psutil.Error, OSError):
            title = " ".join(process.cmdline())
            memory[part(title)] += _field(Path(f"/proc/{process.pid}/smaps_rollup"), "Pss_Anon:")
            descriptors += process.num_fds()
            if "raylet" in title.split(" ", 1)[0]:
                store = _field(Path(f"/proc/{process.pid}/status"), "RssShmem:")
    return Sample(at_s, memory, descriptors, store)


def part(title: str) -> str:
    """A role, a process of Ray's, or `rest`, by a process's command line as Ray titles it."""
    program = title.split(" ", 1)[0]
    role = next((role for role in ROLES if f":{role}" in title), None)
    return role or next((name for name in RAYS if name in program), "rest")


def _field(file: Path, name: str) -> int:
    """Bytes of a line in kB."""
    for line in file.read_text("ascii").splitlines():
        if line.startswith(name):
            return 1024 * int(line.split()[1])
    return 0

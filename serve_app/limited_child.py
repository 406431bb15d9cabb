"""A process of our own that opens what strangers sent: whatever the file does to it, this process goes on."""

import json
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Any

import serve_app

GRACE_S = 2  # processor seconds between the limit that names itself (SIGXCPU) and the kernel's kill


class Child:
    """One run of a module; `out` is what it says, starting with one JSON document per line."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert isinstance(process.stdout, BufferedReader)
        self._process, self.out, self._late = process, process.stdout, threading.Event()

    def send(self, content: bytes) -> None:
        """Everything that it hears; a child that died does not listen."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(content)
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def message(self, most_bytes: int) -> Any:
        """The next line's document; None after the last one, and for half a line of a process that died."""
        try:
            return json.loads(self.out.readline(most_bytes))
        except (ValueError, RecursionError):
            return None

    def was_slow(self) -> bool:
        """Whether it was ended for taking too long, by the clock or by the processor; waits until it has ended."""
        return self._process.wait() == -signal.SIGXCPU or self._late.is_set()

    def stop(self) -> None:
        self._late.set()
        self._process.kill()


@contextmanager
def running(module: str, *arguments: str, within_s: float) -> Iterator[Child]:
    """`python -m module arguments`, killed after `within_s` seconds and at the end of the block."""
    with subprocess.Popen(  # noqa: S603 - our own module; a stranger's words are an argument, not a command
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(Path(serve_app.__file__).parent.parent), "LC_ALL": "C.UTF-8"},
    ) as process:
        child = Child(process)
        timer = threading.Timer(within_s, child.stop)
        timer.daemon = True
        timer.start()
        try:
            yield child
        finally:
            timer.cancel()
            process.kill()


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """For the child, before it opens anything: address space, processor seconds, and no file of any kind written."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + GRACE_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

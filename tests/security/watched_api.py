"""The API of doubles in a process of its own, watched from outside: its memory, and every address it connects to.

Started as `python watched_api.py FOLDER PORT`; PORT is let through for one address of loopback, so that only the check
of addresses stands between every other URL and it.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LET_THROUGH = "127.0.0.2"
PLACES = [str(ROOT), str(ROOT / "tests/service"), str(ROOT / "tests/security")]


@dataclass(frozen=True, slots=True)
class Watched:
    """`folder` holds the list of what the process connected to."""

    url: str
    secret: str
    process: int
    folder: Path

    def connected(self) -> list[str]:
        """Addresses, in the order of the attempts."""
        file = self.folder / "connected"
        return file.read_text("utf-8").splitlines() if file.exists() else []

    @contextlib.contextmanager
    def growth(self) -> Iterator[list[float]]:
        """MB that the process needed at most above what it held at the start; the list has them after the block."""
        grown: list[float] = []
        before = self._kilobytes("VmRSS")
        (Path("/proc") / str(self.process) / "clear_refs").write_text("5")  # the peak starts anew from here
        yield grown
        grown.append((self._kilobytes("VmHWM") - before) / 1024)

    def _kilobytes(self, field: str) -> int:
        lines = (Path("/proc") / str(self.process) / "status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(field))


@contextlib.contextmanager
def watched(folder: Path, port: int) -> Iterator[Watched]:
    """A running API; stopped with the block."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(PLACES)}
    with subprocess.Popen(
        [sys.executable, __file__, str(folder), str(port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told: dict[str, Any] = json.loads(process.stdout.readline())
        try:
            yield Watched(told["url"], told["secret"], process.pid, folder)
        finally:
            process.communicate(timeout=60)


def main() -> None:
    """Serves until stdin ends."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])

    def heard(event: str, given: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            with (folder / "connected").open("a", encoding="utf-8") as out:
                out.write(f"{given[1]}\n")

    sys.addaudithook(heard)
    from hostile_urls import resolve
    from over_http import on_loopback

    from serve_app.outbound import Outbound

    outbound = Outbound(allow={(LET_THROUGH, port)}, resolve=resolve)
    with on_loopback(folder, outbound) as (url, secret):
        print(json.dumps({"url": url, "secret": secret}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
